"""Rates of days of life and what sets arms apart, with intervals that know that an account's profiles are alike.

A rate is a ratio of sums, such as sessions with a play over sessions. Arrays are (n,), one entry for each profile, arm
and day; `cluster` names the account of each, as text or number. All arms of a comparison live the same days, so
differences are taken within accounts.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]
NORMAL_95 = 1.959964  # standard normal quantile at 0.975
_CELLS = 4_000_000  # weights drawn at a time


class Rate(NamedTuple):
    """A figure and the ends of its 95 % interval, in the figure's own unit; nan where it cannot be told."""

    value: float
    low: float
    high: float

    def named(self, name: str) -> dict[str, float]:
        """The figure and its ends as benches write them: NAME, NAME_low, NAME_high."""
        return {name: self.value, f"{name}_low": self.low, f"{name}_high": self.high}


def rate(numerator: ArrayLike, denominator: ArrayLike, cluster: ArrayLike) -> Rate:
    """r = sum of `numerator` over sum of `denominator`, with the interval r +- 1.96 s.

    s^2 = C / (C - 1) * sum over the C clusters of (numerator_c - r * denominator_c)^2 / (sum of denominator)^2: the
    ratio estimator of Cochran (Sampling Techniques, 1977, chapter 6), in online experiments known as the delta method
    (Deng, Knoblich and Lu, Applying the Delta Method in Metric Analytics, KDD 2018). Without anything to divide by, all
    is nan; with one cluster the interval is.
    """
    above, below = _sums(cluster, numerator, denominator).T
    if below.sum() == 0:
        return Rate(np.nan, np.nan, np.nan)
    ratio = above.sum() / below.sum()
    return _about(ratio, (above - ratio * below) / below.sum())


def difference(
    numerator: ArrayLike,
    denominator: ArrayLike,
    cluster: ArrayLike,
    arm: ArrayLike,
    first: str,
    second: str,
) -> Rate:
    """The rate of arm `first` minus that of arm `second`, paired by cluster.

    The interval is that of `rate` with each cluster's two deviations subtracted before they are squared.
    """
    above, below = _by_arm(numerator, denominator, cluster, arm, (first, second))
    ratio = above.sum(axis=0) / below.sum(axis=0)
    apart = (above - ratio * below) / below.sum(axis=0)
    return _about(ratio[0] - ratio[1], apart[:, 0] - apart[:, 1])


def lift(
    numerator: ArrayLike,
    denominator: ArrayLike,
    cluster: ArrayLike,
    arm: ArrayLike,
    first: str,
    second: str,
) -> Rate:
    """The rate of arm `first` over that of arm `second`, less 1, paired by cluster; nan where the second's is 0.

    By the delta method: d(a / b) = (da - (a / b) db) / b, with the linear contributions of `rate` for da and db.
    """
    above, below = _by_arm(numerator, denominator, cluster, arm, (first, second))
    ratio = above.sum(axis=0) / below.sum(axis=0)
    if ratio[1] == 0:
        return Rate(np.nan, np.nan, np.nan)
    apart = (above - ratio * below) / below.sum(axis=0)
    relative = ratio[0] / ratio[1]
    return _about(relative - 1, (apart[:, 0] - relative * apart[:, 1]) / ratio[1])


def gap_closed(
    numerator: ArrayLike,
    denominator: ArrayLike,
    cluster: ArrayLike,
    arm: ArrayLike,
    seed: int = 0,
    draws: int = 2000,
) -> Rate:
    """(pipeline - popular) / (oracle - popular) of the arms' rates, with a paired cluster bootstrap.

    Accounts are drawn with replacement, all arms of one together; the ends are percentiles 2.5 and 97.5 of the figure
    over `draws` such samples (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13; whole clusters:
    Field and Welsh, JRSS B 2007). Where more than 2.5 % of the samples have no oracle above popular, the ratio may be
    anything and the interval is unbounded, as Fieller's would be.
    """
    above, below = _by_arm(numerator, denominator, cluster, arm, ("pipeline", "popular", "oracle"))
    closed, room = _closed(above.sum(axis=0), below.sum(axis=0))
    if not room > 0:
        raise ValueError(f"the oracle is not above popular ({room:+.4f}): there is no gap to close")
    samples = [
        _closed(weights @ above, weights @ below) for weights in _weights(len(above), seed, draws)
    ]
    shares, rooms = (np.concatenate(part) for part in zip(*samples, strict=True))
    if np.mean(rooms > 0) < 0.975:
        return Rate(float(closed), -np.inf, np.inf)
    low, high = np.percentile(shares[rooms > 0], [2.5, 97.5])
    return Rate(float(closed), float(low), float(high))


def _closed(above: Values, below: Values) -> tuple[Values, Values]:
    """The share of the gap that is closed, and the gap; the last axis is pipeline, popular, oracle."""
    with np.errstate(divide="ignore", invalid="ignore"):
        pipeline, popular, oracle = np.moveaxis(above / below, -1, 0)
        return (pipeline - popular) / (oracle - popular), oracle - popular


def _about(value: float, deviations: Values) -> Rate:
    """The interval from each cluster's linear contribution to the figure, (C,)."""
    count = len(deviations)
    spread = np.sqrt(count / (count - 1) * np.sum(deviations**2)) if count > 1 else np.nan
    return Rate(float(value), float(value - NORMAL_95 * spread), float(value + NORMAL_95 * spread))


def _sums(cluster: ArrayLike, *columns: ArrayLike) -> Values:
    """The sums of the columns by cluster, (C, columns)."""
    _, place = np.unique(np.asarray(cluster), return_inverse=True)
    return np.stack(
        [np.bincount(place, np.asarray(column, np.float64)) for column in columns], axis=1
    )


def _by_arm(
    numerator: ArrayLike,
    denominator: ArrayLike,
    cluster: ArrayLike,
    arm: ArrayLike,
    arms: tuple[str, ...],
) -> tuple[Values, Values]:
    """The sums of both by cluster and arm, each (C, arms); an arm without anything to divide by is refused."""
    named = np.asarray(arm)
    parts: list[Any] = [
        np.where(named == name, column, 0) for column in (numerator, denominator) for name in arms
    ]
    sums = _sums(cluster, *parts)
    below = sums[:, len(arms) :]
    if missing := [name for name, total in zip(arms, below.sum(axis=0), strict=True) if total <= 0]:
        raise ValueError(
            f"nothing was measured of {', '.join(missing)}; there are: {', '.join(np.unique(named))}"
        )
    return sums[:, : len(arms)], below


def _weights(clusters: int, seed: int, draws: int) -> Iterator[Values]:
    """How often each cluster is drawn in each of `draws` samples (multinomial), some samples at a time."""
    rng = np.random.default_rng(seed)
    at_once = max(1, _CELLS // clusters)
    for start in range(0, draws, at_once):
        size = min(at_once, draws - start)
        drawn = rng.integers(clusters, size=(size, clusters)) + np.arange(size)[:, None] * clusters
        yield (
            np.bincount(drawn.ravel(), minlength=size * clusters)
            .reshape(size, clusters)
            .astype(np.float64)
        )
