"""Off-policy evaluation from landed days of a small population."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.artwork import offpolicy
from benchmarks.artwork.landed import landed_views
from benchmarks.artwork.learners import new_learner, uniform_choices
from benchmarks.artwork.offpolicy import (
    LogFigures,
    Question,
    detects_shifted_propensities,
    interval_coverage,
)
from benchmarks.artwork.population import Population, page_slots
from benchmarks.artwork.reward_model import reward_model
from conf.artwork import artwork_settings
from tests.simulator.small import small_world
from tests.simulator.worlds import settings


@pytest.fixture(scope="module")
def learner():
    """A learner of one day of uniform pictures."""
    population = Population(small_world(), settings(), 120)
    day = population.day(0)
    learner = new_learner(population, day, artwork_settings())
    learner.begin_day(day)
    choices = uniform_choices(population, page_slots(day), 1)
    learner.add(population.live(day, choices.artwork)[0], 0)
    learner.learn()
    return learner


@pytest.fixture(scope="module")
def day(learner):
    return learner.population.day(0)


def test_logs_are_judged_against_lives_and_wrong_propensities_are_noticed(learner, day):
    switch_at = artwork_settings().offpolicy.switch_at
    questions = interval_coverage(learner, day, 40, switch_at, lambda _: None, lives=6)
    assert set(questions) == {"uniform_greedy", "published_greedy", "published_uniform"}
    for question in questions.values():
        assert question.by_fault["none"].mean_weight == pytest.approx(1, abs=0.1)
        assert question.by_fault["ones"].mean_weight < 0.9
    assert questions["uniform_greedy"].by_fault["shifted"].mean_weight > 1.2
    assert all(question.truth > 0 for question in questions.values())


def question(**coverage_and_refused):
    """A question with (coverage of dr, share refused) by fault."""
    return Question(
        0.02,
        {
            fault: LogFigures({"dr": coverage}, {"dr": 0.0}, 1.0, refused)
            for fault, (coverage, refused) in coverage_and_refused.items()
        },
    )


@pytest.mark.parametrize(
    ("by_fault", "detects"),
    [
        ({"none": (0.95, 0.0), "shifted": (0.95, 1.0), "ones": (0.3, 0.0)}, True),
        ({"none": (0.95, 0.0), "shifted": (0.95, 0.5), "ones": (0.3, 1.0)}, False),
        ({"none": (0.95, 0.2), "shifted": (0.3, 1.0), "ones": (0.3, 1.0)}, False),
        ({"none": (0.8, 0.0), "shifted": (0.3, 1.0), "ones": (0.3, 1.0)}, False),
    ],
)
def test_faults_are_noticed_only_where_honest_logs_are_not_refused(by_fault, detects):
    assert detects_shifted_propensities({"a": question(**by_fault)}) is detects


def test_the_reward_model_knows_no_more_than_the_log(learner, day):
    """The same log in a world whose pictures evoke something else predicts the same."""
    population = learner.population
    model = reward_model(learner, day)
    other = population.truth.titles._replace(
        artwork_represents=1 - population.truth.titles.artwork_represents,
        quality=0 * population.truth.titles.quality,
    )
    elsewhere = object.__new__(Population)
    elsewhere.__dict__.update(population.__dict__)
    elsewhere.truth = replace(population.truth, titles=other)
    again = reward_model(replace(learner, population=elsewhere), day)
    assert np.array_equal(model.rewards, again.rewards)
    cell = np.arange(50)
    assert (model.predicted(cell, model.offsets[cell]) > 0).all()
    assert model.mean_predicted(cell) == pytest.approx(
        model.rewards[cell].sum(axis=1) / model.pool_sizes[cell]
    )


def test_views_of_an_account_are_one_cluster(learner, day):
    views = landed_views(
        learner.population, day, uniform_choices(learner.population, page_slots(day), 1), 0
    )
    terms = {"ips": (views.reward, np.ones(len(views.reward)))}
    sums = offpolicy._by_account([views], [terms], learner.population.account)["ips"]
    assert sums.below.sum() == len(views.reward)
    assert sums.above.sum() == views.reward.sum()
    assert sums.ratio == pytest.approx(views.reward.mean())
