"""Rates of simulated days and what sets arms apart, with intervals clustered by account.

A rate is a ratio of sums, such as sessions with a play over sessions. Arrays are (n,), one entry
for each profile, arm and day; `cluster` names the account of each, as text or number, since the
profiles of one account are alike. All arms of a comparison live the same days, so differences are
taken within accounts.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]
NORMAL_95 = 1.959964  # standard normal quantile at 0.975
_CELLS = 4_000_000  # weights drawn at a time


class Rate(NamedTuple):
    """A figure and the ends of its 95 % interval, in its own unit; nan where not defined."""

    value: float
    low: float
    high: float

    def named(self, name: str) -> dict[str, float]:
        """The figure and its ends as benches write them: NAME, NAME_low, NAME_high."""
        return {name: self.value, f"{name}_low": self.low, f"{name}_high": self.high}


UNDEFINED = Rate(np.nan, np.nan, np.nan)


def rate(numerator: ArrayLike, denominator: ArrayLike, cluster: ArrayLike) -> Rate:
    """r = sum of `numerator` over sum of `denominator`, with the interval r +- 1.96 s.

    s^2 = C / (C - 1) * sum over the C clusters of (numerator_c - r * denominator_c)^2 / (sum of
    denominator)^2: the ratio estimator of Cochran (Sampling Techniques, 1977, chapter 6), in online
    experiments known as the delta method (Deng, Knoblich and Lu, Applying the Delta Method in
    Metric Analytics, KDD 2018). Without anything to divide by, all is nan; with one cluster the
    interval is.
    """
    above, below = _cluster_sums(cluster, numerator, denominator).T
    if below.sum() == 0:
        return UNDEFINED
    ratio = above.sum() / below.sum()
    deviations = (above - ratio * below) / below.sum()
    return _with_interval(ratio, deviations)


def difference(
    numerator: ArrayLike,
    denominator: ArrayLike,
    cluster: ArrayLike,
    arm: ArrayLike,
    first: str,
    second: str,
) -> Rate:
    """The rate of arm `first` minus that of arm `second`, paired by cluster.

    The interval is that of `rate` with each cluster's two deviations subtracted before they are
    squared.
    """
    above, below = _arm_sums(numerator, denominator, cluster, arm, (first, second))
    ratio = above.sum(axis=0) / below.sum(axis=0)
    deviations = (above - ratio * below) / below.sum(axis=0)
    return _with_interval(ratio[0] - ratio[1], deviations[:, 0] - deviations[:, 1])


def rate_lift(
    numerator: ArrayLike,
    denominator: ArrayLike,
    cluster: ArrayLike,
    arm: ArrayLike,
    first: str,
    second: str,
) -> Rate:
    """The rate of arm `first` over that of arm `second`, less 1, paired by cluster.

    By the delta method: d(a / b) = (da - (a / b) db) / b, with the linear contributions of `rate`
    for da and db. nan where the rate of the second is 0.
    """
    above, below = _arm_sums(numerator, denominator, cluster, arm, (first, second))
    ratio = above.sum(axis=0) / below.sum(axis=0)
    if ratio[1] == 0:
        return UNDEFINED
    deviations = (above - ratio * below) / below.sum(axis=0)
    relative = ratio[0] / ratio[1]
    relative_deviations = (deviations[:, 0] - relative * deviations[:, 1]) / ratio[1]
    return _with_interval(relative - 1, relative_deviations)


def gap_closed(
    numerator: ArrayLike,
    denominator: ArrayLike,
    cluster: ArrayLike,
    arm: ArrayLike,
    seed: int = 0,
    draws: int = 2000,
) -> Rate:
    """(pipeline - popular) / (oracle - popular) of the arms' rates, by a paired cluster bootstrap.

    Accounts are drawn with replacement, all arms of one together; the ends are percentiles 2.5 and
    97.5 of the figure over `draws` such samples (Efron and Tibshirani, An Introduction to the
    Bootstrap, 1993, chapter 13; whole clusters: Field and Welsh, JRSS B 2007). Where more than 2.5
    % of the samples have no oracle above popular, the ratio may be anything and the interval is
    unbounded, as Fieller's would be.

    Raises:
        ValueError: the oracle is not above popular, or an arm has nothing to divide by.
    """
    arms = ("pipeline", "popular", "oracle")
    above, below = _arm_sums(numerator, denominator, cluster, arm, arms)
    share, gap = _share_and_gap(above.sum(axis=0), below.sum(axis=0))
    if not gap > 0:
        raise ValueError(f"the oracle is not above popular ({gap:+.4f}): there is no gap to close")
    sample_shares, sample_gaps = [], []
    for weights in _cluster_weights(len(above), seed, draws):
        part_shares, part_gaps = _share_and_gap(weights @ above, weights @ below)
        sample_shares.append(part_shares)
        sample_gaps.append(part_gaps)
    shares = np.concatenate(sample_shares)
    has_gap = np.concatenate(sample_gaps) > 0
    if np.mean(has_gap) < 0.975:
        return Rate(float(share), -np.inf, np.inf)
    low, high = np.percentile(shares[has_gap], [2.5, 97.5])
    return Rate(float(share), float(low), float(high))


def _share_and_gap(above: Values, below: Values) -> tuple[Values, Values]:
    """The share of the gap that is closed, and the gap.

    The last axis of both sums is pipeline, popular, oracle.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        pipeline, popular, oracle = np.moveaxis(above / below, -1, 0)
        gap = oracle - popular
        return (pipeline - popular) / gap, gap


