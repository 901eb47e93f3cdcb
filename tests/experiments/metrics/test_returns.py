"""How soon profiles come back, by hand."""

import math

import numpy as np
import pytest

from experiments.metrics.returns import gap_quantile, next_day_share, tail_ratio


def test_quantiles_and_next_days_by_hand():
    counts = [5, 0, 3, 1, 1]  # gaps of 1 (five times), 3 (three times), 4 and 5 days
    assert gap_quantile(counts, 0.5) == 1
    assert gap_quantile(counts, 0.51) == 3
    assert gap_quantile(counts, 0.9) == 4
    assert gap_quantile(counts, 1.0) == 5
    assert next_day_share(counts) == 0.5


def test_a_memoryless_profile_has_a_tail_of_1_and_unlike_profiles_a_heavier_one():
    days = np.arange(1, 2000)
    alike, other = (p * (1 - p) ** (days - 1) for p in (0.3, 0.03))
    assert tail_ratio(alike) == pytest.approx(1, abs=0.01)
    assert tail_ratio(alike + other) > 1.5


def test_a_tail_by_hand():
    # mean (3 * 1 + 1 * 7) / 4 = 2.5; beyond 7.5 days: none
    # beyond 2.5 days: one of four, against (1 - 1 / 2.5)^2
    counts = [3, 0, 0, 0, 0, 0, 1]
    assert tail_ratio(counts) == 0
    assert tail_ratio(counts, times=1.0) == pytest.approx(0.25 / 0.6**2)


def test_without_gaps_all_is_nan():
    figures = (gap_quantile([], 0.5), next_day_share([]), tail_ratio([]), tail_ratio([4]))
    assert all(math.isnan(figure) for figure in figures)
