import itertools
from datetime import date

import numpy as np
import pytest

from conf.artwork import artwork
from models.artwork.choice import NONE, Places
from models.artwork.gallery import Audience, Gallery
from models.artwork.package import written
from models.artwork.policy import Policy, Weights
from models.artwork.profile_features import Frame
from tests.models.artwork.shops import pictures, policy

DAY = date(2026, 1, 5)
POOLS = pictures([("face", 3), ("place", 9), ("face", 9)], [("face", 9, 16), ("place", 1)], [])
TITLES = np.array(["t0", "t1", "t2"], object)


def people(count, limit=99, counts=None):
    return Audience(
        np.array([f"p{n}" for n in range(count)], object),
        np.zeros((count, 2), int) if counts is None else np.array(counts),
        np.full(count, 10),
        np.zeros(count, bool),
        np.full(count, "", object),
        np.full(count, limit),
    )


def every_title(count):
    return Places(
        np.repeat(np.arange(count), 3), np.tile(np.arange(3), count), np.zeros(3 * count, bool)
    )


def of(genres=("Comedy", "Drama")):
    return Gallery(POOLS, TITLES, np.array([0, 0, 0], np.int16), genres)


def test_without_a_policy_the_most_representative_picture_stands_for_certain():
    picture, probability = of().chosen(people(2), every_title(2), 18)
    assert picture.tolist() == [1, 3, NONE] * 2 and (probability == 1).all()
    assert of().version == "default"
    young, _ = of().chosen(people(1, limit=12), every_title(1), 18)
    assert young.tolist() == [1, 4, NONE]


def test_every_cell_has_a_picture_the_title_card_where_there_is_none():
    assert of().names(np.array([0, NONE])).to_pylist() == ["a000", artwork().title_card]


def test_a_choice_stands_until_the_profiles_epoch_ends():
    hung = of().under(written(policy([(1, 0), (0, 1)])), DAY)
    length, seen = artwork().sticky.redraw_days, []
    for day in range(length + 1):
        picture, _ = hung.under(hung.policy, date.fromordinal(DAY.toordinal() + day)).chosen(
            people(200), every_title(200), 18
        )
        seen.append(picture)
    flips = np.array([before != after for before, after in itertools.pairwise(seen)]).sum(axis=0)
    assert flips.max() == 1  # of title and profile: asked anew once in so many days
    assert 20 < flips.sum() < 400


def test_genres_are_matched_by_name_whatever_the_catalogues_order():
    lover = Frame(("Drama",), (0.5,), (), 10.0)
    believed = policy([(0.0, 0.1)])
    draws = np.zeros((1, 3, 3), np.float32)
    draws[0, 0, 2], draws[0, 1, 0] = 1.0, 0.1  # faces evoke something in lovers of drama only
    believed = written(
        Policy(
            lover,
            believed.themes,
            np.zeros((3, 1), np.float32),
            Weights(draws, np.zeros(1, np.float32)),
            {},
            0.0,
        )
    )
    for genres, counts in (
        (("Comedy", "Drama"), [[0, 10], [10, 0]]),
        (("Drama", "Comedy"), [[10, 0], [0, 10]]),
    ):
        hung = of(genres).under(believed, DAY)
        picture, probability = hung.chosen(people(2, counts=counts), every_title(2), 18)
        most = probability > 0.5
        assert set(picture[most & (every_title(2).profile == 0)]) <= {2, 3, NONE}
        assert set(picture[most & (every_title(2).profile == 1)]) <= {1, 4, NONE}


def test_the_same_profile_chooses_the_same_in_any_batch():
    hung = of().under(written(policy([(1, 0), (0, 1)])), DAY)
    many, _ = hung.chosen(people(100), every_title(100), 18)
    one, said = hung.chosen(people(1), every_title(1), 18)
    assert (many[:3] == one).all()
    assert said == pytest.approx([said[0], said[1], 1.0])
