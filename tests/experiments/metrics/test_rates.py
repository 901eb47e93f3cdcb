"""Rates, differences and lifts by hand, and how often their intervals hold the truth."""

import math

import numpy as np
import pytest

from experiments.metrics.rates import NORMAL_95, difference, gap_closed, rate, rate_lift

ARMS = ("pipeline", "popular", "oracle")


def arm_days(chances, accounts=400, profiles=2, seed=1):
    """Days of accounts that differ in how much they like to play: plays, sessions, account, arm."""
    rng = np.random.default_rng(seed)
    account = np.repeat(np.arange(accounts), profiles)
    sessions = rng.integers(1, 4, len(account))
    eagerness = np.repeat(rng.normal(0, 0.1, accounts), profiles)
    draw = rng.random((len(account), 3))
    plays = [
        ((draw < chance + eagerness[:, None]) & (np.arange(3) < sessions[:, None])).sum(axis=1)
        for chance in chances
    ]
    count = len(chances)
    return (
        np.concatenate(plays),
        np.tile(sessions, count),
        np.tile(account, count),
        np.repeat(ARMS[:count], len(eagerness)),
    )


def test_a_rate_by_hand():
    # accounts a: 1 of 2, b: 3 of 4; r = 4 / 6, deviations 1 - 4 / 3 and 3 - 8 / 3, each over 6
    figure = rate([1, 1, 2], [2, 1, 3], ["a", "b", "b"])
    spread = math.sqrt(2 / 1 * 2 * (1 / 3 / 6) ** 2)
    assert figure == pytest.approx((4 / 6, 4 / 6 - NORMAL_95 * spread, 4 / 6 + NORMAL_95 * spread))


def test_a_rate_of_nothing_and_of_one_account():
    assert all(math.isnan(end) for end in rate([0], [0], ["a"]))
    alone = rate([1, 0], [2, 2], ["a", "a"])
    assert alone.value == 0.25 and math.isnan(alone.low)


def test_accounts_that_are_alike_inside_widen_the_interval():
    plays, sessions = [1] * 50 + [0] * 50, [1] * 100
    apart = rate(plays, sessions, range(100))
    together = rate(plays, sessions, [n // 10 for n in range(100)])
    assert together.high - together.low > 2.5 * (apart.high - apart.low)


def test_the_interval_holds_the_truth_19_times_of_20():
    truth = rate(*arm_days([0.4], accounts=100_000, seed=0)[:3]).value
    covered = [
        figure.low <= truth <= figure.high
        for figure in (rate(*arm_days([0.4], seed=s)[:3]) for s in range(1, 401))
    ]
    assert 0.92 < np.mean(covered) < 0.98


def test_a_difference_is_sharper_in_pairs():
    plays, sessions, account, arm = arm_days([0.45, 0.40])
    paired = difference(plays, sessions, account, arm, "pipeline", "popular")
    alone = [
        rate(plays[arm == name], sessions[arm == name], account[arm == name]) for name in ARMS[:2]
    ]
    assert paired.value == pytest.approx(alone[0].value - alone[1].value)
    assert paired.high - paired.low < 0.6 * (alone[0].high - alone[0].low)
    assert paired.low > 0


def test_lift_is_the_difference_relative_to_the_second_rate():
    days = arm_days([0.45, 0.40])
    apart = difference(*days, "pipeline", "popular")
    relative = rate_lift(*days, "pipeline", "popular")
    is_popular = days[3] == "popular"
    base = rate(*(column[is_popular] for column in days[:3])).value
    assert relative.value == pytest.approx(apart.value / base)
    assert relative.high - relative.low == pytest.approx((apart.high - apart.low) / base, rel=0.2)
    one_account = ([1, 0], [2, 2], ["a", "a"], ["pipeline", "popular"])
    assert all(math.isnan(end) for end in rate_lift(*one_account, "pipeline", "popular"))


def test_an_arm_does_not_differ_from_itself():
    plays, sessions, account, arm = arm_days([0.4, 0.4])
    assert difference(plays, sessions, account, arm, "pipeline", "popular") == (0, 0, 0)


def test_the_gap_closed_is_the_same_each_time_and_holds_its_value():
    figure = gap_closed(*arm_days([0.5, 0.4, 0.6]))
    assert figure == gap_closed(*arm_days([0.5, 0.4, 0.6]))
    assert figure.low < figure.value < figure.high
    assert figure.value == pytest.approx(0.5, abs=0.1)
    assert figure.high - figure.low < 0.3


def test_the_bootstrap_agrees_with_the_delta_method():
    plays, sessions, account, arm = arm_days([0.5, 0.4, 0.6])
    figure = gap_closed(plays, sessions, account, arm, draws=4000)
    # share = (p - q) / (o - q): its deviations are (dp - dq - share * (do - dq)) / (o - q)
    deviations = {}
    for name in ARMS:
        in_arm = arm == name
        above, below = (
            np.bincount(account[in_arm], column[in_arm]) for column in (plays, sessions)
        )
        deviations[name] = (above - above.sum() / below.sum() * below) / below.sum()
    room = difference(plays, sessions, account, arm, "oracle", "popular").value
    p, q, o = (deviations[name] for name in ARMS)
    spread = np.sqrt(np.sum(((p - q - figure.value * (o - q)) / room) ** 2))
    assert figure.high - figure.low == pytest.approx(2 * NORMAL_95 * spread, rel=0.1)


def test_many_accounts_are_drawn_in_parts_alike(monkeypatch):
    whole = gap_closed(*arm_days([0.5, 0.4, 0.6]))
    monkeypatch.setattr("experiments.metrics.rates._CELLS", 400 * 7)
    assert gap_closed(*arm_days([0.5, 0.4, 0.6])) == pytest.approx(whole)


def test_without_a_gap_nothing_can_be_closed():
    with pytest.raises(ValueError, match="oracle is not above popular"):
        gap_closed(*arm_days([0.5, 0.4, 0.4]))
    plays, sessions, account, arm = arm_days([0.5, 0.4])
    with pytest.raises(
        ValueError, match="nothing was measured of oracle; there are: pipeline, popular"
    ):
        gap_closed(plays, sessions, account, arm)


def test_a_gap_that_may_be_none_leaves_the_share_open():
    figure = gap_closed(*arm_days([0.5, 0.4, 0.41], accounts=20, seed=3))
    assert figure.low == -math.inf and figure.high == math.inf
