"""Flat trees score as the model they came from."""

import lightgbm as lgb
import numba
import numpy as np
import pytest

from conf.errors import Rejected
from models.page.layout.trees import ABSENT, forest, forest_score, no_trees, renumbered


@numba.njit
def all_grown(trees, rows):  # type: ignore[no-untyped-def]
    out = np.empty(len(rows))
    for r in range(len(rows)):
        out[r] = forest_score(trees, rows[r])
    return out


def trained(objective: str = "poisson", **more: object) -> tuple[lgb.Booster, np.ndarray]:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(400, 5)).astype(np.float32)
    y = np.exp(x[:, 0]) * (x[:, 1] > 0)
    told = {
        "objective": objective,
        "num_leaves": 7,
        "verbosity": -1,
        "min_data_in_leaf": 5,
        "seed": 1,
    } | more
    return lgb.train(
        told, lgb.Dataset(x, y, categorical_feature=more.get("categorical_feature", "auto")), 30
    ), x


def test_flat_trees_score_as_the_model_does() -> None:
    booster, x = trained()
    assert all_grown(forest(booster), x) == pytest.approx(
        booster.predict(x, raw_score=True), abs=1e-9
    )


def test_no_trees_add_nothing_and_a_single_leaf_its_value() -> None:
    assert all_grown(no_trees(), np.ones((2, 3), np.float32)).tolist() == [0, 0]
    booster, x = trained(min_data_in_leaf=400)  # nothing can be split
    assert all_grown(forest(booster), x) == pytest.approx(
        booster.predict(x, raw_score=True), abs=1e-9
    )


def test_splits_by_category_are_rejected() -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(0, 9, size=(400, 2)).astype(np.float64)
    data = lgb.Dataset(x, np.isin(x[:, 0], [1, 4, 8]).astype(float), categorical_feature=[0, 1])
    booster = lgb.train({"objective": "binary", "verbosity": -1, "min_data_in_leaf": 5}, data, 5)
    with pytest.raises(Rejected, match="only numeric features"):
        forest(booster)


def test_trees_of_columns_that_moved_or_are_gone_score_as_if_they_were_there_and_zero() -> None:
    booster, x = trained()
    trees = forest(booster)
    moved = x[:, [3, 4, 0, 1, 2]]
    expected = booster.predict(x, raw_score=True)
    assert all_grown(renumbered(trees, [2, 3, 4, 0, 1]), moved) == pytest.approx(expected, abs=1e-9)
    without = x.copy()
    without[:, 1] = 0
    expected = booster.predict(without, raw_score=True)
    assert all_grown(renumbered(trees, [0, ABSENT, 2, 3, 4]), x) == pytest.approx(
        expected, abs=1e-9
    )
