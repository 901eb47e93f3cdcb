"""Profiles by their settings alone."""

from typing import Any

import pytest

from models.catalogue.from_arrow import NO_LIMIT
from models.catalogue.profile_settings import by_settings, stricter, without_history

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


STORED = {
    "country": "NO",
    "languages": ["no", "en-GB"],
    "maturity_limit": 16,
    "kids": False,
    "blocked_titles": ["t1"],
}


@pytest.mark.parametrize(
    ("current", "changed"),
    [
        ({}, {}),
        ({"maturity_limit": None, "kids": None, "country": None, "languages": None}, {}),
        ({"maturity_limit": 7}, {"maturity_limit": 7}),
        ({"maturity_limit": 18}, {}),
        ({"kids": True}, {"kids": True}),
        ({"blocked_titles": ["t0"]}, {"blocked_titles": ["t0", "t1"]}),
        ({"country": "BR"}, {"country": "BR"}),
        ({"languages": ["en-US", "de"]}, {"languages": ["en-US"]}),
        ({"languages": ["de"]}, {"languages": ["none"]}),
        ({"profile_id": "ann", "account_id": "a"}, {}),
    ],
)
def test_stricter_of_both_holds_field_by_field(
    current: dict[str, Any], changed: dict[str, Any]
) -> None:
    assert stricter(STORED, current) == STORED | changed


def test_child_stays_a_child_whatever_the_caller_says() -> None:
    held = stricter({"kids": True, "maturity_limit": 6}, {"kids": False, "maturity_limit": 18})
    assert (held["kids"], held["maturity_limit"]) == (True, 6)


@pytest.mark.parametrize(
    "current",
    [
        {"maturity_limit": "7+"},
        {"maturity_limit": -1},
        {"maturity_limit": True},
        {"maturity_limit": float("nan")},
        {"kids": "yes"},
        {"kids": 1},
        {"country": 47},
        {"country": "everywhere"},
        {"languages": "no"},
        {"blocked_titles": "t1"},
        {"blocked_titles": [1]},
        {"limit": 7},
        "kids",
    ],
)
def test_setting_that_cannot_be_read_is_the_childrens_limit(current: Any) -> None:
    held = stricter(STORED, current)
    assert held["maturity_limit"] == 12 and held["country"] == "NO"
    assert by_settings("ann", current, {}).maturity_limit.tolist() == [12]


def test_limit_above_all_ages_is_no_limit() -> None:
    assert by_settings("ann", {"maturity_limit": 10**9}, {}).maturity_limit.tolist() == [99]
