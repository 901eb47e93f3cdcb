import numpy as np
import pytest

from experiments.interleaving.credit import balanced_credits, preference, preferred, team_credits
from experiments.interleaving.draft import FIRST, NEITHER, SECOND


def test_plays_of_neither_are_left_out():
    assert team_credits([NEITHER, FIRST, SECOND, SECOND], [0, 0, 1, 3]) == (1, 1)
    assert team_credits([FIRST], []) == (0, 0)


def test_balanced_credits_by_hand():
    assert balanced_credits("abcd", "cdba", ["c"]) == (0, 1)
    assert balanced_credits("abcd", "cdba", ["c", "a"]) == (
        2,
        1,
    )  # three deep is enough for the first
    assert balanced_credits("ab", "cd", []) == (0, 0)


def test_preference_by_hand():
    found = preference([1, 0, 1], [1, 2, 1], ["x", "y", "z"])
    assert found.value == pytest.approx(4 / 6)


def test_who_played_of_neither_adds_nothing():
    few = preference([1, 0], [1, 2], ["x", "y"])
    many = preference([1, 0, 0], [1, 2, 0], ["x", "y", "z"])
    assert few.value == many.value


def test_preferences_are_told_and_their_absence_is():
    rng = np.random.default_rng(0)
    account = np.repeat(np.arange(500), 3)
    even, more = rng.poisson(0.4, (2, 1500)), rng.poisson(0.6, 1500)
    assert preferred(preference(even[0], even[1], account)) is None
    assert preferred(preference(even[0], more, account)) == SECOND
    assert preferred(preference(more, even[0], account)) == FIRST
    assert preferred(preference([0], [0], ["x"])) is None
