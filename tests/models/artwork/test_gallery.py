"""The artwork of a catalogue, with and without a policy."""

import itertools
from datetime import date

import numpy as np
import pytest

from conf.artwork import artwork_settings
from models.artwork.choice import NO_ARTWORK
from models.artwork.gallery import ArtworkProfiles, Gallery
from models.artwork.package import packed_policy
from models.artwork.policy import ArtworkPolicy, LinearBeliefs
from models.artwork.profile_features import FeatureFrame
from tests.models.artwork.small import every_title, policy, pools

DAY = date(2026, 1, 5)
POOLS = pools([("face", 3), ("place", 9), ("face", 9)], [("face", 9, 16), ("place", 1)], [])
TITLE_IDS = np.array(["t0", "t1", "t2"], object)


def profiles(count, age_limit=99, genre_counts=None):
    return ArtworkProfiles(
        np.array([f"p{n}" for n in range(count)], object),
        np.zeros((count, 2), int) if genre_counts is None else np.array(genre_counts),
        np.full(count, 10),
        np.zeros(count, bool),
        np.full(count, "", object),
        np.full(count, age_limit),
    )


def gallery(genres=("Comedy", "Drama")):
    return Gallery(POOLS, TITLE_IDS, np.array([0, 0, 0], np.int16), genres)


def test_without_a_policy_the_most_representative_artwork_is_chosen_for_certain():
    artwork, probability = gallery().choices(profiles(2), every_title(2, 3), 18)
    assert artwork.tolist() == [1, 3, NO_ARTWORK] * 2 and (probability == 1).all()
    assert gallery().version == "default"


def test_without_a_policy_the_age_limit_holds():
    artwork, _ = gallery().choices(profiles(1, age_limit=12), every_title(1, 3), 18)
    assert artwork.tolist() == [1, 4, NO_ARTWORK]


def test_every_cell_has_artwork_the_title_card_where_there_is_none():
    ids = gallery().artwork_ids(np.array([0, NO_ARTWORK]))
    assert ids.to_pylist() == ["a000", artwork_settings().title_card]


def test_a_choice_is_kept_until_the_profiles_epoch_ends():
    any_theme = packed_policy(policy([(1, 0), (0, 1)]))
    length, by_day = artwork_settings().sticky.redraw_days, []
    for day in range(length + 1):
        of_day = gallery().with_policy(any_theme, date.fromordinal(DAY.toordinal() + day))
        by_day.append(of_day.choices(profiles(200), every_title(200, 3), 18).artwork)
    changes = [before != after for before, after in itertools.pairwise(by_day)]
    changes_of_slot = np.array(changes).sum(axis=0)
    assert changes_of_slot.max() == 1  # drawn anew once in so many days
    assert 20 < changes_of_slot.sum() < 400


def drama_policy() -> ArtworkPolicy:
    """Faces evoke something in lovers of drama only, places a little in everybody."""
    lover = FeatureFrame(("Drama",), (0.5,), (), 10.0)
    draws = np.zeros((1, 3, 3), np.float32)
    draws[0, 0, 2], draws[0, 1, 0] = 1.0, 0.1
    beliefs = LinearBeliefs(draws, np.zeros(1, np.float32))
    associations = np.zeros((3, 1), np.float32)
    return packed_policy(ArtworkPolicy(lover, ("face", "place"), associations, beliefs, {}, 0.0))


@pytest.mark.parametrize(
    ("genres", "genre_counts"),
    [(("Comedy", "Drama"), [[0, 10], [10, 0]]), (("Drama", "Comedy"), [[10, 0], [0, 10]])],
)
def test_genres_are_matched_by_name_whatever_the_catalogues_order(genres, genre_counts):
    of_drama = gallery(genres).with_policy(drama_policy(), DAY)
    slots = every_title(2, 3)
    artwork, probability = of_drama.choices(profiles(2, genre_counts=genre_counts), slots, 18)
    is_likely = probability > 0.5
    assert set(artwork[is_likely & (slots.profile == 0)]) <= {2, 3, NO_ARTWORK}
    assert set(artwork[is_likely & (slots.profile == 1)]) <= {1, 4, NO_ARTWORK}


def test_the_same_profile_chooses_the_same_in_any_batch():
    any_theme = gallery().with_policy(packed_policy(policy([(1, 0), (0, 1)])), DAY)
    many, _ = any_theme.choices(profiles(100), every_title(100, 3), 18)
    one, probability = any_theme.choices(profiles(1), every_title(1, 3), 18)
    assert (many[:3] == one).all()
    assert probability[2] == 1.0


def test_artwork_without_an_age_of_its_own_is_as_old_as_its_title():
    assert POOLS.least_ages(np.array([13, 7, 0])).tolist() == [13, 13, 13, 16, 7]
