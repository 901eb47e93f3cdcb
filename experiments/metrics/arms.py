"""Arms that live the same days with the same members, compared by figures of their sessions.

A figure is a ratio of sums, such as plays of new titles over sessions. Its interval contains the
chance of members, clustered by account, and that of days (`rates.two_way_interval`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.metrics.rates import UNDEFINED, Rate, two_way_interval

Values = NDArray[np.float64]


@dataclass(frozen=True)
class ArmSums:
    """Sums by account, day and arm: `above` over `below` is the figure of an arm."""

    above: Values  # (accounts, days, arms)
    below: Values  # (accounts, days, arms)
    arms: tuple[str, ...]

    def rate(self, arm: str) -> Rate:
        """The figure of one arm."""
        value, deviations = self._contributions(arm)
        return two_way_interval(value, deviations)

    def difference(self, first: str, second: str) -> Rate:
        """The figure of one arm minus that of another."""
        (one, of_one), (other, of_other) = map(self._contributions, (first, second))
        return two_way_interval(one - other, of_one - of_other)

    def gain(self, first: str, second: str) -> Rate:
        """The figure of one arm over that of another, less 1; not defined where the second's is 0."""
        (one, of_one), (other, of_other) = map(self._contributions, (first, second))
        if other == 0:
            return UNDEFINED
        ratio = one / other
        return two_way_interval(ratio - 1, (of_one - ratio * of_other) / other)

    def gap_closed(self, arm: str, baseline: str, ceiling: str) -> Rate:
        """(arm - baseline) / (ceiling - baseline); without bounds where the gap may be none.

        Not defined where the ceiling is not above the baseline.
        """
        gap = self.difference(ceiling, baseline)
        if not gap.value > 0:
            return UNDEFINED
        (own, of_own), (low, of_low), (high, of_high) = map(
            self._contributions, (arm, baseline, ceiling)
        )
        share = (own - low) / (high - low)
        if not gap.low > 0:
            return Rate(share, -np.inf, np.inf)
        deviations = (of_own - share * of_high - (1 - share) * of_low) / gap.value
        return two_way_interval(share, deviations)

    def _contributions(self, arm: str) -> tuple[float, Values]:
        """The figure of an arm, and what each account and day adds to its deviation (accounts, days)."""
        index = self.arms.index(arm)
        above, below = self.above[:, :, index], self.below[:, :, index]
        if below.sum() == 0:
            return np.nan, np.full(below.shape, np.nan)
        ratio = above.sum() / below.sum()
        return float(ratio), (above - ratio * below) / below.sum()


def arm_sums(
    numerator: ArrayLike, denominator: ArrayLike, account: ArrayLike, day: ArrayLike, arm: ArrayLike
) -> ArmSums:
    """The sums of both by account, day and arm, of entries (n,) in any order."""
    _, account_index = np.unique(np.asarray(account), return_inverse=True)
    _, day_index = np.unique(np.asarray(day), return_inverse=True)
    arms, arm_index = np.unique(np.asarray(arm), return_inverse=True)
    shape = (account_index.max(initial=-1) + 1, day_index.max(initial=-1) + 1, len(arms))
    cell = np.ravel_multi_index((account_index, day_index, arm_index), shape)
    above, below = (
        np.bincount(cell, np.asarray(values, np.float64), int(np.prod(shape))).reshape(shape)
        for values in (numerator, denominator)
    )
    return ArmSums(above, below, tuple(arms.tolist()))
