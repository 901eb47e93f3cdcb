"""Names that differ in how they are written are one; names that differ are two."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue.names import name_key, repeated_names


@pytest.mark.parametrize(
    "name", ["Am\u00e9lie", "Ame\u0301lie", "AM\u00c9LIE ", "am\u00e9\u200blie", "\uff21m\u00e9lie"]
)
def test_one_film_in_two_spellings_is_one(name):
    assert name_key(name) == name_key("Am\u00e9lie")


@pytest.mark.parametrize("name", ["Amelie", "Am\u00e9lie 2", "Am\u00e9 lie", ""])
def test_another_name_is_another_film(name):
    assert name_key(name) != name_key("Am\u00e9lie")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Spider-Man", "Spider\u2011Man"),
        ("Spider-Man", "Spider\u2013Man"),
        ("Ocean's Eleven", "Ocean\u2019s Eleven"),
        ('"Up"', "\u201cUp\u201d"),
        ("Wait...", "Wait\u2026"),
        ("Stra\u00dfe", "STRASSE"),
    ],
)
def test_dashes_quotes_and_sharp_letters_are_one_in_every_form(one, other):
    assert name_key(one) == name_key(other)


@given(st.text(st.characters(max_codepoint=127)))
def test_a_plain_name_has_the_key_of_one_with_a_character_that_is_not_seen(name):
    assert name_key(name) == name_key(name + "\u200b")


def test_of_two_titles_with_one_name_and_year_the_less_played_repeats() -> None:
    years = np.array([3, 3, 3, np.nan, np.nan], np.float32)
    plays = np.array([1, 9, 9, 5, 5], np.float32)
    names = ["Emma", "EMMA ", "Emma", "Persuasion", "Persuasion"]
    assert repeated_names(names, years, plays).tolist() == [True, False, True, False, False]
