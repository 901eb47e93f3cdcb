"""The Bayes choice knows the world's law, and of members what their logs tell."""

import numpy as np
import pytest

from benchmarks.artwork import knowable
from benchmarks.artwork.knowable import (
    Reactions,
    ThemeLikes,
    bayes_choice,
    knowable_artwork,
    theme_likes,
)
from benchmarks.artwork.learners import new_learner, uniform_artwork
from benchmarks.artwork.oracle import best_artwork, true_artwork
from benchmarks.artwork.population import Population, page_slots
from conf.artwork import artwork_settings
from tests.simulator.small import small_world
from tests.simulator.worlds import settings


@pytest.fixture(scope="module")
def population():
    return Population(small_world(), settings(), 150)


@pytest.fixture(scope="module")
def day(population):
    return population.day(0)


def test_a_history_tells_something_of_themes_that_stand_for_genres_and_nothing_of_others(
    population, day
):
    likes = theme_likes(population, day)
    true_likes = population.members.theme_likes
    tied = [
        population.settings.themes.index(theme)
        for theme, genre in population.settings.catalogue.theme_genres.items()
        if genre in population.truth.genre_names
    ]
    others = sorted(set(range(len(population.settings.themes))) - set(tied))
    assert (likes.mean[:, others] == 0).all()
    for theme in tied:
        assert np.corrcoef(likes.mean[:, theme], true_likes[:, theme])[0, 1] > 0.1
        assert likes.covariance[theme, theme] < 1


def test_what_a_member_likes_is_not_read_from_its_own_truth(population, day):
    """A member whose likes are changed has the same expected likes: only its log counts."""
    before = theme_likes(population, day).mean
    changed = population.members.genre_likes.copy()
    changed[0] = 10.0
    elsewhere = object.__new__(Population)
    elsewhere.__dict__.update(population.__dict__)
    elsewhere.members = population.members._replace(genre_likes=changed)
    assert theme_likes(elsewhere, day).mean[0] == pytest.approx(before[0])


def test_reactions_move_likes_by_hand():
    likes = ThemeLikes(np.zeros((1, 2)), np.eye(2))
    reactions = Reactions(np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]]))
    assert knowable._posterior(likes, reactions)[0] == pytest.approx([0.5, 0.0])


def test_the_choice_evokes_more_than_chance_and_less_than_the_oracle(population, day):
    slots = page_slots(day)
    learner = new_learner(population, day, artwork_settings())
    learner.begin_day(day)
    learner.add(population.live(day, uniform_artwork(population, slots, 1))[0], 0)
    bayes = bayes_choice(learner, day)
    artwork, members = true_artwork(population), population.members

    def evoked(choice):
        likes = members.theme_likes[slots.profile, artwork.theme[choice]]
        return (likes * artwork.weight[choice] + artwork.shared[choice]).mean()

    known = evoked(knowable_artwork(population, day, slots, bayes))
    assert evoked(uniform_artwork(population, slots, 2)) < known
    assert known < evoked(best_artwork(population, slots))
