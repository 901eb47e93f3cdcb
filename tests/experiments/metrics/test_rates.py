import math

import numpy as np
import pytest

from experiments.metrics.rates import NORMAL_95, difference, gap_closed, lift, rate

ARMS = ("pipeline", "popular", "oracle")


def life(chances, accounts=400, profiles=2, seed=1):
    """Measures of accounts that differ in how much they like to play: taken, sessions, account, arm."""
    rng = np.random.default_rng(seed)
    account = np.repeat(np.arange(accounts), profiles)
    sessions = rng.integers(1, 4, len(account))
    keen = np.repeat(rng.normal(0, 0.1, accounts), profiles)
    fate = rng.random((len(account), 3))
    taken = [
        ((fate < chance + keen[:, None]) & (np.arange(3) < sessions[:, None])).sum(axis=1)
        for chance in chances
    ]
    count = len(chances)
    return (
        np.concatenate(taken),
        np.tile(sessions, count),
        np.tile(account, count),
        np.repeat(ARMS[:count], len(keen)),
    )


def test_a_rate_by_hand():
    # accounts a: 1 of 2, b: 3 of 4; r = 4 / 6, deviations 1 - 4 / 3 and 3 - 8 / 3, each over 6
    told = rate([1, 1, 2], [2, 1, 3], ["a", "b", "b"])
    spread = math.sqrt(2 / 1 * 2 * (1 / 3 / 6) ** 2)
    assert told == pytest.approx((4 / 6, 4 / 6 - NORMAL_95 * spread, 4 / 6 + NORMAL_95 * spread))


def test_a_rate_of_nothing_and_of_one_account():
    assert all(math.isnan(end) for end in rate([0], [0], ["a"]))
    alone = rate([1, 0], [2, 2], ["a", "a"])
    assert alone.value == 0.25 and math.isnan(alone.low)


def test_accounts_that_are_alike_inside_widen_the_interval():
    taken, sessions = [1] * 50 + [0] * 50, [1] * 100
    apart = rate(taken, sessions, range(100))
    together = rate(taken, sessions, [n // 10 for n in range(100)])
    assert together.high - together.low > 2.5 * (apart.high - apart.low)


def test_the_interval_holds_the_truth_19_times_of_20():
    truth = rate(*life([0.4], accounts=100_000, seed=0)[:3]).value
    held = [
        told.low <= truth <= told.high
        for told in (rate(*life([0.4], seed=s)[:3]) for s in range(1, 401))
    ]
    assert 0.92 < np.mean(held) < 0.98


def test_a_difference_is_told_more_sharply_in_pairs():
    taken, sessions, account, arm = life([0.45, 0.40])
    paired = difference(taken, sessions, account, arm, "pipeline", "popular")
    alone = [
        rate(taken[arm == name], sessions[arm == name], account[arm == name]) for name in ARMS[:2]
    ]
    assert paired.value == pytest.approx(alone[0].value - alone[1].value)
    assert paired.high - paired.low < 0.6 * (alone[0].high - alone[0].low)
    assert paired.low > 0


def test_lift_is_the_difference_relative_to_the_second_rate():
    told = life([0.45, 0.40])
    apart, relative = (figure(*told, "pipeline", "popular") for figure in (difference, lift))
    base = rate(*(column[told[3] == "popular"] for column in told[:3])).value
    assert relative.value == pytest.approx(apart.value / base)
    assert relative.high - relative.low == pytest.approx((apart.high - apart.low) / base, rel=0.2)
    assert all(
        math.isnan(end)
        for end in lift([1, 0], [2, 2], ["a", "a"], ["pipeline", "popular"], "pipeline", "popular")
    )


def test_an_arm_does_not_differ_from_itself():
    taken, sessions, account, arm = life([0.4, 0.4])
    assert difference(taken, sessions, account, arm, "pipeline", "popular") == (0, 0, 0)


def test_the_gap_closed_is_the_same_each_time_and_holds_its_value():
    told = gap_closed(*life([0.5, 0.4, 0.6]))
    assert told == gap_closed(*life([0.5, 0.4, 0.6]))
    assert told.low < told.value < told.high
    assert told.value == pytest.approx(0.5, abs=0.1)
    assert told.high - told.low < 0.3


def test_the_bootstrap_agrees_with_the_delta_method():
    taken, sessions, account, arm = life([0.5, 0.4, 0.6])
    told = gap_closed(taken, sessions, account, arm, draws=4000)
    # share = (p - q) / (o - q): its deviations are (dp - dq - share * (do - dq)) / (o - q)
    deviations = {}
    for name in ARMS:
        mine = arm == name
        above, below = (np.bincount(account[mine], column[mine]) for column in (taken, sessions))
        deviations[name] = (above - above.sum() / below.sum() * below) / below.sum()
    room = difference(taken, sessions, account, arm, "oracle", "popular").value
    p, q, o = (deviations[name] for name in ARMS)
    spread = np.sqrt(np.sum(((p - q - told.value * (o - q)) / room) ** 2))
    assert told.high - told.low == pytest.approx(2 * NORMAL_95 * spread, rel=0.1)


def test_many_accounts_are_drawn_in_parts_of_the_same_law(monkeypatch):
    whole = gap_closed(*life([0.5, 0.4, 0.6]))
    monkeypatch.setattr("experiments.metrics.rates._CELLS", 400 * 7)
    assert gap_closed(*life([0.5, 0.4, 0.6])) == pytest.approx(whole)


def test_without_a_gap_nothing_can_be_closed():
    with pytest.raises(ValueError, match="oracle is not above popular"):
        gap_closed(*life([0.5, 0.4, 0.4]))
    taken, sessions, account, arm = life([0.5, 0.4])
    with pytest.raises(
        ValueError, match="nothing was measured of oracle; there are: pipeline, popular"
    ):
        gap_closed(taken, sessions, account, arm)


def test_a_gap_that_may_be_none_leaves_the_share_open():
    told = gap_closed(*life([0.5, 0.4, 0.41], accounts=20, seed=3))
    assert told.low == -math.inf and told.high == math.inf
