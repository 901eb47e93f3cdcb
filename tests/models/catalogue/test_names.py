"""Names that differ in how they are written are one; names that differ are two."""

import pytest

from models.catalogue.names import name_key


@pytest.mark.parametrize(
    "name", ["Am\u00e9lie", "Ame\u0301lie", "AM\u00c9LIE ", "am\u00e9\u200blie", "\uff21m\u00e9lie"]
)
def test_one_film_in_two_spellings_is_one(name):
    assert name_key(name) == name_key("Am\u00e9lie")


@pytest.mark.parametrize("name", ["Amelie", "Am\u00e9lie 2", "Am\u00e9 lie", ""])
def test_another_name_is_another_film(name):
    assert name_key(name) != name_key("Am\u00e9lie")
