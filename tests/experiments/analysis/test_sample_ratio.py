import numpy as np
import pytest

from experiments.analysis.sample_ratio import is_mismatch, sample_ratio_p

SHARES = {"control": 0.5, "a": 0.25, "b": 0.25}


def test_by_hand():
    # (60 - 50)^2 / 50 + (40 - 50)^2 / 50 = 4, and chi-squared is above 4 in .0455
    assert sample_ratio_p({"x": 60, "y": 40}, {"x": 1, "y": 1}) == pytest.approx(0.0455, abs=1e-4)


def test_lost_accounts_are_seen():
    assert not is_mismatch({"control": 5000, "a": 2500, "b": 2480}, SHARES)
    assert is_mismatch({"control": 5000, "a": 2500, "b": 2250}, SHARES)  # a tenth is lost


def test_a_cell_without_accounts_or_without_a_share_is_a_mismatch():
    assert is_mismatch({"control": 5000, "a": 2500}, SHARES)
    assert sample_ratio_p({"control": 5, "c": 1}, SHARES) == 0


def test_it_is_quiet_where_all_is_well():
    rng = np.random.default_rng(0)
    counts = rng.multinomial(10_000, list(SHARES.values()), 500)
    alarms = sum(
        is_mismatch(dict(zip(SHARES, row.tolist(), strict=True)), SHARES) for row in counts
    )
    assert alarms <= 4  # 500 times .001 is .5


def test_shares_are_needed():
    with pytest.raises(ValueError, match="two cells"):
        sample_ratio_p({"x": 1}, {"x": 1.0})
