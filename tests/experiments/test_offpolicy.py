"""Off-policy estimates by hand, against simulated truth, and the logs that are refused."""

import math

import numpy as np
import pytest

from conf.errors import Rejected
from experiments.offpolicy import (
    LoggedChoices,
    TargetPolicy,
    effective,
    estimates,
    evaluation,
    overlap,
)


def log(reward, propensity, profile=None):
    profiles = profile or range(len(reward))
    return LoggedChoices(np.array(reward, float), np.array(propensity, float), np.array(profiles))


def policy(probability, logged=None, own=None):
    predictions = [None if values is None else np.array(values, float) for values in (logged, own)]
    return TargetPolicy(np.array(probability, float), *predictions)


FOUR = log([1, 0, 1, 0], [0.5, 0.5, 0.25, 0.25])


def test_estimates_by_hand():
    # weights 2, 0, 1, 4; w r: 2, 0, 1, 0; w (r - q): 1, 0, .5, -1
    target = policy([1, 0, 0.25, 1], logged=[0.5, 0.5, 0.5, 0.25], own=[0.5, 0.5, 0.25, 0.25])
    values = {name: figure.value for name, figure in estimates(FOUR, target, switch_at=2).items()}
    assert values == pytest.approx(
        {
            "replay": 1 / 2,
            "ips": 3 / 4,
            "snips": 3 / 7,
            "dm": 1.5 / 4,
            "dr": 2 / 4,
            "switch_dr": 3 / 4,
        }
    )


def test_a_policy_evaluated_on_its_own_log_earns_what_it_earned():
    own = policy([0.5, 0.5, 0.25, 0.25])
    result = estimates(FOUR, own, switch_at=10)
    assert result["ips"].value == result["snips"].value == 0.5
    assert math.isnan(result["replay"].value)  # nothing it does is certain


def test_without_predictions_there_is_no_estimate_that_needs_them():
    assert set(estimates(FOUR, policy([1, 1, 1, 1]), 10)) == {"replay", "ips", "snips"}


def test_dr_is_right_with_a_wrong_model_and_dm_is_not():
    rng = np.random.default_rng(0)
    choice, rows = rng.random(200_000) < 0.2, 200_000
    reward = rng.random(rows) < np.where(choice, 0.3, 0.1)
    logged = log(reward, np.where(choice, 0.2, 0.8))
    always = policy(
        choice, logged=np.full(rows, 0.1), own=np.full(rows, 0.1)
    )  # the model says 0.1 of everything
    result = estimates(logged, always, switch_at=100)
    assert result["dr"].low < 0.3 < result["dr"].high
    assert result["dm"].value == pytest.approx(0.1)


def test_rows_of_one_profile_widen_the_interval():
    reward, propensity = [1] * 50 + [0] * 50, [0.5] * 100
    alone = estimates(log(reward, propensity), policy(propensity), 10)["snips"]
    alike = estimates(
        log(reward, propensity, [n // 10 for n in range(100)]), policy(propensity), 10
    )["snips"]
    assert alike.high - alike.low > 2.5 * (alone.high - alone.low)


def test_overlap_by_hand():
    result = overlap(
        log([1, 0, 1, 0], [0.5, 0.5, 0.25, 0.25], ["a", "a", "b", "b"]), policy([1, 0, 0.25, 1])
    )
    assert (result.rows, result.profiles, result.matched_share, result.largest_weight) == (
        4,
        2,
        0.75,
        4,
    )
    assert result.effective_sample == pytest.approx(49 / 21)
    assert result.effective_profiles == pytest.approx(49 / 29)
    assert result.mean_weight.value == pytest.approx(7 / 4)
    assert result.least_propensity == 0.25


def test_no_weight_is_no_sample():
    assert effective(np.zeros(3)) == 0


@pytest.mark.parametrize(
    ("logged", "target", "reason"),
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
def test_what_would_be_worthless_is_refused(logged, target, reason):
    with pytest.raises(Rejected, match=reason):
        evaluation(logged, target, least_effective=2, switch_at=10)


@pytest.mark.parametrize("fault", ["shifted", "one", "none"])
def test_propensities_of_other_choices_are_refused(fault):
    """Choices with probabilities of their own; shifted by one, or all 1, they are refused."""
    rng = np.random.default_rng(0)
    likely = rng.uniform(0.5, 0.95, 4000)
    choice = rng.random(4000) < likely
    propensity = np.where(choice, likely, 1 - likely)
    given = {"shifted": np.roll(propensity, 1), "one": np.ones(4000), "none": propensity}[fault]
    logged = LoggedChoices(np.ones(4000), given, np.arange(4000) // 10)
    target = policy(choice)  # always what is likelier
    if fault == "none":
        assert evaluation(logged, target, 200, 10).estimates["ips"].value == pytest.approx(1, 0.1)
        return
    with pytest.raises(Rejected, match="importance weights have the mean .*, not 1") as refusal:
        evaluation(logged, target, 200, 10)
    assert "\n" not in str(refusal.value)


def test_an_evaluation_says_what_it_rests_on():
    result = evaluation(FOUR, policy([1, 0, 0.25, 1]), least_effective=2, switch_at=10)
    assert set(result.estimates) == {"replay", "ips", "snips"}
    assert result.overlap.effective_sample == pytest.approx(49 / 21)


@pytest.mark.parametrize("seed", range(3))
def test_intervals_hold_the_truth_about_as_often_as_they_say(seed):
    """400 logs of 300 unlike profiles: 95 % intervals hold the truth in 91 % to 98 %."""
    rng = np.random.default_rng(seed)
    covered = {"ips": 0, "snips": 0, "dr": 0}
    for _ in range(400):
        play_rate = np.repeat(
            rng.beta(2, 6, 300), 10
        )  # mean .25; the second artwork earns twice as much
        choice = rng.random(3000) < 0.3
        reward = rng.random(3000) < np.where(choice, play_rate, play_rate / 2)
        logged = LoggedChoices(
            reward.astype(float), np.where(choice, 0.3, 0.7), np.repeat(np.arange(300), 10)
        )
        result = estimates(
            logged, policy(choice, logged=np.full(3000, 0.2), own=np.full(3000, 0.2)), 100
        )
        for name in covered:
            covered[name] += result[name].low <= 0.25 <= result[name].high
    assert all(0.91 < count / 400 < 0.98 for count in covered.values()), covered
