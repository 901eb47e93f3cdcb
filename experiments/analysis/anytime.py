"""Intervals that hold at every look: an experiment may be read daily, and stopped by what was read."""

from math import log, sqrt

from experiments.metrics.rates import Rate


def anytime_interval(
    difference: float, standard_error: float, planned_error: float, alpha: float = 0.05
) -> Rate:
    """The asymptotic confidence sequence of the normal mixture, at one look.

    difference +- sqrt(v (v + m) / m * ln((v + m) / (v alpha^2))), v the squared standard error now.
    With v = sigma^2 / n and m = rho^2 sigma^4 it is sqrt(2 (n sigma^2 rho^2 + 1) / (n rho)^2
    ln(sqrt(n sigma^2 rho^2 + 1) / alpha)) of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
    (Time-uniform central limit theory and asymptotic confidence sequences, Annals of Statistics
    2024, arXiv 2103.06476), and the mixture test of Johari, Koomen, Pekelis and
    Walsh (Peeking at A/B tests, KDD 2017). m = r planned_error^2 with r = -2 ln alpha + ln(1 - 2 ln
    alpha) makes it about as tight as it can be where the standard error is the planned one; it has
    to be fixed before the first look.

    All looks together leave out the truth with probability alpha at most, where v is the variance
    of the newest estimate and that of two looks' covariance: true for accounts that come one after
    another, and for the same accounts read daily as long as their days are equally alike.

    Raises:
        ValueError: a standard error that is not above 0.
    """
    if not (standard_error > 0 and planned_error > 0 and 0 < alpha < 1):
        raise ValueError("standard errors have to be above 0 and alpha between 0 and 1")
    variance, mixture = standard_error**2, best_mixture(alpha) * planned_error**2
    total = variance + mixture
    half_width = sqrt(variance * total / mixture * log(total / (variance * alpha**2)))
    return Rate(difference, difference - half_width, difference + half_width)


def best_mixture(alpha: float) -> float:
    """The variance of the mixture, in squared standard errors, with about the tightest interval there."""
    return -2 * log(alpha) + log(1 - 2 * log(alpha))
