"""Measures of sessions by hand, and silly pages that must not win by them."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.page.outcomes import (
    MEASURES,
    arm_figures,
    ceiling_arm,
    ceiling_figures,
    measure_sums,
    session_counts,
    wins,
)
from simulator import days
from simulator.arrays import IN_PROGRESS
from simulator.records import states_of
from tests.simulator.small import small_world
from tests.simulator.worlds import legal_for, observed, past, people, published, settings, states

COLUMNS, ROWS, DRAWS = 8, 6, 12


def sessions(rates: dict[str, tuple[float, float]]) -> pa.Table:
    rows = []
    for arm, (taken, new) in rates.items():
        for number in range(60):
            counts = {"taken": 10 * taken, "new_plays": 10 * new, "young_plays": 0.0}
            counts |= {"quality_plays": 1.0, "seconds": 6000.0, "sessions": 10.0}
            rows.append({"account_id": f"a{number}", "day": number % 3, "arm": arm, **counts})
    return pa.Table.from_pylist(rows)


def test_measures_are_counts_for_each_session() -> None:
    lived = sessions({"template": (0.5, 0.2), ceiling_arm("new_plays"): (0.4, 0.6)})
    sums = {measure: measure_sums(lived, measure) for measure in MEASURES}
    figures = arm_figures(sums, "template")
    assert figures["play_rate"] == pytest.approx(0.5)
    assert figures["new_plays"] == pytest.approx(0.2)
    assert figures["minutes"] == pytest.approx(10)


def test_each_measure_has_a_ceiling_of_its_own() -> None:
    arms = {ceiling_arm(name): (0.1, 0.1) for name in ("play_rate", "new_plays", "minutes")}
    arms[ceiling_arm("new_plays")] = (0.2, 0.4)
    lived = sessions(arms | {"template": (0.5, 0.2)})
    figures = ceiling_figures({measure: measure_sums(lived, measure) for measure in MEASURES})
    assert (figures["play_rate"], figures["new_plays"]) == pytest.approx((0.1, 0.4))
    assert figures["new_plays_gain"] == pytest.approx(1)


def test_who_finds_more_but_loses_what_members_came_for_does_not_win() -> None:
    lived = sessions({"template": (0.5, 0.2), "good": (0.5, 0.3), "greedy": (0.4, 0.6)})
    sums = {measure: measure_sums(lived, measure) for measure in MEASURES}
    assert wins(sums, "good")
    assert not wins(sums, "greedy")
    assert not wins(sums, "template")


@cache
def orders() -> dict[str, list[list[list[str]]]]:
    """Pages of the small world: begun above popular, the same without begun, and unplayed junk."""
    index = past()["index"].to_numpy()
    who, memories = people(index), states_of(past()["state"])
    legal, ids = legal_for(small_world(), who, 0), np.array(small_world().title_ids)
    pages: dict[str, list[list[list[str]]]] = {"template": [], "hides": [], "junk": []}
    for p in range(len(index)):
        entries = memories.entries[memories.first[p] : memories.first[p + 1]]
        begun = entries[entries["status"] == IN_PROGRESS]["title"][::-1]
        begun = begun[legal[p, begun]][:COLUMNS]
        order = np.argsort(-observed()[who.country[p]], kind="stable")
        unplayed = order[legal[p, order] & ~np.isin(order, entries["title"])]
        grid = [unplayed[c : c + COLUMNS] for c in range(0, COLUMNS * ROWS, COLUMNS)]
        junk = [unplayed[::-1][c : c + COLUMNS] for c in range(0, COLUMNS * ROWS, COLUMNS)]
        named = {"template": [begun, *grid], "hides": grid, "junk": junk}
        for arm, rows in named.items():
            pages[arm].append([ids[row].tolist() for row in rows if len(row)])
    return pages


@cache
def lived() -> pa.Table:
    profiles = past().select(["index", "account_id", "profile_id"])
    parts = []
    for arm, pages in orders().items():
        table = published(profiles["index"].to_numpy(), pages)
        for draw in range(DRAWS):
            outcome = days.day_outcome(
                small_world(),
                settings(),
                0,
                states(past()),
                table,
                observed(),
                replication=draw,
            )
            parts.append(session_counts(outcome, profiles, arm, 0))
    return pa.concat_tables(parts)


def test_silly_pages_do_not_win_by_these_measures() -> None:
    """Hiding what is begun sells novelties and is caught by the guard, whatever the novelties are."""
    sums = {measure: measure_sums(lived(), measure) for measure in MEASURES}
    hides = sums["new_plays"].gain("hides", "template")
    assert hides.low > 0, "the yardstick alone would fall for it"
    assert sums["play_rate"].gain("hides", "template").high < 0
    assert not wins(sums, "hides")
    assert sums["new_plays"].gain("junk", "hides").high < 0, "junk sells less than what is popular"
    assert sums["play_rate"].gain("junk", "template").high < 0
    assert not wins(sums, "junk")
