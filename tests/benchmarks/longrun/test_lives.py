"""Two days of two arms in a small world: pages, what members do, and what is known the day after."""

from functools import cache

import numpy as np
import pytest

from benchmarks.longrun import lives
from benchmarks.longrun.figures import arm_log, day_stability, figures
from benchmarks.longrun.lives import Beginning, Life, beginning, lived_days
from benchmarks.temporal.ours import Ours
from conf.rankers import RankerSettings, ranker_settings
from simulator.records import states_of
from tests.simulator.small import small_settings, small_world

ACCOUNTS, DAYS = 40, 2


def small_ranker(_self: Ours, name: str, _change: object) -> RankerSettings:
    return ranker_settings(name).model_copy(update={"trees": 5, "models": 1, "threads": 1})


@cache
def start() -> Beginning:
    settings = small_settings().model_copy(update={"accounts": ACCOUNTS, "past_days": 28})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ours, "ranker", small_ranker)
        return beginning(small_world(), settings, lambda _: None)


@cache
def lived(arm: str) -> Life:
    return list(lived_days(start(), arm, DAYS))[-1]


@pytest.mark.parametrize("arm", ["stagewise", lives.BASELINE])
def test_an_arm_lives_its_days_on_its_own_pages(arm):
    life = lived(arm)
    assert len(life.measures) == DAYS
    assert sum(sum(day["page_plays"].to_pylist()) for day in life.measures) > 10
    assert life.log.events.height > start().log.events.height
    assert life.shown.sum() > 500


def test_all_arms_meet_the_same_sessions_until_what_was_found_changes_who_comes_back():
    first_days = [
        lived(arm).measures[0]["sessions"].to_pylist() for arm in ("stagewise", lives.BASELINE)
    ]
    assert first_days[0] == first_days[1]
    assert sum(first_days[0]) > 20


def test_nothing_is_shown_that_cannot_be_played():
    for arm in ("stagewise", lives.BASELINE):
        seen, illegal = (
            sum(sum(day[name].to_pylist()) for day in lived(arm).measures)
            for name in ("seen", "illegal_seen")
        )
        assert illegal < 0.02 * seen, "a window that ends overnight, and no more"


def test_continue_watching_on_the_baseline_is_what_the_world_remembers():
    """The row of the second day holds titles that the profile played before, in the world's memory."""
    life = lived(lives.BASELINE)
    page_rows = lives.daily_pages(start(), life, DAYS).to_pylist()
    memories = states_of(life.states["state"])
    place = {name: number for number, name in enumerate(life.outcome["profile_id"].to_pylist())}
    ids = np.array(start().world.title_ids)
    begun = [row for row in page_rows if row["row_kind"] == "continue_watching"]
    assert len(begun) > 10
    for row in begun:
        number = place[row["profile_id"]]
        entries = memories.entries[memories.first[number] : memories.first[number + 1]]
        known = set(ids[entries["title"]])
        assert {cell["title_id"] for cell in row["cells"]} <= known


def test_figures_of_both_arms():
    logs = {
        arm: arm_log(lived(arm), [day_stability(lived(arm))], DAYS)
        for arm in ("stagewise", lives.BASELINE)
    }
    found = figures(logs, 0, DAYS)
    assert 0 < found["stagewise"]["stability"] <= 1
    assert all(0 < found[arm]["exposure_gini"] < 1 for arm in logs)
