"""Figures of arms by hand, and how often their intervals hold the truth when days differ."""

import math

import numpy as np
import pytest

from experiments.metrics.arms import ArmSums, arm_sums
from experiments.metrics.rates import NORMAL_95, two_way_interval

ARMS = ("baseline", "ceiling", "ours")


def lived(days: int, spread: float, seed: int, accounts: int = 200) -> ArmSums:
    """Sessions whose gain of `ours` over `baseline` is .1 on the mean day, and else by `spread`."""
    rng = np.random.default_rng(seed)
    appetite = rng.normal(1.0, 0.3, (accounts, 1))
    sessions = rng.integers(1, 4, (accounts, days)).astype(float)
    rates = {
        "baseline": appetite + np.zeros(days),
        "ours": appetite + 0.1 + spread * rng.normal(size=days),
        "ceiling": appetite + 0.2,
    }
    above = [sessions * rates[arm] + rng.normal(0, 0.3, sessions.shape) for arm in ARMS]
    return ArmSums(np.stack(above, axis=2), np.stack([sessions] * 3, axis=2), ARMS)


def test_sums_and_figures_by_hand():
    sums = arm_sums(
        [1, 3, 2, 2, 4, 4],
        [2, 4, 2, 4, 2, 4],
        ["a", "b", "a", "b", "a", "b"],
        [1] * 6,
        ["baseline", "baseline", "ours", "ours", "ceiling", "ceiling"],
    )
    assert sums.arms == ARMS
    assert sums.rate("baseline").value == pytest.approx(4 / 6)
    assert sums.difference("ours", "baseline").value == pytest.approx(0)
    assert sums.gain("ceiling", "baseline").value == pytest.approx(1)
    assert sums.gap_closed("ours", "baseline", "ceiling").value == pytest.approx(0)
    deviations = np.array([1 - 4 / 3, 3 - 8 / 3]) / 6
    half = NORMAL_95 * math.sqrt(2 * np.sum(deviations**2))
    assert sums.rate("baseline").high == pytest.approx(4 / 6 + half)


def test_an_arm_that_nothing_was_measured_of_has_no_figure():
    sums = arm_sums([1, 0], [1, 0], ["a", "a"], [1, 1], ["ours", "baseline"])
    assert math.isnan(sums.rate("baseline").value)
    assert math.isnan(sums.gain("ours", "baseline").value)


def test_a_ceiling_below_the_baseline_leaves_no_gap_and_one_that_may_be_below_no_bounds():
    sums = lived(7, 0.0, seed=1)
    assert math.isnan(sums.gap_closed("ours", "ceiling", "baseline").value)
    few = lived(2, 0.6, seed=2, accounts=3)
    closed = few.gap_closed("baseline", "ours", "ceiling")
    assert math.isnan(closed.value) or (closed.low, closed.high) == (-np.inf, np.inf)


@pytest.mark.parametrize(("days", "spread"), [(3, 0.05), (7, 0.05), (7, 0.0)])
def test_the_interval_holds_the_truth_19_times_of_20_even_if_days_differ(days, spread):
    differences = [lived(days, spread, s).difference("ours", "baseline") for s in range(300)]
    assert 0.92 < np.mean([one.low <= 0.1 <= one.high for one in differences]) <= 1


def test_clusters_alone_would_miss_the_truth_where_days_differ():
    one = lived(3, 0.05, 5)
    both = one.difference("ours", "baseline")
    pooled = ArmSums(
        one.above.sum(axis=1, keepdims=True), one.below.sum(axis=1, keepdims=True), ARMS
    )
    clusters = pooled.difference("ours", "baseline")
    assert both.value == pytest.approx(clusters.value)
    assert both.high - both.low > 2 * (clusters.high - clusters.low)


def test_an_interval_is_never_narrower_than_that_of_the_clusters():
    deviations = np.array([[1.0, -1.0, 0.5], [-1.0, 1.0, -0.5]])
    clusters = two_way_interval(0.0, deviations.sum(axis=1, keepdims=True))
    both = two_way_interval(0.0, deviations)
    assert both.high >= clusters.high
