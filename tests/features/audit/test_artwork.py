"""Each picture is its title's own and suits, and its probability is one that the policy can give."""

from datetime import UTC, date, datetime, timedelta

import pytest

from conf.artwork import artwork_settings
from conf.days import end_of
from features.audit.artwork import PICTURE_RULES, policies_of
from tests import audited, drafts

AS_OF = end_of(drafts.DS)
KNOWN_AT = datetime(1998, 1, 1, tzinfo=UTC)
CARD = artwork_settings().title_card
UNIFORM = artwork_settings().exploration.uniform_share
FRESH = artwork_settings().exploration.fresh_share
DRAWS = artwork_settings().exploration.draws
ART = {  # of each title: the least ages of its pictures
    "one": [0],
    "three": [0, 6, 16],
    "four": [0, 0, 0, 0],
    "grim": [18, 18],
    "unknown": [None, None],
}
POLICY = "artwork-1"
THREE, FOUR = UNIFORM / 3, UNIFORM / 4


def cell(
    title: str, picture: int | str, propensity: float, policy: str = POLICY
) -> tuple[int, str, str, str, float]:
    name = picture if isinstance(picture, str) else f"{title}-{picture}"
    return (1, title, name, policy, propensity)


# name -> the reader, the row's position and its cell
SOUND = {
    "only one": ("adult", 9, cell("one", 0, 1.0)),
    "a third of chance": ("adult", 9, cell("three", 2, THREE)),
    "best in 8 draws": ("adult", 9, cell("three", 2, THREE + (1 - UNIFORM) * 8 / DRAWS)),
    "others are fresh": ("adult", 9, cell("four", 1, FOUR + (1 - UNIFORM - FRESH) * 5 / DRAWS)),
    "one of two fresh ones": ("adult", 9, cell("four", 1, FOUR + FRESH / 2)),
    "a theme gave way": ("adult", 1, cell("four", 1, 1.0)),
    "the card, where none suits": ("child", 9, cell("grim", CARD, 1.0)),
    "the card, where there is none": ("adult", 9, cell("bare", CARD, 1.0)),
    "two suit a child": ("child", 9, cell("three", 1, UNIFORM / 2)),
    "of unknown age, for an adult": ("adult", 9, cell("unknown", 1, UNIFORM / 2)),
}
FAULTS = {
    "another title's": ("adult", 9, (1, "one", "four-1", POLICY, 1.0), PICTURE_RULES[0]),
    "nobody's": ("adult", 9, cell("one", "nowhere", 1.0), PICTURE_RULES[0]),
    "an older version": ("adult", 9, cell("late", 0, 1.0), PICTURE_RULES[1]),
    "adult on a child's page": ("child", 9, cell("three", 2, UNIFORM / 2), PICTURE_RULES[1]),
    "unknown age": ("child", 9, cell("unknown", 0, 1.0), PICTURE_RULES[1]),
    "the card in place of one": ("adult", 9, cell("one", CARD, 1.0), PICTURE_RULES[1]),
    "policy nobody": ("adult", 9, cell("one", 0, 1.0, "nobody"), PICTURE_RULES[2]),
    "yesterday's policy": ("adult", 9, cell("one", 0, 1.0, "artwork-0"), PICTURE_RULES[2]),
    "a half of one": ("adult", 9, cell("one", 0, 0.5), PICTURE_RULES[3]),
    "a half of three": ("adult", 9, cell("three", 0, 0.5), PICTURE_RULES[3]),
    "certain of three": ("adult", 9, cell("three", 0, 1.0), PICTURE_RULES[3]),
    "another cell's": ("adult", 9, cell("three", 0, FOUR), PICTURE_RULES[3]),
    "below chance": ("adult", 9, cell("four", 0, FOUR / 2), PICTURE_RULES[3]),
    "a card of a half": ("child", 9, cell("grim", CARD, 0.5), PICTURE_RULES[3]),
    "not a number": ("adult", 9, cell("three", 0, float("nan")), PICTURE_RULES[3]),
}


@pytest.fixture(scope="module")
def broken_rules() -> dict[str, set[str]]:
    """The rules that each row of one cell breaks; the reader of each is named after it."""
    origin = {"known_at": KNOWN_AT, "source": "test", "landing_id": "test"}
    titles = [{"title_id": title, **origin} for title in (*ART, "bare", "late")]
    artwork = [
        {"title_id": title, "artwork_id": f"{title}-{place}", "maturity": age, **origin}
        for title, ages in ART.items()
        for place, age in enumerate(ages)
    ]
    rated_later = {"title_id": "late", "artwork_id": "late-0", **origin}
    artwork.append({**rated_later, "maturity": 0})
    artwork.append({**rated_later, "maturity": 90, "known_at": KNOWN_AT + timedelta(days=1)})
    rows = {**SOUND, **{name: fault[:3] for name, fault in FAULTS.items()}}
    limits = {"child": (7, True), "adult": (21, False)}
    profiles = [
        {"profile_id": name, **dict(zip(("maturity_limit", "kids"), limits[row[0]], strict=True))}
        for name, row in rows.items()
    ]
    fields = ("column_position", "title_id", "artwork_id", "policy", "propensity")
    pages = [
        {"profile_id": name, "row_position": position, "row_kind": "popular"}
        | {"cells": [dict(zip(fields, cell, strict=True))]}
        for name, (_, position, cell) in rows.items()
    ]
    day = audited.day_of({"titles": titles, "artwork": artwork})
    found = audited.broken(audited.judged(day, pages, profiles), "row_verdicts", ["profile_id"])
    return {name: rules & set(PICTURE_RULES) for name, rules in found.items()}


@pytest.mark.parametrize("name", SOUND)
def test_sound_cell_breaks_no_rule(broken_rules: dict[str, set[str]], name: str) -> None:
    assert broken_rules[name] == set()


@pytest.mark.parametrize("name", FAULTS)
def test_fault_breaks_its_rule(broken_rules: dict[str, set[str]], name: str) -> None:
    assert FAULTS[name][3] in broken_rules[name]


def test_policy_of_a_day_is_the_newest_as_its_period_began() -> None:
    even = date(2026, 1, 2)
    assert even.toordinal() % artwork_settings().sticky.hold_days == 0
    days = [(even + timedelta(days=shift), f"artwork-{shift}") for shift in (-3, 0, 1, 2)]
    assert policies_of(days, even + timedelta(days=1)) == ("artwork-0",)
    assert policies_of(days[2:], even + timedelta(days=1)) == ("artwork-1",)
    assert policies_of(days, even - timedelta(days=4)) == ("default",)
