import numpy as np
import pyarrow as pa
import pytest

from experiments.analysis.accounts import Metric
from experiments.analysis.quantiles import quantile_difference
from experiments.analysis.strata import stratum_effects

METRIC = Metric("plays", "y")


def lived(effect_of_kids, seed=0, accounts=4000):
    """Accounts of which a quarter has kids, who play much more; the new cell adds 1, or what is given."""
    rng = np.random.default_rng(seed)
    kids = rng.random(accounts) < 0.25
    new = rng.random(accounts) < 0.5
    y = rng.normal(2 + 10 * kids + new * np.where(kids, effect_of_kids, 1.0), 1)
    return pa.table(
        {
            "account_id": [f"a{n}" for n in range(accounts)],
            "cell": np.where(new, "new", "control"),
            "stratum": np.where(kids, "kids", "others"),
            "y": y,
        }
    )


def test_by_hand():
    data = pa.table(
        {
            "account_id": list("abcdefgh"),
            "cell": ["control", "control", "new", "new"] * 2,
            "stratum": ["x"] * 4 + ["y"] * 4,
            "y": [0.0, 2, 1, 3, 10, 12, 14, 16],
        }
    )
    found = stratum_effects(data, METRIC, "control", "new")
    # differences 1 and 4 with variance 2 / 2 + 2 / 2 = 2 each; weights of a half
    assert found.post_stratified.value == pytest.approx(2.5)
    assert found.post_stratified.high - 2.5 == pytest.approx(1.95996 * 1.0, rel=1e-4)
    assert found.p_alike == pytest.approx(0.1336, abs=1e-4)  # Q = 2 * 1.5^2 / 2 = 2.25


def test_strata_that_differ_are_told_and_those_alike_are_not():
    assert stratum_effects(lived(2.0), METRIC, "control", "new").p_alike < 1e-6
    alike = [stratum_effects(lived(1.0, s), METRIC, "control", "new").p_alike for s in range(20)]
    assert min(alike) > 0.001


def test_strata_narrow_the_interval():
    from experiments.analysis.effects import effects

    data = lived(1.0)
    plain = effects(data, [METRIC], "control")[0]
    found = stratum_effects(data, METRIC, "control", "new").post_stratified
    assert found.high - found.low < (plain.high - plain.low) / 3
    assert found.low < 1 < found.high


def test_a_stratum_of_one_account_is_named():
    odd = pa.table({"account_id": ["z"], "cell": ["new"], "stratum": ["odd"], "y": [9.0]})
    data = lived(1.0, accounts=100)
    found = stratum_effects(
        pa.concat_tables([data, odd.cast(data.schema)]), METRIC, "control", "new"
    )
    assert found.left_out == ("odd",)
    with pytest.raises(ValueError, match="no stratum"):
        stratum_effects(odd, METRIC, "control", "new")


def test_quantiles():
    found = quantile_difference(lived(1.0), "y", "control", "new", 0.5, samples=300)
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(1, abs=0.2)
