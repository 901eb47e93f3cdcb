"""A small population: outcomes follow from the artwork, and only the world knows what artwork
evokes.
"""

import numpy as np
import pytest

from benchmarks.artwork.learners import uniform_artwork
from benchmarks.artwork.oracle import best_artwork, true_artwork
from benchmarks.artwork.population import Population, page_slots
from tests.simulator.small import small_world
from tests.simulator.worlds import settings


@pytest.fixture(scope="module")
def population():
    return Population(small_world(), settings(), 120)


@pytest.fixture(scope="module")
def day(population):
    return population.day(0)


def test_pages_hold_legal_titles_that_were_never_played_each_once(population, day):
    slots = page_slots(day)
    assert population.legal(0)[slots.profile, slots.title].all()
    assert not population.histories().toarray()[slots.profile, slots.title].any()
    profile_title = np.stack([slots.profile, slots.title])
    assert np.unique(profile_title, axis=1).shape == profile_title.shape


def test_impressions_name_the_title_and_artwork_of_their_cell(population, day):
    slots = page_slots(day)
    artwork = uniform_artwork(population, slots, 1)
    impressions = population.live(day, artwork)[0].impressions
    on_page = np.full((population.size, slots.title.max() + 1), -1)
    on_page[slots.profile, slots.title] = artwork
    assert (on_page[impressions.profile, impressions.title] == impressions.artwork).all()
    assert (impressions.quality_plays <= impressions.impressions).all()
    assert impressions.quality_plays.sum() > 0


def test_every_play_and_every_look_was_in_view(population, day):
    outcome, _ = population.live(day, uniform_artwork(population, page_slots(day), 1))
    views = outcome.impressions.impressions
    assert (outcome.impressions.quality_plays <= outcome.plays).all()
    assert (outcome.plays <= views).all()
    assert (outcome.looks <= views).all()
    assert 0.1 * views.sum() < outcome.looks.sum() < views.sum()


def test_some_profiles_live_the_same_day_alone(population, day):
    def rows(impressions):
        columns = (
            impressions.profile,
            impressions.title,
            impressions.impressions,
            impressions.quality_plays,
        )
        return sorted(zip(*(column.tolist() for column in columns), strict=True))

    artwork = uniform_artwork(population, page_slots(day), 1)
    profiles = np.array([3, 5, 40])
    alone = population.live(day, artwork, profiles)[0].impressions
    of_all = population.live(day, artwork)[0].impressions
    assert rows(alone) == rows(of_all.where(np.isin(of_all.profile, profiles)))


def test_the_oracle_evokes_most(population, day):
    slots, artwork = page_slots(day), true_artwork(population)

    def evoked(choice):
        likes = population.members.theme_likes[slots.profile, artwork.theme[choice]]
        return (likes * artwork.weight[choice] + artwork.shared[choice]).mean()

    best = best_artwork(population, slots)
    assert evoked(best) > evoked(uniform_artwork(population, slots, 1))
    assert (artwork.offsets[slots.title] <= best).all()
    assert (best < artwork.offsets[slots.title + 1]).all()


def test_another_replication_has_other_luck_in_the_same_sessions(population, day):
    artwork = uniform_artwork(population, page_slots(day), 1)
    first, again, other = (population.live(day, artwork, None, n)[0] for n in (0, 0, 1))
    assert np.array_equal(first.cell, again.cell)
    assert not np.array_equal(first.cell, other.cell)
    assert set(first.impressions.profile) == set(other.impressions.profile)
