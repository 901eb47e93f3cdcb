"""How many profiles a right decision takes: apart, with CUPED, and together, by interleaving.

Both decide by the sign of what they measure, on the same tests of so many days. Where the estimate
has the mean d and the variance s^2 / n of n accounts, its sign is right with probability .95 from n =
(1.645 s / d)^2 on. Of an A/B test of n accounts in two cells the variance is 2 (s_a^2 + s_b^2) / n.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.metrics.rates import Rate

Values = NDArray[np.float64]
RIGHT = 1.6448536269514722  # standard normal quantile at .95
KNOWN = 4.0  # standard errors of a paired long run, from which on an order is known
SAMPLES = 1000


class PairLives(NamedTuple):
    """What accounts did in tests of a pair of variants: quality plays, and those of each team."""

    first: Values  # (tests, accounts) on the first variant's page
    second: Values  # (tests, accounts)
    preferred: Values  # (tests, accounts) plays of the second team less those of the first
    before: Values  # (accounts,)


class Needs(NamedTuple):
    """Accounts for a right decision, and what they come from."""

    apart: float
    together: float
    difference: float  # second less first, of the paired long run, by account and test
    deviation: float  # of that, in standard errors
    preference: float  # second less first, of the plays on one page, by account and test
    ratio: Rate  # apart over together


def needs(lives: PairLives, seed: int = 0) -> Needs:
    """The accounts for a right decision both ways; the ratio with a bootstrap of accounts."""
    accounts = len(lives.before)
    apart, together, difference, preference = _needs(lives, np.ones(accounts))
    paired = (lives.second - lives.first).mean(axis=0)
    deviation = difference / (paired.std(ddof=1) / np.sqrt(accounts))
    rng = np.random.default_rng(seed)
    ratios = []
    for _ in range(SAMPLES):
        weights = np.bincount(rng.integers(accounts, size=accounts), minlength=accounts)
        of_sample = _needs(lives, weights.astype(np.float64))
        ratios.append(of_sample[0] / of_sample[1])
    low, high = np.percentile(ratios, [2.5, 97.5])
    ratio = Rate(apart / together, float(low), float(high))
    return Needs(apart, together, difference, float(deviation), preference, ratio)


def _needs(lives: PairLives, weights: Values) -> tuple[float, float, float, float]:
    difference = _mean((lives.second - lives.first).mean(axis=0), weights)
    preference = _mean(lives.preferred.mean(axis=0), weights)
    of_cells = sum(_unexplained(arm, lives.before, weights) for arm in (lives.first, lives.second))
    of_teams = np.mean([_variance(test, weights) for test in lives.preferred])
    with np.errstate(divide="ignore"):
        apart = RIGHT**2 * 2 * np.divide(of_cells, difference**2)
        together = RIGHT**2 * np.divide(of_teams, preference**2)
    return float(apart), float(together), difference, preference


def _unexplained(tests: Values, before: Values, weights: Values) -> float:
    """The variance that CUPED leaves of an account's plays, the mean of tests."""
    return float(
        np.mean(
            [_variance(test - slope(test, before, weights) * before, weights) for test in tests]
        )
    )


def slope(values: Values, before: Values, weights: Values) -> float:
    """Of values on those of the days before: CUPED's theta."""
    spread = _variance(before, weights)
    if spread == 0:
        return 0.0
    centred = before - _mean(before, weights)
    return _mean(centred * (values - _mean(values, weights)), weights) / spread


def _mean(values: Values, weights: Values) -> float:
    return float(weights @ values / weights.sum())


def _variance(values: Values, weights: Values) -> float:
    return _mean((values - _mean(values, weights)) ** 2, weights)


def right_share(tests: Values, accounts: int, is_positive: bool, seed: int = 0) -> float:
    """How often the sign of a sum over so many accounts, drawn from (tests, accounts), is right."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(tests.size, size=(2000, accounts))
    sums = tests.ravel()[drawn].sum(axis=1)
    wins = sums > 0 if is_positive else sums < 0
    return float(np.mean(wins + 0.5 * (sums == 0)))
