"""Whole pages of a small population, and the independent check of their reasons."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.artwork import pages
from benchmarks.artwork.learners import new_learner
from benchmarks.artwork.pages import ReasonChecker, evidence_figures
from benchmarks.artwork.population import Population
from conf.artwork import artwork_settings
from tests.simulator.small import small_world
from tests.simulator.worlds import settings


@pytest.fixture(scope="module")
def learner():
    population = Population(small_world(), settings(), 120)
    day = population.day(0)
    learner = new_learner(population, day, artwork_settings())
    learner.begin_day(day)
    return learner


def test_every_cell_has_artwork_and_a_true_reason(learner):
    figures = evidence_figures(learner, 0)
    assert figures["page_cells"] > 1000 and len(figures["reasons"]) > 2
    assert figures["false_evidence"] == figures["page_cells_without_picture"] == 0


def test_a_reason_is_false_where_the_history_says_otherwise(learner, monkeypatch):
    class CheckerWithOtherHistories(ReasonChecker):
        def __init__(self, inputs):
            other_titles = np.roll(inputs.profiles.title, 1)
            super().__init__(inputs._replace(profiles=replace(inputs.profiles, title=other_titles)))

    monkeypatch.setattr(pages, "ReasonChecker", CheckerWithOtherHistories)
    assert evidence_figures(learner, 0)["false_evidence"] > 0
