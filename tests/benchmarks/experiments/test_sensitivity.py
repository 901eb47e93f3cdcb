import numpy as np
import pytest

from benchmarks.experiments.sensitivity import KNOWN, PairLives, needs, right_share


def made(accounts=4000, better=0.3, seed=0):
    """Accounts that play 5 times, more or less, and `better` times more on the second page."""
    rng = np.random.default_rng(seed)
    usual = rng.normal(5, 2, accounts)
    first, second = (usual + more + rng.normal(0, 1, (4, accounts)) for more in (0, better))
    preferred = 2 * better + rng.normal(0, 1, (4, accounts))
    return PairLives(first, second, preferred, before=usual)


def test_needs_by_hand():
    found = needs(made())
    # 1.645^2 * 2 * (1 + 1) / .3^2 = 120, and 1.645^2 * 1 / .6^2 = 7.5
    assert found.apart == pytest.approx(120, rel=0.1)
    assert found.together == pytest.approx(7.5, rel=0.1)
    assert found.ratio.low < 16 < found.ratio.high
    assert found.deviation > KNOWN


def test_what_is_known_before_is_taken_out():
    lives = made()
    blind = needs(lives._replace(before=np.zeros(4000)))
    assert blind.apart == pytest.approx(120 * 5, rel=0.1)  # the variance is 4 + 1


def test_no_order_is_known_of_equal_pages():
    assert abs(needs(made(better=0.0)).deviation) < KNOWN


def test_so_many_accounts_are_right_as_often_as_promised():
    lives = made()
    found = needs(lives)
    assert right_share(lives.preferred, round(found.together), True) == pytest.approx(
        0.95, abs=0.02
    )
    assert right_share(lives.preferred, round(found.together), False) < 0.1
