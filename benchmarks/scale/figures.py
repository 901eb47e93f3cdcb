"""Slopes, ratios and exponents of measured nights: pure, so that each can be held to numbers by hand.

A slope is between the smallest and the largest service of one catalogue: what a job costs before the
first profile falls out of it.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Stages = Mapping[str, Mapping[str, float]]  # by job, see night.measured_job
HUNDRED_MILLION = 100_000_000
HOUR_S = 3600


class Night(NamedTuple):
    """The stages of the night of a service of some size."""

    members: int
    titles: int
    days: int
    stages: Stages
    job_size: str = ""  # small or large, by which Spark is given its options (conf/job_size.py)
    log_bytes: int = 0  # of all tables before the night: the log, and the day before

    @property
    def cpu_s(self) -> float:
        """CPU seconds of the whole night."""
        return sum(stage["cpu_s"] for stage in self.stages.values())


def page_cost(small: Night, large: Night, jobs: Sequence[str]) -> float:
    """CPU seconds of one more page between two services, in some jobs."""
    more = large.members - small.members
    return (of_jobs(large, jobs) - of_jobs(small, jobs)) / more


def of_jobs(night: Night, jobs: Sequence[str]) -> float:
    """CPU seconds of some jobs of a night."""
    return sum(night.stages[job]["cpu_s"] for job in jobs)


def per_cpu_s(cost_s: float) -> float | None:
    """How many of something that takes so long a CPU second has; None where noise hides the cost."""
    return round(1 / cost_s, 2) if cost_s > 0 else None


def core_hours(pages_per_cpu_s: float | None, pages: int = HUNDRED_MILLION) -> float | None:
    """Core-hours of so many pages, without the fixed cost."""
    return None if pages_per_cpu_s is None else round(pages / pages_per_cpu_s / HOUR_S, 1)


def ratio(value: float | None, to: float | None) -> float | None:
    """One figure over another; None where either is missing or there is nothing to divide by."""
    if value is None or not to or value <= 0:
        return None
    return round(value / to, 4)


def exponent(low: float | None, high: float | None, times: float) -> float | None:
    """e where something grew from `low` to `high` as `times` to the power of e."""
    if low is None or high is None or low <= 0 or high <= 0 or times <= 1:
        return None
    return round(math.log(high / low) / math.log(times), 4)


def growth_exponent(nights: Sequence[Night]) -> float | None:
    """How a night's cost grows with members, without its fixed cost.

    The fixed cost is where the line through the two smallest services meets zero members. What is
    above it is compared between the second and the largest: 1 where the slope stays the same.
    None with fewer than three sizes.
    """
    if len(nights) < 3:
        return None
    first, second, last = nights[0], nights[1], nights[-1]
    slope = (second.cpu_s - first.cpu_s) / (second.members - first.members)
    fixed = first.cpu_s - slope * first.members
    times = last.members / second.members
    return exponent(second.cpu_s - fixed, last.cpu_s - fixed, times)
