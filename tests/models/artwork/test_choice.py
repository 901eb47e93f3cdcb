import numpy as np
import pytest

from models.artwork.choice import NONE, choices, likelihoods
from tests.models.artwork.shops import everywhere, pictures, policy, settings, shop, viewers

FOUR = pictures([("face", 10), ("face", 5), ("place", 10), ("place", 0)])
# the first picture is best in the eyes of three draws of five, the third in those of one, the last where both repel
DRAWS = [(1, 0), (1, 0.5), (0.5, 0.2), (0, 1), (-1, -1)]


def chosen(
    found, believed, chance, count=1, titles=1, limit=99, on_screen=False, cells=18, ages=None
):
    goods = shop(found, believed, chance, ages)
    return choices(
        goods, viewers(count, limit), everywhere(count, titles, on_screen), cells, chance
    )


def test_a_probability_is_the_share_of_draws_by_hand():
    picture, probability = chosen(FOUR, policy(DRAWS), settings(), count=400)
    told = {p: set(probability[picture == p].round(6)) for p in np.unique(picture)}
    assert told == {0: {0.6}, 2: {0.2}, 3: {0.2}}


@pytest.mark.parametrize("shares", [(0.1, 0.0), (0.2, 0.3), (1.0, 0.0)])
def test_probabilities_are_the_frequencies_of_what_is_chosen(shares):
    chance = settings(uniform_share=shares[0], fresh_share=shares[1], fresh_impressions=5)
    known = policy(
        DRAWS, effects={"a000": (0.0, 0.0, 100), "a002": (0.0, 0.0, 4), "a003": (0.0, 0.0, 100)}
    )
    picture, probability = chosen(FOUR, known, chance, count=20_000)  # a001 and a002 are fresh
    counts = np.bincount(picture, minlength=4) / 20_000
    said = np.array([probability[picture == p][0] for p in range(4)])
    assert said.sum() == pytest.approx(1)
    assert counts == pytest.approx(said, abs=4 * np.sqrt(0.25 / 20_000))


def test_probabilities_are_those_by_hand_with_every_way_of_choosing():
    chance = settings(uniform_share=0.2, fresh_share=0.3, fresh_impressions=5)
    known = policy(
        DRAWS, effects={"a000": (0.0, 0.0, 100), "a002": (0.0, 0.0, 4), "a003": (0.0, 0.0, 100)}
    )
    picture, probability = chosen(FOUR, known, chance, count=2000)
    said = [probability[picture == p][0] for p in range(4)]
    assert said == pytest.approx(
        [0.05 + 0.5 * 0.6, 0.05 + 0.15, 0.05 + 0.15 + 0.5 * 0.2, 0.05 + 0.5 * 0.2]
    )


def test_the_same_profile_title_and_epoch_always_get_the_same_picture():
    first, _ = chosen(FOUR, policy(DRAWS), settings(), count=300)
    again, _ = chosen(FOUR, policy(DRAWS), settings(), count=300)
    assert (first == again).all() and len(set(first)) == 3


def test_a_batch_of_another_size_chooses_the_same():
    goods = shop(FOUR, policy(DRAWS), settings())
    whole, _ = choices(goods, viewers(150), everywhere(150, 1), 18, settings())
    few, _ = choices(goods, viewers(70), everywhere(70, 1), 18, settings())
    assert (whole[:70] == few).all()


def test_pictures_above_the_limit_are_not_in_the_pool():
    found = pictures(
        [("face", 10, 18), ("place", 10, 6), ("place", 5)]
    )  # the last is as old as its title
    young, _ = chosen(found, policy([(9, 0)]), settings(), limit=12, ages=[13])
    assert young.tolist() == [1]
    older, _ = chosen(found, policy([(9, 0)]), settings(), limit=18, ages=[13])
    assert older.tolist() == [0]


def test_without_a_picture_that_may_be_shown_none_is_chosen_for_certain():
    found = pictures([("face", 10, 18)], [])
    picture, probability = chosen(found, policy([(1, 1)]), settings(), titles=2, limit=12)
    assert picture.tolist() == [NONE, NONE] and probability.tolist() == [1, 1]


def test_a_theme_that_had_its_share_of_the_first_screen_gives_way():
    titles = [[("face", 10), ("place", 10)]] * 6
    picture, probability = chosen(
        pictures(*titles), policy([(1, 0)]), settings(), titles=6, on_screen=True, cells=6
    )
    assert (picture % 2).tolist() == [0, 0, 0, 1, 1, 1]  # half of six
    assert probability == pytest.approx(1, abs=1e-6)


def test_a_theme_stays_where_there_is_no_other_and_below_the_first_screen():
    faces = [[("face", 10)]] * 4
    assert (
        chosen(pictures(*faces), policy([(1, 0)]), settings(), titles=4, on_screen=True, cells=2)[0]
        >= 0
    ).all()
    both = [[("face", 10), ("place", 10)]] * 4
    below, _ = chosen(
        pictures(*both), policy([(1, 0)]), settings(), titles=4, on_screen=False, cells=2
    )
    assert (below % 2 == 0).all()


def test_a_picture_of_a_theme_nobody_knew_competes_by_what_it_has_of_its_own():
    found = pictures([("face", 10), ("dragon", 10)], themes=("face", "dragon"))
    believed = policy([(0.1, 0.1)], effects={"a001": (0.5, 0.0, 9)})
    assert chosen(found, believed, settings())[0].tolist() == [1]


def test_greedy_choices_follow_the_mean_of_the_draws():
    mean = policy([*DRAWS, (3, 0)], greedy=True)
    picture, probability = chosen(FOUR, mean, settings(uniform_share=0.1), count=500)
    assert probability[picture == 0][0] == pytest.approx(0.9 + 0.1 / 4)


def test_likelihoods_are_the_probabilities_of_all_pictures():
    chance = settings(uniform_share=0.2, fresh_share=0.3, fresh_impressions=5)
    known = policy(
        DRAWS, effects={"a000": (0.0, 0.0, 100), "a002": (0.0, 0.0, 4), "a003": (0.0, 0.0, 100)}
    )
    goods, who, where = shop(FOUR, known, chance), viewers(300), everywhere(300, 1)
    picture, probability = choices(goods, who, where, 18, chance)
    told = likelihoods(goods, who, where, picture, 18, chance)
    assert told.sum(axis=1) == pytest.approx(1)
    assert told[np.arange(300), picture] == pytest.approx(probability)


def test_likelihoods_on_the_first_screen_hang_on_what_was_logged_before():
    found = pictures(*[[("face", 10), ("place", 10)]] * 4)
    goods, where = shop(found, policy([(1, 0)]), settings()), everywhere(1, 4, on_screen=True)
    after_faces = likelihoods(goods, viewers(1), where, np.array([0, 2, 5, 7]), 4, settings())
    after_places = likelihoods(goods, viewers(1), where, np.array([1, 3, 5, 7]), 4, settings())
    assert after_faces.round(3).tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]
    assert after_places.round(3).tolist() == [[1, 0], [1, 0], [1, 0], [1, 0]]
