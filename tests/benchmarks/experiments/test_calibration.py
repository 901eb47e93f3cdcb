import numpy as np
import pyarrow as pa
import pytest

from benchmarks.experiments import calibration
from experiments.analysis.accounts import Metric
from experiments.analysis.effects import effects

RNG = np.random.default_rng(0)
BEFORE = RNG.gamma(2, 4, 80)
DAYS = RNG.poisson(BEFORE / 14, (3, 14, 80)).astype(float)


def test_rulers_are_quiet_where_nothing_is():
    fixed, cut = calibration.false_positive_rate(DAYS.sum(axis=1), BEFORE, 150)
    anytime, peeked = calibration.peeking_rates(DAYS, BEFORE, 60)
    assert fixed < 0.12
    assert cut > 0.5
    assert anytime <= 0.07
    assert peeked >= anytime


def test_sums_are_those_that_effects_are_made_of():
    is_new = np.arange(80) % 2 == 0
    plays = DAYS[0].sum(axis=0)
    cells = [
        calibration.aggregates({"plays": plays, "before": BEFORE}, part)
        for part in (~is_new, is_new)
    ]
    fast = calibration.estimator(calibration.PLAYS).analyze_aggregates(*cells)
    table = pa.table(
        {
            "account_id": [f"{n:02d}" for n in range(80)],
            "cell": np.where(is_new, "new", "control"),
            "plays": plays,
            "before": BEFORE,
        }
    )
    (found,) = effects(table, [Metric("plays", "plays", before="before")], "control")
    assert found.p == pytest.approx(fast.pvalue)


def test_lost_accounts_are_seen_and_layers_are_independent():
    seen, false = calibration.sample_ratios(10)
    assert (seen, false) == (1.0, 0.0)
    assert calibration.layer_independence_p() > 0.001


def test_the_planner_is_within_a_hundredth():
    assert calibration.planner_max_error() < 0.01


def test_more_is_told_with_what_is_known_before():
    rng = np.random.default_rng(2)
    skill = rng.beta(4, 3, 500)
    sessions = 1.0 + rng.poisson(20, (3, 500))
    found = calibration.smallest_effect_told(
        rng.binomial(sessions.astype(int), skill) * 1.0, sessions, 1000
    )
    assert 0 < found["smallest_effect_told"] < found["smallest_effect_told_without_cuped"]


def test_chance_is_what_no_knowledge_of_accounts_takes_away():
    rng = np.random.default_rng(3)
    skill = np.tile([0.3, 0.7], 1500)
    sessions = np.full((6, 3000), 20.0)
    taken = rng.binomial(20, skill, (6, 3000)) * 1.0
    # by hand: of one account 20 * .3 * .7 = 4.2, between accounts (20 * .2)^2 = 16
    assert calibration.chance_share(taken, sessions) == pytest.approx(4.2 / 20.2, abs=0.01)
    found = calibration.smallest_effect_told(taken, sessions, 6000)
    at_best, cuped = found["smallest_effect_told_at_best"], found["smallest_effect_told"]
    assert at_best < cuped < found["smallest_effect_told_without_cuped"]


def test_an_interval_of_a_share():
    low, high = calibration.share_interval(0.05, 2000)
    assert (low, high) == pytest.approx((0.0413, 0.0605), abs=1e-3)
