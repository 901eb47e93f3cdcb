from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from simulator import days
from simulator.arrays import NOT_YET
from simulator.members import members
from simulator.records import states_array, states_of
from simulator.truth import NEVER
from tests.simulator.small import small_world
from tests.simulator.worlds import ACCOUNTS, observed, past, records, settings, states, with_terms


def with_levels(level: float, found: float = 0.0) -> pa.Table:
    """The states after the past, but for a level and what was found on the last day."""
    kept = states_of(past()["state"])
    kept.standings["level"], kept.standings["found"] = level, found
    kept.standings["left"] = NEVER
    return pa.table({"index": past()["index"], "state": states_array(kept)})


def sessions(before: pa.Table, of=None) -> int:
    out = days.day_outcome(small_world(), of or settings(), 0, before, None, observed())
    return pc.sum(records(out, "measures")["sessions"]).as_py()


@cache
def untouched():
    """Nobody leaves, so that only how often members come is seen."""
    return with_terms("returns", monthly=0.0)


def test_the_level_is_a_decaying_mean_of_what_was_found_beside_what_is_usual():
    out = days.day_outcome(
        small_world(), untouched(), 0, with_levels(0.6, found=2.0), None, observed()
    )
    returns, who = settings().returns, members(small_world(), settings(), 0, ACCOUNTS)
    felt = np.exp(-1 / returns.days)
    wanted = 0.6 * felt + (1 - felt) * 2.0 / (returns.usual * who.sessions)
    there = (who.join_day < 0) & (who.cancel_day > 0)
    standings = states_of(out["state"]).standings
    assert standings["level"][there] == pytest.approx(wanted[there], rel=1e-5)
    assert (standings["day"][there] == 0).all()
    assert (standings["day"][who.join_day > 0] == NOT_YET).all()


def test_what_is_found_counts_titles_watched_far_and_new_ones_more():
    out = days.day_outcome(small_world(), untouched(), 0, with_levels(1.0), None, observed())
    found = states_of(out["state"]).standings["found"]
    quality = records(out, "measures")["quality_plays"].to_numpy()
    there = states_of(out["state"]).standings["day"] == 0
    assert (found[there] >= quality[there] - 1e-5).all()
    assert (found[there] <= (1 + settings().returns.fresh) * quality[there] + 1e-5).all()
    assert found.sum() > quality.sum() > 20


def test_members_come_more_often_by_the_power_of_the_level():
    returns = settings().returns
    many, few, fewest = (sessions(with_levels(level), untouched()) for level in (2.0, 0.5, 0.001))
    assert many / few == pytest.approx(4.0**returns.gain, rel=0.2)
    assert few > fewest, "the least level is below one half"
    assert sessions(with_levels(0.01), untouched()) == pytest.approx(fewest, rel=0.05)


def test_whoever_finds_little_is_likelier_to_leave_and_never_comes_again():
    hasty = with_terms("returns", monthly=0.3)
    left = {}
    for level in (0.4, 1.6):
        out = days.day_outcome(small_world(), hasty, 0, with_levels(level), None, observed())
        standings = states_of(out["state"]).standings
        is_gone = standings["left"] == 0
        left[level] = is_gone.sum()
        counts = records(out, "measures")["sessions"].to_numpy()
        assert (counts[is_gone] == 0).all()
        assert (out["left"].to_numpy()[is_gone] <= 0).all()
        later = days.day_outcome(small_world(), hasty, 1, states(out), None, observed())
        assert (records(later, "measures")["sessions"].to_numpy()[is_gone] == 0).all()
    assert left[0.4] > left[1.6]
    assert left[0.4] > 10


def test_every_page_that_is_compared_meets_the_same_number_of_sessions():
    arms = ("pipeline", "popular", "oracle")
    out = days.day_outcome(
        small_world(), settings(), 0, states(past()), None, observed(), arms=arms
    )
    counts = records(out, "measures")["sessions"].to_numpy().reshape(-1, 3)
    assert (counts == counts[:, :1]).all() and counts.sum() > 300
