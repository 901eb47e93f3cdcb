"""The choice of artwork: its probabilities by hand, by frequency, and under every limit."""

import numpy as np
import pytest

from models.artwork.choice import NO_ARTWORK, artwork_choices, pool_probabilities
from tests.models.artwork.small import every_title, policy, pools, pools_of, profiles, settings

FOUR = pools([("face", 10), ("face", 5), ("place", 10), ("place", 0)])
# the first artwork is best in three draws of five, the third in one, the last where both themes
# repel
DRAWS = [(1, 0), (1, 0.5), (0.5, 0.2), (0, 1), (-1, -1)]
EVERY_WAY = {"uniform_share": 0.2, "fresh_share": 0.3, "fresh_impressions": 5}
FRESH = policy(
    DRAWS,  # a001 and a002 are fresh
    effects={"a000": (0.0, 0.0, 100), "a002": (0.0, 0.0, 4), "a003": (0.0, 0.0, 100)},
)


def choices(
    catalogue, believed, chance, count=1, age_limit=99, on_screen=False, cells=18, title_ages=None
):
    return artwork_choices(
        pools_of(catalogue, believed, chance, title_ages),
        profiles(count, age_limit),
        every_title(count, len(catalogue.sizes), on_screen),
        cells,
        chance,
    )


def test_a_probability_is_the_share_of_draws_by_hand():
    artwork, probability = choices(FOUR, policy(DRAWS), settings(), count=400)
    by_artwork = {a: set(probability[artwork == a].round(6)) for a in np.unique(artwork)}
    assert by_artwork == {0: {0.6}, 2: {0.2}, 3: {0.2}}


@pytest.mark.parametrize("shares", [(0.1, 0.0), (0.2, 0.3), (1.0, 0.0)])
def test_probabilities_are_the_frequencies_of_choices(shares):
    chance = settings(uniform_share=shares[0], fresh_share=shares[1], fresh_impressions=5)
    artwork, probability = choices(FOUR, FRESH, chance, count=20_000)
    frequency = np.bincount(artwork, minlength=4) / 20_000
    of_artwork = np.array([probability[artwork == a][0] for a in range(4)])
    assert of_artwork.sum() == pytest.approx(1)
    assert frequency == pytest.approx(of_artwork, abs=4 * np.sqrt(0.25 / 20_000))


def test_probabilities_are_those_by_hand_with_every_way_of_choosing():
    artwork, probability = choices(FOUR, FRESH, settings(**EVERY_WAY), count=2000)
    by_hand = [0.05 + 0.5 * 0.6, 0.05 + 0.15, 0.05 + 0.15 + 0.5 * 0.2, 0.05 + 0.5 * 0.2]
    assert [probability[artwork == a][0] for a in range(4)] == pytest.approx(by_hand)


def test_the_same_profile_title_and_epoch_always_get_the_same_artwork():
    first, _ = choices(FOUR, policy(DRAWS), settings(), count=300)
    again, _ = choices(FOUR, policy(DRAWS), settings(), count=300)
    assert (first == again).all() and len(set(first)) == 3


def test_a_batch_of_another_size_chooses_the_same():
    whole, _ = choices(FOUR, policy(DRAWS), settings(), count=150)
    few, _ = choices(FOUR, policy(DRAWS), settings(), count=70)
    assert (whole[:70] == few).all()


def test_artwork_above_the_age_limit_is_not_in_the_pool():
    catalogue = pools([("face", 10, 18), ("place", 10, 6), ("place", 5)])
    only_faces, title_ages = policy([(9, 0)]), [13]  # the last artwork is as old as its title
    young, _ = choices(catalogue, only_faces, settings(), age_limit=12, title_ages=title_ages)
    assert young.tolist() == [1]
    older, _ = choices(catalogue, only_faces, settings(), age_limit=18, title_ages=title_ages)
    assert older.tolist() == [0]


def test_without_artwork_that_may_be_shown_none_is_chosen_for_certain():
    catalogue = pools([("face", 10, 18)], [])
    artwork, probability = choices(catalogue, policy([(1, 1)]), settings(), age_limit=12)
    assert artwork.tolist() == [NO_ARTWORK, NO_ARTWORK] and probability.tolist() == [1, 1]


def test_a_theme_that_had_its_share_of_the_first_screen_gives_way():
    catalogue = pools(*[[("face", 10), ("place", 10)]] * 6)
    artwork, probability = choices(catalogue, policy([(1, 0)]), settings(), on_screen=True, cells=6)
    assert (artwork % 2).tolist() == [0, 0, 0, 1, 1, 1]  # half of six
    assert probability == pytest.approx(1, abs=1e-6)


def test_a_theme_stays_where_there_is_no_other():
    catalogue = pools(*[[("face", 10)]] * 4)
    artwork, _ = choices(catalogue, policy([(1, 0)]), settings(), on_screen=True, cells=2)
    assert (artwork >= 0).all()


def test_a_theme_stays_below_the_first_screen():
    catalogue = pools(*[[("face", 10), ("place", 10)]] * 4)
    artwork, _ = choices(catalogue, policy([(1, 0)]), settings(), on_screen=False, cells=2)
    assert (artwork % 2 == 0).all()


def test_artwork_of_an_unknown_theme_competes_by_its_own_effect():
    catalogue = pools([("face", 10), ("dragon", 10)], themes=("face", "dragon"))
    believed = policy([(0.1, 0.1)], effects={"a001": (0.5, 0.0, 9)})
    assert choices(catalogue, believed, settings()).artwork.tolist() == [1]


def test_greedy_choices_follow_the_mean_of_the_draws():
    mean = policy([*DRAWS, (3, 0)], greedy=True)
    artwork, probability = choices(FOUR, mean, settings(uniform_share=0.1), count=500)
    assert probability[artwork == 0][0] == pytest.approx(0.9 + 0.1 / 4)


def test_pool_probabilities_are_those_of_all_artwork():
    chance, slots = settings(**EVERY_WAY), every_title(300, 1)
    artwork, probability = choices(FOUR, FRESH, chance, count=300)
    of_pool = pool_probabilities(
        pools_of(FOUR, FRESH, chance), profiles(300), slots, artwork, 18, chance
    )
    assert of_pool.sum(axis=1) == pytest.approx(1)
    assert of_pool[np.arange(300), artwork] == pytest.approx(probability)


@pytest.mark.parametrize(
    ("logged", "expected"),
    [
        ([0, 2, 5, 7], [[1, 0], [1, 0], [0, 1], [0, 1]]),  # after two faces
        ([1, 3, 5, 7], [[1, 0], [1, 0], [1, 0], [1, 0]]),  # after two places
    ],
)
def test_pool_probabilities_on_the_first_screen_depend_on_what_was_logged_before(logged, expected):
    catalogue = pools(*[[("face", 10), ("place", 10)]] * 4)
    of_policy = pools_of(catalogue, policy([(1, 0)]), settings())
    slots = every_title(1, 4, on_screen=True)
    probability = pool_probabilities(of_policy, profiles(1), slots, np.array(logged), 4, settings())
    assert probability.round(3).tolist() == expected
