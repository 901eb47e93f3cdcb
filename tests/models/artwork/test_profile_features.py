"""Features of a profile, by hand."""

import math

import numpy as np
import pytest

from models.artwork.profile_features import (
    FeatureFrame,
    feature_frame,
    profile_features,
    theme_associations,
)

FRAME = FeatureFrame(("Comedy", "Drama"), (0.25, 0.5), ("DE", "US"), 10.0)


def features(genre_counts, played, kids=False, country="US"):
    return profile_features(
        FRAME,
        np.array([genre_counts]),
        np.array([played]),
        np.array([kids]),
        np.array([country], object),
    )[0]


def test_features_by_hand():
    # 5 of 10 are comedies: log((5 + 2.5) / (20 * .25)); none a drama: log(5 / (20 * .5))
    by_hand = [1, 1, 0, 1, math.log(1.5), math.log(0.5)]
    assert features([5, 0], 10, kids=True) == pytest.approx(by_hand)


@pytest.mark.parametrize(("genre_counts", "played"), [([0, 0], 0), ([10, 20], 40)])
def test_a_profile_without_plays_or_with_everybodys_mix_leans_nowhere(genre_counts, played):
    assert features(genre_counts, played)[-2:] == pytest.approx([0, 0])


def test_a_country_outside_the_frame_has_no_feature():
    assert features([0, 0], 0, country="FR").tolist() == [1, 0, 0, 0, 0, 0]


def test_a_frame_holds_the_shares_of_all_plays():
    genre_counts, played = np.array([[2, 0], [1, 0]]), np.array([3, 3])
    frame = feature_frame(("a", "b"), genre_counts, played, ["US", "", "DE", "US"], 5.0)
    assert frame == FeatureFrame(("a", "b"), (0.5, 0.5 / 6), ("DE", "US"), 5.0)
    assert frame.names == ("always", "kids", "country DE", "country US", "genre a", "genre b")
    assert frame.first_genre == 4


def test_a_theme_goes_with_the_genre_on_whose_titles_it_stands_more_often():
    genres = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], bool)
    theme = np.array([1, 1, 0, 0])  # of the names below
    associations = theme_associations(("face", "place"), theme, ("place", "face"), genres, 1.0)
    # squares about the mean 1, products -1, prior 1: (2, -1; -1, 2)^-1 (1, -1), over the share 1/2
    assert associations[0] == pytest.approx([2 / 3, -2 / 3])
    assert associations[2].tolist() == [0, 0]  # unknown themes


def test_a_genre_that_comes_with_another_has_nothing_of_its_theme():
    """All faces are on titles of the first genre, half of which are of the second one as well."""
    kinds = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]], bool)
    genres, theme = np.repeat(kinds, 500, axis=0), np.repeat([1, 1, 0, 0], 500)
    associations = theme_associations(("face",), theme, ("place", "face"), genres, 1.0)
    assert associations[0, 0] - associations[0, 2] > 1.5
    assert abs(associations[0, 1]) < 0.01
