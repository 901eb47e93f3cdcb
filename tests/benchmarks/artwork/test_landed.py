"""Landed views are what was published and lived."""

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.artwork import landed
from benchmarks.artwork.landed import landed_views
from benchmarks.artwork.learners import uniform_choices
from benchmarks.artwork.population import Population, page_slots
from models.artwork.choice import ArtworkChoices
from tests.simulator.small import small_world
from tests.simulator.worlds import settings


@pytest.fixture(scope="module")
def population():
    return Population(small_world(), settings(), 60)


@pytest.fixture(scope="module")
def day(population):
    return population.day(0)


@pytest.fixture(scope="module")
def choices(population, day):
    """Uniform pictures, each cell with a propensity of its own."""
    uniform = uniform_choices(population, page_slots(day), 1)
    size = len(uniform.artwork)
    return ArtworkChoices(uniform.artwork, (1 + np.arange(size)) / (size + 1))


def test_a_landed_view_holds_picture_and_propensity_of_its_cell(population, day, choices):
    views = landed_views(population, day, choices, 0)
    assert (views.artwork == choices.artwork[views.cell]).all()
    assert np.array_equal(views.propensity, choices.probability[views.cell])
    assert (views.profile == page_slots(day).profile[views.cell]).all()


def test_views_and_quality_plays_are_those_of_the_lived_day(population, day, choices):
    views = landed_views(population, day, choices, 0)
    outcome, _ = population.live(day, choices.artwork)
    counts = np.bincount(views.cell, minlength=len(day.title))
    rewards = np.bincount(views.cell, views.reward, minlength=len(day.title))
    assert (counts[outcome.cell] == outcome.impressions.impressions).all()
    assert counts.sum() == outcome.impressions.impressions.sum()
    assert (rewards[outcome.cell] == outcome.impressions.quality_plays).all()
    other = landed_views(population, day, choices, 1)
    assert len(other.cell) != len(views.cell)


def test_a_record_without_a_propensity_lands_without_one(population, day, choices, monkeypatch):
    """What is read is the landed record: were the client to drop it, nothing would stand in."""
    write = landed.pq.write_table

    def without(table, path):
        if "propensity" in table.schema.names:
            at = table.schema.get_field_index("propensity")
            table = table.set_column(at, "propensity", pa.nulls(len(table), pa.float64()))
        write(table, path)

    monkeypatch.setattr(landed.pq, "write_table", without)
    assert np.isnan(landed_views(population, day, choices, 0).propensity).all()
