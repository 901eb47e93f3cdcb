import math

import numpy as np
import pytest

from models.artwork.profile_features import Frame, frame_of, traits

FRAME = Frame(("Comedy", "Drama"), (0.25, 0.5), ("DE", "US"), 10.0)


def of(counts, played, kids=False, country="US"):
    return traits(
        FRAME, np.array([counts]), np.array([played]), np.array([kids]), np.array([country], object)
    )[0]


def test_traits_by_hand():
    # 5 of 10 are comedies: log((5 + 2.5) / (20 * .25)); none a drama: log(5 / (20 * .5))
    assert of([5, 0], 10, kids=True) == pytest.approx([1, 1, 0, 1, math.log(1.5), math.log(0.5)])


def test_who_played_nothing_or_what_all_play_leans_nowhere():
    assert of([0, 0], 0)[-2:] == pytest.approx([0, 0])
    assert of([10, 20], 40)[-2:] == pytest.approx([0, 0])


def test_a_country_that_does_not_count_is_nowhere():
    assert of([0, 0], 0, country="FR").tolist() == [1, 0, 0, 0, 0, 0]


def test_a_frame_is_what_everybody_plays():
    found = frame_of(
        ("a", "b"), np.array([[2, 0], [1, 0]]), np.array([3, 3]), ["US", "", "DE", "US"], 5.0
    )
    assert found == Frame(("a", "b"), (0.5, 0.5 / 6), ("DE", "US"), 5.0)
    assert found.names == ("always", "kids", "country DE", "country US", "genre a", "genre b")
