"""What is played these days: on later data the strongest single source there is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from conf.days import DAY_S
from models.candidates.popular import Popular


def recent_counts(
    title: NDArray[np.integer], at_s: NDArray[np.floating], as_of_s: float, days: float, size: int
) -> NDArray[np.float64]:
    """Plays (n,) of each title in the `days` before and at `as_of_s`: as_of - days < at <= as_of, epoch seconds."""
    inside = (at_s <= as_of_s) & (at_s > as_of_s - days * DAY_S)
    return np.bincount(title[inside], minlength=size).astype(np.float64)


def recent(
    title: NDArray[np.integer],
    at_s: NDArray[np.floating],
    as_of_s: float,
    windows: Sequence[float],
    size: int,
) -> Popular:
    """Mean over the windows, in days, of a title's share of all plays in the window: short ones show what rises."""
    counts = np.stack([recent_counts(title, at_s, as_of_s, days, size) for days in windows])
    return Popular((counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)).mean(axis=0))
