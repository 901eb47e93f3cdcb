import numpy as np
import pyarrow as pa
import pytest

from experiments.analysis.planner import (
    AT_THE_BOUNDARY,
    accounts_needed,
    effect_told,
    power_of,
    share_variance,
)

HALF = share_variance(0.5)


@pytest.mark.parametrize(
    ("effect", "power", "accounts"),
    [(0.001, 0.5, 1.92e6), (0.002, 0.5, 480e3), (0.001, 0.8, 3.92e6), (0.002, 0.8, 0.98e6)],
)
def test_published_sizes(effect, power, accounts):
    """N-123: 1.92 million a cell for .1 point, 480 thousand for .2; N-124: half of them tell it."""
    assert accounts_needed(HALF, effect, power) == pytest.approx(accounts, rel=0.002)
    assert power_of(HALF, effect, accounts) == pytest.approx(power, abs=0.002)
    assert effect_told(HALF, accounts, power) == pytest.approx(effect, rel=0.002)


def test_as_tea_tasting_plans():
    from tea_tasting import Mean

    rng = np.random.default_rng(0)
    values = rng.gamma(2, 2, 1000)
    ruler = Mean("y", use_t=False, power=0.8, effect_size=0.1)
    (plan,) = ruler.solve_power(pa.table({"y": values}), "n_obs")
    assert 2 * accounts_needed(values.var(ddof=1), 0.1) == pytest.approx(plan.n_obs, abs=2)


def test_what_is_planned_is_told_as_often():
    rng = np.random.default_rng(3)
    n = accounts_needed(share_variance(0.3), 0.02)
    low, high = rng.binomial(n, 0.29, 4000) / n, rng.binomial(n, 0.31, 4000) / n
    errors = np.sqrt((low * (1 - low) + high * (1 - high)) / n)
    assert np.mean((high - low) / errors > 1.96) == pytest.approx(0.8, abs=0.02)
    assert power_of(1.0, 1.96 * 2**0.5, 1) == pytest.approx(AT_THE_BOUNDARY, abs=1e-4)


@pytest.mark.parametrize("share", [0, 1, -0.1, float("nan")])
def test_what_is_no_share_is_refused(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        share_variance(share)


def test_a_plan_needs_an_effect():
    with pytest.raises(ValueError, match="other than 0"):
        accounts_needed(1, 0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        accounts_needed(1, 1, power=1)
    with pytest.raises(ValueError, match="above 0"):
        effect_told(1, 0)
