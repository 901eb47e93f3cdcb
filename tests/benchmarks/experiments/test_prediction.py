import numpy as np
import pytest

from benchmarks.experiments.prediction import Measured, rank_correlations

ACCOUNT = np.repeat(np.arange(40), 2)


def measured(quality, metric, seed=0):
    """A variant that is played with that probability, whose metric has that mean."""
    rng = np.random.default_rng(seed)
    taken = rng.binomial(50, quality, 80).astype(float)
    counts = {
        "sessions": np.full(80, 50.0),
        "taken": taken,
        "seconds": taken,
        "new_plays": 50 - taken,
    }
    return Measured({"metric": metric + rng.normal(0, 0.01, 80), "same": np.ones(80)}, counts)


def test_a_metric_that_orders_variants_as_members_do():
    variants = {str(n): measured(0.1 + 0.1 * n, 0.1 * n, n) for n in range(6)}
    found = rank_correlations(variants, ACCOUNT)
    assert found["metric"]["play_rate"].value == pytest.approx(1)
    assert found["metric"]["discovery"].value == pytest.approx(-1)
    assert "same" not in found, "what is the same of all variants tells none apart"


def test_a_metric_by_chance_has_an_interval_that_says_so():
    rng = np.random.default_rng(5)
    variants = {str(n): measured(0.5, 0.1 * rng.random(), n) for n in range(6)}
    found = rank_correlations(variants, ACCOUNT)["metric"]["play_rate"]
    assert found.high - found.low > 0.5
