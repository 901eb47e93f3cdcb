import math

import numpy as np
import pytest

from conf.errors import Rejected
from experiments.offpolicy import Log, Policy, effective, estimates, evaluation, overlap


def log(reward, propensity, member=None):
    rows = len(reward)
    return Log(
        np.array(reward, float), np.array(propensity, float), np.array(member or range(rows))
    )


def policy(probability, logged=None, own=None):
    given = (None if values is None else np.array(values, float) for values in (logged, own))
    return Policy(np.array(probability, float), *given)


FOUR = log([1, 0, 1, 0], [0.5, 0.5, 0.25, 0.25])


def test_estimates_by_hand():
    # weights 2, 0, 1, 4; w r: 2, 0, 1, 0; w (r - q): 1, 0, .5, -1
    judged = policy([1, 0, 0.25, 1], logged=[0.5, 0.5, 0.5, 0.25], own=[0.5, 0.5, 0.25, 0.25])
    found = {name: told.value for name, told in estimates(FOUR, judged, switch_at=2).items()}
    assert found == pytest.approx(
        {
            "replay": 1 / 2,
            "ips": 3 / 4,
            "snips": 3 / 7,
            "dm": 1.5 / 4,
            "dr": 2 / 4,
            "switch_dr": 3 / 4,
        }
    )


def test_a_policy_judged_by_its_own_log_earns_what_it_earned():
    own = policy([0.5, 0.5, 0.25, 0.25])
    found = estimates(FOUR, own, switch_at=10)
    assert found["ips"].value == found["snips"].value == 0.5
    assert math.isnan(found["replay"].value)  # nothing it does is certain


def test_without_predictions_there_is_no_estimate_that_needs_them():
    assert set(estimates(FOUR, policy([1, 1, 1, 1]), 10)) == {"replay", "ips", "snips"}


def test_dr_is_right_with_a_wrong_model_and_dm_is_not():
    rng = np.random.default_rng(0)
    chosen, rows = rng.random(200_000) < 0.2, 200_000
    reward = rng.random(rows) < np.where(chosen, 0.3, 0.1)
    logged = log(reward, np.where(chosen, 0.2, 0.8))
    always = policy(
        chosen, logged=np.full(rows, 0.1), own=np.full(rows, 0.1)
    )  # the model says 0.1 of everything
    found = estimates(logged, always, switch_at=100)
    assert found["dr"].low < 0.3 < found["dr"].high
    assert found["dm"].value == pytest.approx(0.1)


def test_rows_of_one_member_widen_the_interval():
    reward, propensity = [1] * 50 + [0] * 50, [0.5] * 100
    alone = estimates(log(reward, propensity), policy(propensity), 10)["snips"]
    alike = estimates(
        log(reward, propensity, [n // 10 for n in range(100)]), policy(propensity), 10
    )["snips"]
    assert alike.high - alike.low > 2.5 * (alone.high - alone.low)


def test_overlap_by_hand():
    found = overlap(
        log([1, 0, 1, 0], [0.5, 0.5, 0.25, 0.25], ["a", "a", "b", "b"]), policy([1, 0, 0.25, 1])
    )
    assert (found.rows, found.members, found.matched_share, found.largest_weight) == (4, 2, 0.75, 4)
    assert found.effective_sample == pytest.approx(49 / 21)
    assert found.effective_members == pytest.approx(49 / 29)
    assert found.mean_weight.value == pytest.approx(7 / 4)
    assert found.least_propensity == 0.25


def test_no_weight_is_no_sample():
    assert effective(np.zeros(3)) == 0


@pytest.mark.parametrize(
    ("logged", "judged", "reason"),
    [
        (log([1, 0], [0.5, math.nan]), policy([1, 1]), "1 of 2 logged choices have no propensity"),
        (log([], []), policy([]), "the log has no choices"),
        (log([1, 0], [0.5, 0.0]), policy([1, 1]), "a propensity of 0 is no probability"),
        (
            log([1, 0, 1], [0.5, 0.5, 0.01]),
            policy([0, 0, 1]),
            "3 logged choices tell as much of this policy as 1.0",
        ),
    ],
)
def test_what_would_be_worthless_is_refused(logged, judged, reason):
    with pytest.raises(Rejected, match=reason):
        evaluation(logged, judged, least_effective=2, switch_at=10)


def test_an_evaluation_says_what_it_rests_on():
    told = evaluation(FOUR, policy([1, 0, 0.25, 1]), least_effective=2, switch_at=10)
    assert set(told.estimates) == {"replay", "ips", "snips"}
    assert told.overlap.effective_sample == pytest.approx(49 / 21)


@pytest.mark.parametrize("seed", range(3))
def test_intervals_hold_the_truth_about_as_often_as_they_say(seed):
    """400 logs of 300 members that differ, 10 choices each: 95 % intervals hold the truth in 91 % to 98 %."""
    rng = np.random.default_rng(seed)
    held = {"ips": 0, "snips": 0, "dr": 0}
    for _ in range(400):
        keen = np.repeat(
            rng.beta(2, 6, 300), 10
        )  # mean .25; the second picture earns twice as much
        chosen = rng.random(3000) < 0.3
        reward = rng.random(3000) < np.where(chosen, keen, keen / 2)
        logged = Log(
            reward.astype(float), np.where(chosen, 0.3, 0.7), np.repeat(np.arange(300), 10)
        )
        found = estimates(
            logged, policy(chosen, logged=np.full(3000, 0.2), own=np.full(3000, 0.2)), 100
        )
        for name in held:
            held[name] += found[name].low <= 0.25 <= found[name].high
    assert all(0.91 < count / 400 < 0.98 for count in held.values()), held
