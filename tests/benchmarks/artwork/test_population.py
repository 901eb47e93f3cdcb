"""A small population: outcomes follow from the artwork, and only the world knows what artwork
evokes.
"""

import numpy as np
import pytest

from benchmarks.artwork.learners import new_learner, uniform_artwork
from benchmarks.artwork.offpolicy import interval_coverage
from benchmarks.artwork.oracle import best_artwork, likeliest_artwork
from benchmarks.artwork.population import Population, page_slots
from conf.artwork import artwork_settings
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


def test_every_play_was_looked_at_and_every_look_was_in_view(population, day):
    outcome, _ = population.live(day, uniform_artwork(population, page_slots(day), 1))
    views = outcome.impressions.impressions
    assert (outcome.impressions.quality_plays <= outcome.plays).all()
    assert (outcome.plays <= outcome.looks).all()
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


def test_the_oracle_evokes_most_and_the_likeliest_more_than_chance(population, day):
    slots, titles = page_slots(day), population.truth.titles

    def evoked(artwork):
        likes = population.members.theme_likes[slots.profile, titles.artwork_theme[artwork]]
        return (likes * titles.artwork_represents[artwork]).mean()

    best = best_artwork(population, slots)
    likeliest = likeliest_artwork(population, slots)
    assert evoked(best) > evoked(likeliest) > evoked(uniform_artwork(population, slots, 1))
    assert (titles.artwork_first[slots.title] <= best).all()
    assert (best < titles.artwork_first[slots.title + 1]).all()


def test_off_policy_intervals_are_counted_on_logs_with_a_known_truth(population, day):
    learner = new_learner(population, day, artwork_settings())
    learner.begin_day(day)
    learner.learn()
    switch_at = artwork_settings().offpolicy.switch_at
    figures = interval_coverage(learner, day, page_slots(day), 20, switch_at)
    assert set(figures) == {"uniform_greedy", "thompson_greedy", "thompson_uniform"}
    assert figures["uniform_greedy"]["coverage"]["ips"] > 0.7
    assert abs(figures["uniform_greedy"]["bias"]["ips"]) < 0.1
