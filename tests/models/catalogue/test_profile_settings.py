"""Profiles by their settings alone."""

from models.catalogue.from_arrow import NO_LIMIT
from models.catalogue.profile_settings import by_settings, without_history

INDEX = {"a": 0, "b": 1}


def test_settings_become_what_eligibility_asks():
    settings = {
        "country": "NO",
        "maturity_limit": 12,
        "kids": True,
        "blocked_titles": ["b", "gone"],
        "languages": ["pt-BR", "en"],
    }
    profile = by_settings("ann", settings, INDEX)
    assert profile.profile_ids.tolist() == ["ann"]
    assert profile.country.tolist() == ["NO"]
    assert profile.maturity_limit.tolist() == [12] and profile.kids.tolist() == [True]
    assert [titles.tolist() for titles in profile.blocked] == [[1]]
    assert profile.understands == (frozenset({"pt", "en"}),)


def test_settings_that_are_null_forbid_nothing():
    profile = by_settings("ann", {"kids": None, "blocked_titles": None}, INDEX)
    assert profile.country.tolist() == [""]
    assert profile.maturity_limit.tolist() == [NO_LIMIT] and profile.kids.tolist() == [False]
    assert profile.blocked[0].tolist() == [] and profile.understands == (frozenset(),)


def test_a_limit_of_zero_is_a_limit():
    assert by_settings("ann", {"maturity_limit": 0}, INDEX).maturity_limit.tolist() == [0]


def test_profiles_without_history_played_nothing():
    profiles = without_history(["ann", "bob"], ["NO", ""], [99, 7], [False, True])
    assert profiles.size == 2
    assert profiles.history(1).tolist() == []
