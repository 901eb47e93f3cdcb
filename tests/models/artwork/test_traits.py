import math

import numpy as np
import pytest

from models.artwork.traits import Frame, associations, frame_of, traits

FRAME = Frame(("Comedy", "Drama"), (0.25, 0.5), ("DE", "US"), 10.0)


def of(counts, played, kids=False, country="US"):
    return traits(FRAME, np.array([counts]), np.array([played]), np.array([kids]), np.array([country], object))[0]


def test_traits_by_hand():
    # 5 of 10 are comedies: log((5 + 2.5) / (20 * .25)); none a drama: log(5 / (20 * .5))
    assert of([5, 0], 10, kids=True) == pytest.approx([1, 1, 0, 1, math.log(1.5), math.log(0.5)])


def test_who_played_nothing_or_what_all_play_leans_nowhere():
    assert of([0, 0], 0)[-2:] == pytest.approx([0, 0])
    assert of([10, 20], 40)[-2:] == pytest.approx([0, 0])


def test_a_country_that_does_not_count_is_nowhere():
    assert of([0, 0], 0, country="FR").tolist() == [1, 0, 0, 0, 0, 0]


def test_a_frame_is_what_everybody_plays():
    found = frame_of(("a", "b"), np.array([[2, 0], [1, 0]]), np.array([3, 3]), ["US", "", "DE", "US"], 5.0)
    assert found == Frame(("a", "b"), (0.5, 0.5 / 6), ("DE", "US"), 5.0)
    assert found.names == ("always", "kids", "country DE", "country US", "genre a", "genre b")


def test_a_theme_goes_with_the_genre_on_whose_titles_it_stands_more_often():
    # of 8 pictures 4 are of titles of `a`; 3 of the 4 faces are: log(4 / 3) is below LEAST_TIE, so it counts by that
    theme = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    genres = np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1], [0, 1], [1, 0]], bool)
    found = associations(("face",), theme, ("face", "place"), genres, 1.0)
    assert found[0] == pytest.approx([(math.log(4 / 3) / 0.3) ** 3, 0])
    assert found[1].tolist() == [0, 0]


def test_the_strongest_tie_of_a_theme_counts_as_one():
    theme = np.repeat([0, 1], 100)
    genres = np.column_stack([theme == 0, np.ones(200)]).astype(bool)
    found = associations(("face", "place"), theme, ("face", "place"), genres, 1.0)
    assert found[0] == pytest.approx([1, 0], abs=1e-6) and found[1] == pytest.approx([0, 0], abs=1e-6)
