"""Whole pages of a small town, read by somebody who knows nothing of how reasons are made."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.artwork import pages
from benchmarks.artwork.learners import learner
from benchmarks.artwork.pages import evidence_figures
from benchmarks.artwork.population import Town
from conf.artwork import artwork
from tests.simulator.small import small_world
from tests.simulator.worlds import settings


@pytest.fixture(scope="module")
def town():
    return Town(small_world(), settings(), 120)


@pytest.fixture(scope="module")
def arm(town):
    day = town.day(0)
    made = learner(town, day, artwork())
    made.meet(day)
    return made


def test_every_cell_has_a_picture_and_a_reason_that_is_true(town, arm):
    found = evidence_figures(town, arm, 0)
    assert found["page_cells"] > 1000 and len(found["reasons"]) > 2
    assert found["false_evidence"] == found["page_cells_without_picture"] == 0


def test_reasons_are_not_believed_where_the_records_say_otherwise(town, arm, monkeypatch):
    class Confused(pages._Reader):
        def __init__(self, town, shop, people, near):
            super().__init__(town, shop, replace(people, title=np.roll(people.title, 1)), near)

    monkeypatch.setattr(pages, "_Reader", Confused)
    assert evidence_figures(town, arm, 0)["false_evidence"] > 0
