"""How many accounts tell an effect, and which effect so many accounts tell, before anything is run.

Formulas for two cells of n accounts each and a metric of variance s^2: the difference has the
variance 2 s^2 / n, and is told where it lies above z = 1.96 standard errors. An effect that stands
at that boundary is told half of the time (N-123, N-124); the usual plan asks for four times in five.
"""

from math import ceil, sqrt
from statistics import NormalDist

POWER, ALPHA = 0.8, 0.05
AT_THE_BOUNDARY = 0.5  # the power with which an effect of 1.96 standard errors is told
_NORMAL = NormalDist()


def share_variance(share: float) -> float:
    """The variance of what is either so or not, with that share."""
    if not 0 < share < 1:
        raise ValueError(f"a share lies between 0 and 1, not at {share}")
    return share * (1 - share)


def accounts_needed(
    variance: float, effect: float, power: float = POWER, alpha: float = ALPHA
) -> int:
    """Accounts of each of two cells that tell a difference with that power."""
    if not (variance > 0 and effect != 0):
        raise ValueError("a variance above 0 and an effect other than 0 are needed")
    return ceil(2 * variance * (_told_at(power, alpha) / effect) ** 2)


def effect_told(
    variance: float, accounts: float, power: float = POWER, alpha: float = ALPHA
) -> float:
    """The smallest difference that so many accounts in each of two cells tell with that power."""
    if not (variance > 0 and accounts > 0):
        raise ValueError("a variance and accounts above 0 are needed")
    return _told_at(power, alpha) * sqrt(2 * variance / accounts)


def power_of(variance: float, effect: float, accounts: float, alpha: float = ALPHA) -> float:
    """How often so many accounts in each of two cells tell a difference, on its own side."""
    standard_error = sqrt(2 * variance / accounts)
    return _NORMAL.cdf(abs(effect) / standard_error - _NORMAL.inv_cdf(1 - alpha / 2))


def _told_at(power: float, alpha: float) -> float:
    """The effect that is told with that power, in standard errors."""
    if not (0 < power < 1 and 0 < alpha < 1):
        raise ValueError("power and alpha lie between 0 and 1")
    return _NORMAL.inv_cdf(1 - alpha / 2) + _NORMAL.inv_cdf(power)
