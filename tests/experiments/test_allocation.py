"""Allocation: stable, even, additive in its ramp, apart where declared and independent elsewhere."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from conf.experiments import Cell, Experiment, Experiments, Layer, Metric
from experiments.allocation import NOBODY, Units, allocation, cells_of, uniforms

START = date(2026, 1, 5)
CELLS = {
    "control": Cell(share=0.5),
    "other": Cell(share=0.3, changes={"pages.builder": "template"}),
}
LAYERS = {"page": Layer(exclusive=True), "free": Layer(exclusive=False)}
PLAYS = {"plays": Metric(about="plays", of="plays")}


def experiment(**terms: object) -> Experiment:
    given = {
        "about": "a test",
        "layer": "page",
        "start": START,
        "end": START + timedelta(days=14),
        "metric": "plays",
        "size": 10,
        "cells": CELLS,
        "kids": "include",
    }
    return Experiment.model_validate(given | terms)


def declared(**experiments: Experiment) -> Experiments:
    return Experiments(layers=LAYERS, metrics=PLAYS, experiments=experiments)


@pytest.fixture(scope="module")
def units() -> Units:
    size = 20_000
    ids = np.arange(size)
    return Units.of(
        pa.table(
            {
                "profile_id": [f"p{n}" for n in ids],
                "account_id": [f"a{n // 2}" if n % 50 else None for n in ids],
                "kids": [n % 4 == 1 for n in ids],
                "tenure_days": pa.array(
                    [None if n % 10 == 0 else n % 100 for n in ids], pa.float64()
                ),
            }
        )
    )


def cells(units, day=START, exclusive=True, name="calm", **terms):
    return cells_of(name, experiment(**terms), exclusive, units, day)


def test_cells_depend_on_ids_alone_not_on_order_or_company(units):
    shuffled = np.random.default_rng(1).permutation(len(units.profile_id))[:7000]
    part = Units(*(column.take(pa.array(shuffled)) for column in vars(units).values()))
    assert (cells(part) == cells(units)[shuffled]).all()


def test_an_account_is_in_one_cell_and_shares_are_as_declared(units):
    drawn = cells(units)
    by_account: dict[str, set[str]] = {}
    for account, cell in zip(units.account_id.to_pylist(), drawn, strict=True):
        by_account.setdefault(account, set()).add(cell)
    assert all(len(each) == 1 for each in by_account.values())
    owners = np.array([next(iter(each)) for each in by_account.values()], object)
    for name, share in (("control", 0.5), ("other", 0.3), (NOBODY, 0.2)):
        error = 4 * np.sqrt(share * (1 - share) / len(owners))
        assert abs((owners == name).mean() - share) < error
    assert len(
        set(zip(units.account_id.to_pylist(), cells(units, unit="profile"), strict=True))
    ) > len(by_account)


def test_a_ramp_only_adds_and_moves_nobody(units):
    ramp = {START + timedelta(days=n): share for n, share in enumerate((0.0, 0.05, 0.3, 1.0))}
    days = [cells(units, START + timedelta(days=n), ramp=ramp) for n in range(5)]
    assert (days[0] == NOBODY).all()
    for before, after in pairwise(days):
        assert (after == before)[before != NOBODY].all()
    counts = [(day != NOBODY).mean() / 0.8 for day in days]
    assert np.allclose(counts, [0, 0.05, 0.3, 1, 1], atol=0.02)
    for day in days[2:]:
        members = day[day != NOBODY]
        assert abs((members == "control").mean() - 0.625) < 0.03, "shares hold whatever the ramp"


def test_nobody_is_in_two_experiments_of_an_exclusive_layer(units):
    low, high = experiment(slice=(0.0, 0.4)), experiment(slice=(0.4, 1.0), unit="profile")
    both = allocation(declared(), {"low": low, "high": high}, units, START)
    in_low, in_high = (both[name] != NOBODY for name in ("low", "high"))
    accounts = np.array(units.account_id.to_pylist())
    assert not set(accounts[in_low]) & set(accounts[in_high])
    assert in_low.any()
    assert in_high.any()


def test_layers_are_independent(units):
    half = {"control": Cell(share=0.5), "other": CELLS["other"].model_copy(update={"share": 0.5})}
    both = allocation(
        declared(),
        {
            "one": experiment(cells=half),
            "two": experiment(cells=half, layer="free", unit="profile"),
        },
        units,
        START,
    )
    assert chi_squared(*(both[name] == "control" for name in ("one", "two"))) < 15
    # the ids of accounts and of profiles are hashed alike, so equal ids show what the salts do
    salts = uniforms(units.profile_id, "layer/page"), uniforms(units.profile_id, "layer/free/two")
    assert abs(np.corrcoef(*salts)[0, 1]) < 0.03


def test_experiments_of_one_layer_that_is_not_exclusive_are_independent(units):
    half = {"control": Cell(share=0.5), "other": CELLS["other"].model_copy(update={"share": 0.5})}
    alike = {name: experiment(cells=half, layer="free") for name in ("one", "two")}
    both = allocation(declared(), alike, units, START)
    assert chi_squared(*(both[name] == "control" for name in alike)) < 15


def chi_squared(one: np.ndarray, two: np.ndarray) -> float:
    """Of a table of two by two; above 15 is p < .0001 where nothing depends on the other."""
    table = np.array(
        [[(one & two).sum(), (one & ~two).sum()], [(~one & two).sum(), (~one & ~two).sum()]]
    )
    expected = table.sum(1, keepdims=True) * table.sum(0) / table.sum()
    return ((table - expected) ** 2 / expected).sum()


def test_the_holdout_is_in_no_experiment_and_grows_by_adding(units):
    small = allocation(
        Experiments(layers=LAYERS, metrics=PLAYS, holdout=0.1), {"one": experiment()}, units, START
    )["one"]
    free = cells(units, name="one")
    held_out = uniforms(units.account_id, "holdout") < 0.1
    assert (small[held_out] == NOBODY).all()
    assert (small[~held_out] == free[~held_out]).all()
    assert abs(held_out.mean() - 0.1) < 0.02


def test_kids_and_new_members_take_part_as_declared(units):
    kids = np.array(units.kids.to_pylist())
    assert (cells(units, kids="exclude")[kids] == NOBODY).all()
    assert (cells(units, kids="only")[~kids] == NOBODY).all()
    assert (cells(units, kids="only")[kids] == cells(units)[kids]).all()
    is_new = units.tenure_days.fill_null(-1).to_numpy() < 30
    assert (cells(units, new="exclude")[is_new] == NOBODY).all()
    assert (cells(units, new="only")[~is_new] == NOBODY).all()


def test_nobody_leaves_by_growing_older(units):
    days = 10
    older = Units(
        units.profile_id, units.account_id, units.kids, pa.compute.add(units.tenure_days, days)
    )
    later = START + timedelta(days=days)
    for rule in ("only", "exclude"):
        known = units.tenure_days.is_valid().to_numpy(zero_copy_only=False)
        assert (cells(older, later, new=rule) == cells(units, START, new=rule))[known].all()


def test_an_experiment_is_over_on_its_last_day(units):
    running = {"one": experiment()}
    assert allocation(declared(), running, units, START + timedelta(days=14)) == {}
    assert allocation(declared(), running, units, START - timedelta(days=1)) == {}
