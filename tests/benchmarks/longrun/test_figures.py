"""Figures of a long run by hand, and silly arms that must not win by them."""

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.longrun.figures import ArmLog, figures

DAYS, ACCOUNTS = 28, 40
NAMES = ("sessions", "taken", "page_plays", "search_plays", "new_plays", "playless")


def arm(hours: float, later_hours: float, lost: int = 0, shown: tuple[int, ...] = (1, 1)) -> ArmLog:
    """Every account watches so many hours a day in the first half, and others in the second."""
    rng = np.random.default_rng(1)
    day = np.repeat(np.arange(DAYS), ACCOUNTS)
    mean = np.where(day < DAYS // 2, hours, later_hours)
    counts = {name: np.ones(len(day), np.int64) for name in NAMES}
    counts["playless"] = np.zeros(len(day), np.int64)
    measures = pa.table(
        {
            "account_id": np.tile([f"a{n}" for n in range(ACCOUNTS)], DAYS),
            "day": pa.array(day, pa.int32()),
            "seconds": (3600 * mean * rng.uniform(0.9, 1.1, len(day))).astype(np.int64),
            **counts,
        }
    )
    return ArmLog(measures, np.array(shown), [0.5], 12, 3.0, lost, ACCOUNTS)


def found(**arms: ArmLog) -> dict[str, dict[str, float]]:
    return figures(arms, 2, DAYS)  # type: ignore[return-value]


def test_hours_titles_and_members_by_hand():
    template = found(template=arm(1.0, 1.0, lost=3))["template"]
    assert template["hours"] == pytest.approx(DAYS * ACCOUNTS, rel=0.02)
    assert template["finished_titles"] == 10
    assert template["members_lost"] == 3
    assert template["days_with_play"] == DAYS * ACCOUNTS
    assert template["exposure_gini"] == 0


def test_an_arm_that_sells_out_early_does_not_gain():
    """Hours of the first half are not in the gain: who empties Continue Watching pays for it later."""
    greedy = found(template=arm(1.0, 1.0), stagewise=arm(3.0, 0.9))["stagewise"]
    assert greedy["hours_gain"] == pytest.approx(-0.1, abs=0.02)
    assert greedy["hours_gain_high"] < 0


def test_members_that_leave_count_as_hours_that_are_missing():
    """Weeks without anybody stay in the mean: only the watching who are left would be no loss."""
    template, left = arm(1.0, 1.0), arm(1.0, 1.0)
    stays = np.array(
        [int(name[1:]) < ACCOUNTS // 2 for name in left.measures["account_id"].to_pylist()]
    )
    early = left.measures["day"].to_numpy() < DAYS // 2
    left = left._replace(measures=left.measures.filter(pa.array(stays | early)))
    assert found(template=template, stagewise=left)["stagewise"]["hours_gain"] < -0.4


def test_one_title_for_everybody_is_seen_in_the_gini():
    template = found(template=arm(1.0, 1.0, shown=(1, 1, 1, 97)))["template"]
    assert template["exposure_gini"] > 0.7
