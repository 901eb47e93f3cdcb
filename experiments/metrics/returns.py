"""How soon profiles come back. `counts` (g,): counts[i] gaps of i + 1 days between active days.

A gap lies between two consecutive active days of one profile. Gaps that the end of the log cuts off
are missing, so a short log has too few long ones.
"""

import numpy as np
from numpy.typing import ArrayLike


def gap_quantile(counts: ArrayLike, share: float) -> float:
    """The least gap in days that at least `share` of all gaps do not exceed; nan without gaps."""
    below = np.cumsum(np.asarray(counts, np.float64))
    if not len(below) or not below[-1]:
        return np.nan
    target = share * below[-1] * (1 - 1e-12)
    return float(np.searchsorted(below, target) + 1)


def next_day_share(counts: ArrayLike) -> float:
    """Share of gaps of one day: how often an active day is followed by another on the next day.

    Active days that no other one follows are not counted. nan without gaps.
    """
    gaps = np.asarray(counts, np.float64)
    return float(gaps[0] / gaps.sum()) if gaps.sum() else np.nan


def tail_ratio(counts: ArrayLike, times: float = 3.0) -> float:
    """Share of gaps longer than `times` their mean m, over that of a memoryless profile.

    Without memory gaps are geometric: P(gap > x) = (1 - 1 / m)^x. Above 1 the tail is the heavier
    one, as where profiles differ in how often they come. nan without gaps or where all are of one
    day.
    """
    gaps = np.asarray(counts, np.float64)
    if not gaps.sum() or not gaps[1:].sum():
        return np.nan
    days = np.arange(1, len(gaps) + 1)
    mean = float((gaps * days).sum() / gaps.sum())
    beyond = np.floor(times * mean)
    memoryless = (1 - 1 / mean) ** beyond
    return float(gaps[days > beyond].sum() / gaps.sum() / memoryless)