def _with_interval(value: float, deviations: Values) -> Rate:
    """The interval from each cluster's linear contribution to the figure, (C,)."""
    count = len(deviations)
    spread = np.nan
    if count > 1:
        spread = np.sqrt(count / (count - 1) * np.sum(deviations**2))
    half_width = NORMAL_95 * spread
    return Rate(float(value), float(value - half_width), float(value + half_width))


def two_way_interval(value: float, deviations: Values) -> Rate:
    """A figure with the interval that contains the chance of members and that of days.

    `deviations` (C, D) are linear contributions to the figure by cluster and day. Their variance is
    that of the days' sums, and what the clusters have beyond single days (Cameron, Gelbach and
    Miller, Robust inference with multiway clustering, JBES 2011), with Student's t of as many
    degrees of freedom as the two have together (Satterthwaite, Biometrics 1946); where the clusters
    alone say more, the interval is theirs. With one day it is that of the clusters.
    """
    by_cluster = _with_interval(value, deviations.sum(axis=1))
    clusters, days = deviations.shape
    if days < 2 or clusters < 2:
        return by_cluster
    of_days = days / (days - 1) * np.sum(deviations.sum(axis=0) ** 2)
    of_clusters = clusters / (clusters - 1) * np.sum(deviations.sum(axis=1) ** 2)
    of_both = np.sum(deviations**2)
    beyond = max(0.0, of_clusters - of_both)
    variance = of_days + beyond
    if variance == 0:
        return by_cluster
    freedom = variance**2 / (of_days**2 / (days - 1) + beyond**2 / (clusters - 1))
    from scipy.special import stdtrit  # .25 s

    half_width = float(stdtrit(freedom, 0.975) * np.sqrt(variance))
    half_width = max(half_width, by_cluster.high - value)
    return Rate(float(value), float(value) - half_width, float(value) + half_width)


def _cluster_sums(cluster: ArrayLike, *columns: ArrayLike) -> Values:
    """The sums of the columns by cluster, (C, columns)."""
    _, cluster_index = np.unique(np.asarray(cluster), return_inverse=True)
    sums = [np.bincount(cluster_index, np.asarray(column, np.float64)) for column in columns]
    return np.stack(sums, axis=1)


def _arm_sums(
    numerator: ArrayLike,
    denominator: ArrayLike,
    cluster: ArrayLike,
    arm: ArrayLike,
    arms: tuple[str, ...],
) -> tuple[Values, Values]:
    """The sums of both by cluster and arm, each (C, arms).

    Raises:
        ValueError: an arm has nothing to divide by.
    """
    arm_names = np.asarray(arm)
    above = [np.where(arm_names == name, numerator, 0) for name in arms]
    below = [np.where(arm_names == name, denominator, 0) for name in arms]
    sums = _cluster_sums(cluster, *above, *below)
    above_sums = sums[:, : len(arms)]
    below_sums = sums[:, len(arms) :]
    totals = below_sums.sum(axis=0)
    missing = [name for name, total in zip(arms, totals, strict=True) if total <= 0]
    if missing:
        names = ", ".join(np.unique(arm_names))
        raise ValueError(f"nothing was measured of {', '.join(missing)}; there are: {names}")
    return above_sums, below_sums


def _cluster_weights(clusters: int, seed: int, draws: int) -> Iterator[Values]:
    """How often each cluster is drawn in each of `draws` samples (multinomial), some at a time."""
    rng = np.random.default_rng(seed)
    at_once = max(1, _CELLS // clusters)
    for start in range(0, draws, at_once):
        size = min(at_once, draws - start)
        offset = np.arange(size)[:, None] * clusters
        draw = rng.integers(clusters, size=(size, clusters)) + offset
        counts = np.bincount(draw.ravel(), minlength=size * clusters)
        yield counts.reshape(size, clusters).astype(np.float64)
