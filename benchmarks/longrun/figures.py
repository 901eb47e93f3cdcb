"""Figures of a long run: what each arm's members got over its days, and what builders gain by it."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.longrun.lives import Life
from benchmarks.page.figures import TEMPLATE
from experiments.metrics.arms import ArmSums, arm_sums
from experiments.metrics.catalogue import gini
from experiments.metrics.page import mean_over_pages, page_stability
from simulator.arrays import FINISHED, IN_PROGRESS
from simulator.records import states_of

WEEK_DAYS = 7


class ArmLog(NamedTuple):
    """What is kept of an arm's days."""

    measures: pa.Table  # by profile and day, as `lives.day_measures` has them
    shown: NDArray[np.int64]  # (t,) how often each title came into view
    stability: list[float]  # of each day's first screens with those of the day before
    finished: int  # titles that profiles have finished, each once for a profile
    begun: float  # titles in progress, the mean of profiles
    lost: int  # members on the first day who left before the last one was over
    members: int  # on the first day


def arm_log(life: Life, stability: list[float], days: int) -> ArmLog:
    """What is kept of an arm that has lived its days."""
    entries = states_of(life.states["state"]).entries
    joined, left = (life.outcome[name].to_numpy() for name in ("joined", "left"))
    is_first = (joined <= 0) & (left > 0)
    return ArmLog(
        pa.concat_tables(life.measures),
        life.shown,
        stability,
        int(np.count_nonzero(entries["status"] == FINISHED)),
        float(np.count_nonzero(entries["status"] == IN_PROGRESS) / max(1, len(life.states))),
        int(np.count_nonzero(is_first & (left <= days))),
        int(np.count_nonzero(is_first)),
    )


def day_stability(life: Life) -> float:
    """Titles of the first screens that stayed since the day before, of profiles with both pages."""
    if len(life.screens) < 2:
        return np.nan
    before, now = life.screens
    both = (before >= 0).any(axis=(1, 2)) & (now >= 0).any(axis=(1, 2))
    return mean_over_pages(page_stability(now[both], before[both], len(life.shown))).mean


def figures(logs: Mapping[str, ArmLog], finished_before: int, days: int) -> dict[str, object]:
    """The figures of every arm, and its gains in hours over the template in the later half."""
    found: dict[str, object] = {"days": days}
    for arm, log in logs.items():
        found[arm] = _arm_figures(log, finished_before)
    later = pa.concat_tables(
        [
            log.measures.append_column("of_arm", pa.array([arm] * len(log.measures), pa.string()))
            for arm, log in logs.items()
        ]
    )
    later = later.filter(pc.greater_equal(later["day"], days // 2))
    hours = hours_by_account(later)
    for arm in logs:
        if arm != TEMPLATE and TEMPLATE in logs:
            gain = hours.gain(arm, TEMPLATE).named("hours_gain")
            found[arm] = {**found[arm], **gain}  # type: ignore[dict-item]
    return found


def hours_by_account(measures: pa.Table) -> ArmSums:
    """Hours of each account by week and arm, over the accounts' weeks."""
    hours = measures["seconds"].to_numpy() / 3600
    account = measures["account_id"].to_numpy().astype(str)
    week = measures["day"].to_numpy() // WEEK_DAYS
    arm = measures["of_arm"].to_numpy().astype(str)
    sums = arm_sums(hours, np.zeros(len(hours)), account, week, arm)
    return ArmSums(sums.above, np.ones_like(sums.above), sums.arms)


def _arm_figures(log: ArmLog, finished_before: int) -> dict[str, float]:
    """What one arm's members got."""
    totals = {
        name: float(pc.sum(log.measures[name]).as_py() or 0)
        for name in ("seconds", "sessions", "taken", "page_plays", "new_plays", "playless")
    }
    plays = log.measures["page_plays"].to_numpy() + log.measures["search_plays"].to_numpy()
    return {
        "hours": totals["seconds"] / 3600,
        "finished_titles": float(log.finished - finished_before),
        "days_with_play": float(np.count_nonzero(plays)),
        "members": float(log.members),
        "members_lost": float(log.lost),
        "sessions": totals["sessions"],
        "play_rate": totals["taken"] / max(1.0, totals["sessions"]),
        "new_plays": totals["new_plays"] / max(1.0, totals["sessions"]),
        "new_share": totals["new_plays"] / max(1.0, totals["page_plays"]),
        "exposure_gini": gini(log.shown),
        "begun_titles": log.begun,
        "stability": float(np.nanmean([np.nan, *log.stability])) if log.stability else np.nan,
    }
