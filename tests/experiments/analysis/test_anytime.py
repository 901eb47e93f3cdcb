from math import log, sqrt

import numpy as np
import pytest

from experiments.analysis.anytime import anytime_interval, best_mixture


def test_an_interval_by_hand():
    assert best_mixture(0.05) == pytest.approx(5.99146 + log(6.99146), abs=1e-5)
    mixture = 7.93616 * 0.005**2
    half = sqrt(1e-4 * (1e-4 + mixture) / mixture * log((1e-4 + mixture) / (1e-4 * 0.0025)))
    assert half == pytest.approx(0.03264, abs=1e-5)
    assert anytime_interval(0.02, 0.01, 0.005) == pytest.approx(
        (0.02, 0.02 - half, 0.02 + half), abs=1e-6
    )


def test_it_is_the_published_form():
    sigma, n, rho, alpha = 3.0, 400, 0.02, 0.05
    published = sqrt(
        2
        * (n * sigma**2 * rho**2 + 1)
        / (n * rho) ** 2
        * log(sqrt(n * sigma**2 * rho**2 + 1) / alpha)
    )
    planned = sqrt(rho**2 * sigma**4 / best_mixture(alpha))
    assert anytime_interval(0, sigma / sqrt(n), planned).high == pytest.approx(published)


def test_daily_looks_tell_nothing_of_nothing_where_a_fixed_interval_does():
    """30 looks at 2,000 pairs of equal cells, of which new accounts come every day."""
    rng = np.random.default_rng(2)
    sums = rng.normal(size=(2000, 30)).cumsum(axis=1) * sqrt(2 * 100)
    n = 100 * np.arange(1, 31)
    means, errors = sums / n, np.sqrt(2 / n)
    bound = np.array([anytime_interval(0, error, errors[-1]).high for error in errors])
    assert (np.abs(means) > bound).any(axis=1).mean() <= 0.05
    assert (np.abs(means) > 1.96 * errors).any(axis=1).mean() > 0.2


def test_it_tells_what_is_there():
    assert anytime_interval(0.05, 0.01, 0.01).low > 0


@pytest.mark.parametrize("errors", [(0, 1), (1, 0), (float("nan"), 1)])
def test_nothing_is_said_without_a_standard_error(errors):
    with pytest.raises(ValueError, match="above 0"):
        anytime_interval(0, *errors)
