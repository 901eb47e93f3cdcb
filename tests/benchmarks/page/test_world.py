"""Play rates of builders by hand, and what counts as played without a page."""

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.page.figures import BUILDERS, REPEATS
from benchmarks.page.outcomes import ceiling_arm
from benchmarks.page.world import _add_plays, _relevant, outcome_figures
from benchmarks.page.world_day import rows_of_profiles

RATES = {
    "template": 0.5,
    "independent": 0.5,
    "stagewise": 0.6,
    "oracle": 0.8,
    "popular": 0.4,
    "baseline": 0.4,
    **{ceiling_arm(measure): 0.8 for measure in ("play_rate", "new_plays", "minutes")},
}


def sessions():
    rows = [
        {
            "account_id": f"a{number}",
            "day": number % 2,
            "arm": arm,
            "taken": 10 * rate,
            "new_plays": 5 * rate,
            "young_plays": rate,
            "quality_plays": 5 * rate,
            "seconds": 6000 * rate,
            "sessions": 10.0,
        }
        for arm, rate in RATES.items()
        for number in range(60)
    ]
    return pa.Table.from_pylist(rows)


def test_measures_gains_and_the_gaps_closed() -> None:
    day = {builder: {REPEATS: np.zeros(3), "diversity": np.ones(3)} for builder in BUILDERS}
    figures = outcome_figures(sessions(), [day, day])
    stagewise = figures["stagewise"]
    assert stagewise["play_rate"] == pytest.approx(0.6)
    assert stagewise["gap_closed"] == pytest.approx(0.5)
    assert stagewise["diversity"] == 1
    assert stagewise["new_plays_gain"] == pytest.approx(0.2)
    assert stagewise["minutes_gain_over_baseline"] == pytest.approx(0.5)
    assert stagewise["gap_closed_new_plays"] == pytest.approx(0.5)
    assert figures["gap_closed_new_plays"] == stagewise["gap_closed_new_plays"]
    assert figures["ceiling"]["minutes"] == pytest.approx(8)
    assert figures["play_rate_gain"] == pytest.approx(0.2)
    assert figures["sessions"] == 600


def test_only_plays_of_titles_in_the_catalogue_are_relevant() -> None:
    events = [
        [{"kind": "play", "title_id": "t1"}, {"kind": "search", "title_id": "t0"}],
        [{"kind": "play", "title_id": "gone"}],
    ]
    outcome = pa.table({"profile_id": ["ann", "bob"], "events": events})
    searches = {"ann": set(), "bob": set()}
    _add_plays(outcome, searches)
    assert _relevant(["ann", "bob"], ["t0", "t1"], searches).tolist() == [[0, 1], [0, 0]]


def test_rows_of_some_profiles() -> None:
    page_rows = pa.table({"profile_id": ["ann", "bob", "ann"], "row_position": [1, 1, 2]})
    assert rows_of_profiles(page_rows, ["ann"])["row_position"].to_pylist() == [1, 2]
