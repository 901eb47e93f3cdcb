"""What a profile may be shown, case by case."""

from dataclasses import replace

import numpy as np
import pytest

from conf.judge import judge_settings
from conf.pages import pages
from models.catalogue.eligibility import allowed, liked, showable, suitable
from tests.models.page import small

SHOP = small.catalogue(
    {
        "adult": {"maturity": 18, "plays": 1},
        "child": {"maturity": 6, "plays": 1},
        "local": {"maturity": 0, "plays": 1, "gone_in": {"": True, "BR": True}},
        "soon": {"maturity": 0, "launch": -1.0},
        "today": {"maturity": 0, "launch": 0.0},
        "unrated": {},
    },
    countries=["NO", "BR"],
)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"country": "NO"}, "adult child local today unrated"),
        ({"country": "BR"}, "adult child today unrated"),
        (
            {"country": "XX"},
            "adult child today unrated",
        ),  # a country without windows: only what is open everywhere
        ({"limit": 12}, "child today"),
        ({"limit": 18}, "adult child today unrated"),
        ({"kids": True}, "child today"),  # the children's limit holds without a limit of its own
        ({"kids": True, "limit": 18}, "child today"),
        ({"kids": True, "limit": 3}, "today"),
        ({"blocked": ["child", "today"]}, "adult unrated"),
    ],
)
def test_allowed_is_what_the_profile_may_be_shown(facts: dict[str, object], expected: str) -> None:
    mask = allowed(SHOP, small.profiles(SHOP, {"p": facts}))
    assert " ".join(SHOP.title_ids[mask[0]]) == expected


def test_suitable_asks_neither_country_nor_launch() -> None:
    mask = suitable(SHOP, small.profiles(SHOP, {"p": {"country": "BR", "kids": True}}))
    assert " ".join(SHOP.title_ids[mask[0]]) == "child local soon today"


def test_showable_needs_a_played_title_that_was_not_disliked() -> None:
    people = {
        "anybody": {},
        "baby": {"limit": 3},  # only titles that nobody played
        "disliker": {"limit": 6, "history": [("child", 1.0, 1)]},
        "watcher": {"limit": 6, "history": ["child"]},
    }
    assert showable(SHOP, small.profiles(SHOP, people)).tolist() == [True, False, False, True]


def test_what_is_liked_follows_the_scale_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five of five stars are liked, five of ten are not; what makes, audits and judges agrees."""
    people = {"p": {"history": ["child", "local", "today"]}}
    profiles = small.profiles(SHOP, people)
    profiles = replace(profiles, stars=np.array([5, 8, np.nan], np.float32))
    assert liked(profiles).tolist() == [True, True, True]
    monkeypatch.setenv("FRONTROW_STARS", "10")
    assert liked(profiles).tolist() == [False, True, True]
    assert judge_settings().numbers()["least_stars"] == pages().likes.least_stars == 8


def test_no_profiles_are_no_trouble() -> None:
    assert allowed(SHOP, small.profiles(SHOP, {})).shape == (0, 6)


def test_a_title_listed_twice_is_shown_once_the_one_played_more() -> None:
    shop = small.catalogue(
        {
            "a": {"name": "Nightwatch", "year_age": 1, "plays": 3},
            "b": {"name": "Nightwatch", "year_age": 1, "plays": 9},
            "c": {"name": "Nightwatch", "year_age": 30, "plays": 1},
            "d": {"name": "Nightwatch", "plays": 0},
            "e": {"name": "Nightwatch", "plays": 0},
        }
    )
    assert shop.duplicates.tolist() == [True, False, False, False, False]


EDGES = small.catalogue(
    {
        "for_12": {"maturity": 12},
        "for_13": {"maturity": 13},
        "norwegian": {"maturity": 0, "languages": ["no"]},
        "thai": {"maturity": 0, "languages": ["th"]},
        "silent": {"maturity": 0},
    }
)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"limit": 12}, "for_12 norwegian silent thai"),
        ({"limit": 13}, "for_12 for_13 norwegian silent thai"),
        ({"kids": True, "limit": 13}, "for_12 norwegian silent thai"),
        ({"languages": ["no", "en"]}, "for_12 for_13 norwegian silent"),
        ({"languages": ["fr"]}, "for_12 for_13 silent"),
        ({"languages": []}, "for_12 for_13 norwegian silent thai"),
    ],
)
def test_a_limit_holds_to_the_year_and_a_language_has_to_be_understood(facts, expected) -> None:
    mask = allowed(EDGES, small.profiles(EDGES, {"p": facts}))
    assert " ".join(EDGES.title_ids[mask[0]]) == expected
