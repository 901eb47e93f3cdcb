"""The days of the bench in a small population."""

import pytest

from benchmarks.artwork.days import run_days
from benchmarks.artwork.population import Population
from benchmarks.artwork.run import take_figures
from conf.artwork import artwork_settings
from tests.simulator.small import small_world
from tests.simulator.worlds import settings


@pytest.fixture(scope="module")
def measured_days():
    """Two days of learning and one of evaluation."""
    trees = artwork_settings().trees.model_copy(update={"draws": 2, "trees": 5})
    fewer_trees = artwork_settings().model_copy(update={"trees": trees})
    population = Population(small_world(), settings(), 60)
    return run_days(population, 2, 1, fewer_trees, say=lambda _: None)


def test_a_policy_is_learned_from_the_days_before_the_evaluation(measured_days):
    learner = measured_days.contextual
    assert len(learner.log) == 2
    assert learner.metrics[-1]["impressions"] == sum(day.trials.sum() for day in learner.log)


def test_every_cell_has_artwork(measured_days):
    assert measured_days.cells > 0
    assert measured_days.cells_without_artwork == measured_days.title_cards == 0


def test_every_arm_has_a_take_on_the_day_of_evaluation(measured_days):
    figures = take_figures(measured_days, 2, 1)
    assert set(figures["by_day"]["3"]) >= {"take_trees", "take_without_chance", "take_oracle"}
    assert "take_trees" not in figures["by_day"]["1"]
    assert figures["take_oracle"] > figures["take_random"]
    assert figures["take_per_look_oracle"] > figures["take_oracle"]
    assert {"closed_of_knowable", "closed_of_knowable_low", "regret_closed"} <= set(figures)
