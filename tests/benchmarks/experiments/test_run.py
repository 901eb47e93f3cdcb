"""A few variants before 40 accounts of a small world: pages, lives, both kinds of test, figures."""

import json
from functools import cache

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.experiments import run
from benchmarks.experiments.interleaved import Interleaved, Interleaver, position_fairness_p
from benchmarks.experiments.lives import Members, lived, members_of
from benchmarks.experiments.variants import (
    ALIKE,
    CONTROL,
    VARIANTS,
    Variant,
    changed_layout,
    end_of_past,
)
from conf.pages import pages
from experiments.interleaving.draft import FIRST, NEITHER, SECOND
from tests.benchmarks.longrun.test_lives import start

CHOSEN = tuple(
    v for v in VARIANTS if v.name in (CONTROL, "popular_grid", "upside_down", "template")
)


@cache
def people() -> Members:
    return members_of(end_of_past(start()))


@cache
def page_rows(name: str):
    return people().past.pages(next(v for v in VARIANTS + ALIKE if v.name == name))


@cache
def drafted() -> Interleaved:
    return Interleaver(page_rows(CONTROL), page_rows("template")).drafted((0, 0))


def test_variants_live_the_same_sessions():
    sessions = [lived(people(), page_rows(v.name), range(2))["sessions"] for v in CHOSEN]
    assert sessions[0].sum() > 20
    assert all((other == sessions[0]).all() for other in sessions[1:])


def test_a_change_is_read_by_the_same_checks():
    assert changed_layout(VARIANTS[0]) == pages()
    changed = changed_layout(Variant("x", choice={"search": {"rows": 0}}))
    assert (changed.choice.search.rows, changed.choice.search.width) == (
        0,
        pages().choice.search.width,
    )
    with pytest.raises(ValueError, match="extra"):
        changed_layout(Variant("x", {"bilder": "template"}))


def test_upside_down_is_the_same_rows_from_the_last():
    one, other = page_rows(CONTROL).to_pylist(), page_rows("upside_down").to_pylist()
    first = one[0]["profile_id"]
    ids = [[row["row_id"] for row in rows if row["profile_id"] == first] for rows in (one, other)]
    assert ids[0] == ids[1][::-1]


def test_an_interleaved_page_keeps_the_first_screens():
    rows = drafted().page_rows
    seen: dict[str, set[str]] = {}
    for row in rows.to_pylist():
        if row["row_position"] > len(pages().screen) or row["row_kind"] in (
            "continue_watching",
            "my_list",
        ):
            continue
        width = pages().screen[row["row_position"] - 1]
        titles = {cell["title_id"] for cell in row["cells"][:width]}
        assert not titles & seen.setdefault(row["profile_id"], set())
        seen[row["profile_id"]] |= titles
    assert {NEITHER, FIRST, SECOND} == {
        team for teams in drafted().teams.values() for team in teams
    }


def test_fair_pages_are_taken_for_fair_and_others_are_not():
    interleaver = Interleaver(page_rows(CONTROL), page_rows("template"))
    assert position_fairness_p([interleaver.drafted((0, day)) for day in range(3)]) > 0.001
    unfair = [Interleaved(page_rows(CONTROL), {"a": [FIRST, SECOND] * 6}) for _ in range(14)]
    assert position_fairness_p(unfair) < 1e-6


@pytest.mark.slow
def test_figures():
    found = run.figures(people(), CHOSEN, 2, 10, lambda _: None)
    known = {**found["pairs_known"], **found["pairs_not_known"]}
    assert {"popular_grid", "upside_down", "template"} == set(known)
    assert 0.3 < found["aa_interleaving_preference"] < 0.7
    assert found["rollback_s"] == "not measured"
    assert "play_rate" in found["offline_online_spearman"]["recall_6x6"]
    assert np.isfinite(found["smallest_effect_told"])
    json.dumps(found)


def test_the_help_has_an_example():
    assert (
        "bench experiments --members 40" in CliRunner().invoke(run.experiments, ["--help"]).output
    )
