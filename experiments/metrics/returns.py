"""How soon members come back. `counts` (g,): counts[i] gaps of i + 1 days between consecutive active days of a member.

Gaps that the end of the log cuts off are not there, so long ones are told too rarely by a short log.
"""

import numpy as np
from numpy.typing import ArrayLike


def gap_quantile(counts: ArrayLike, share: float) -> float:
    """The least gap in days that at least `share` of all gaps do not exceed; nan without gaps."""
    below = np.cumsum(np.asarray(counts, np.float64))
    return (
        float(np.searchsorted(below, share * below[-1] * (1 - 1e-12)) + 1)
        if len(below) and below[-1]
        else np.nan
    )


def next_day_share(counts: ArrayLike) -> float:
    """Share of gaps of one day: of active days that another one follows, on the next day. nan without gaps."""
    found = np.asarray(counts, np.float64)
    return float(found[0] / found.sum()) if found.sum() else np.nan


def tail_ratio(counts: ArrayLike, times: float = 3.0) -> float:
    """Share of gaps longer than `times` their mean m, over the same share of a memoryless member with that mean.

    Without memory gaps are geometric: P(gap > x) = (1 - 1 / m)^x. Above 1 the tail is the heavier one, as where members
    differ in how often they come. nan without gaps or where all are of one day.
    """
    found = np.asarray(counts, np.float64)
    days = np.arange(1, len(found) + 1)
    if not found.sum() or not found[1:].sum():
        return np.nan
    mean = float((found * days).sum() / found.sum())
    beyond = np.floor(times * mean)
    return float(found[days > beyond].sum() / found.sum() / (1 - 1 / mean) ** beyond)
