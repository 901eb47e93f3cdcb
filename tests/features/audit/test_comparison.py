"""A day that falls behind the days before it breaks a rule; one that differs by chance does not."""

from collections.abc import Callable

import pytest

from conf.contracts import contract
from features.audit.comparison import RULES, Measures, complaints, measures_of, usual_places

SEGMENTS = {"all": 400.0, "country=NO": 300.0, "country=BR": 100.0, "kids=true": 6.0}


def sound_day() -> Measures:
    """400 profiles, each with a page of 30 rows."""
    day: Measures = {}
    for segment, count in SEGMENTS.items():
        day |= {
            f"{segment}|profiles": count,
            f"{segment}|pages": count,
            f"{segment}|rows": 30 * count,
            f"{segment}|cells": 900 * count,
            f"{segment}|cells on tv": 900 * count,
            f"{segment}|with top_picks": count,
            f"{segment}|with trending": 0.9 * count,
            f"{segment}|with popular": count,
            f"{segment}|titles": 500.0,
            f"{segment}|titles open": 450.0,
            f"{segment}|titles of trending": 40.0,
        }
    return day | {
        "limit=7|profiles": 6.0,
        "language=en|profiles": 390.0,
        "all|titles with windows": 480.0,
        "all|titles in Drama": 200.0,
        "all|titles in War": 20.0,
        "all|titles launched": 490.0,
        "all|titles for age 7": 100.0,
        "all|pictures": 900.0,
        "all|pictures for age 7": 300.0,
        "all|records": 700.0,
        "all|plays": 400.0,
        "all|titles of popular": 400.0,
        "all|titles with genres": 490.0,
        "all|ordered": 400.0,
        "all|reversed": 2.0,
        "all|late": 0.0,
        "all|excused": 4.0,
        "all|place of top_picks": 2.0,
    }


def set_to(name: str, value: float) -> Callable[[Measures], Measures]:
    return lambda day: {**day, name: value}


FAULTS: dict[str, tuple[Callable[[Measures], Measures], str]] = {
    "a country without pages": (set_to("country=BR|pages", 0.0), "pages_as_before"),
    "a country with three of four pages": (set_to("country=BR|pages", 75.0), "pages_as_before"),
    "no page for a child": (set_to("kids=true|pages", 0.0), "pages_as_before"),
    "half of the rows in a country": (set_to("country=BR|rows", 1500.0), "rows_as_before"),
    "half of the cells on a device": (set_to("all|cells on tv", 180_000.0), "rows_as_before"),
    "a kind gone": (set_to("all|with top_picks", 0.0), "kinds_as_before"),
    "a kind gone in one country": (set_to("country=BR|with top_picks", 0.0), "kinds_as_before"),
    "trending gone in one country": (set_to("country=BR|with trending", 0.0), "kinds_as_before"),
    "popular gone": (set_to("all|with popular", 0.0), "kinds_as_before"),
    "pages upside down": (set_to("all|reversed", 200.0), "order_as_before"),
    "new titles at the end": (set_to("all|late", 400.0), "order_as_before"),
    "a tenth more may see nothing": (set_to("all|excused", 44.0), "excused_as_before"),
    "genres of 100 titles lost": (set_to("all|titles with genres", 390.0), "titles_as_before"),
    "a farm": (
        lambda day: {**day, "title=t1|place": 3.0, "title=t1|place before": 60.0},
        "bursts_bounded",
    ),
    "windows of a country ended": (set_to("country=BR|titles open", 0.0), "titles_as_before"),
    "windows of half the titles lost": (
        set_to("all|titles with windows", 240.0),
        "titles_as_before",
    ),
    "a third of the titles put off": (set_to("all|titles launched", 330.0), "titles_as_before"),
    "a third of the titles gone": (set_to("all|titles", 330.0), "titles_as_before"),
    "one genre for all titles": (
        lambda day: {
            **{name: value for name, value in day.items() if name != "all|titles in Drama"},
            "all|titles in War": 500.0,
        },
        "titles_as_before",
    ),
    "every title for everybody": (set_to("all|titles for age 7", 500.0), "titles_as_before"),
    "every picture for adults": (set_to("all|pictures for age 7", 0.0), "titles_as_before"),
    "no profile with a limit": (
        lambda day: {name: value for name, value in day.items() if name != "limit=7|profiles"},
        "readers_as_before",
    ),
    "one language for all": (set_to("language=en|profiles", 0.0), "readers_as_before"),
    "each play told twice": (set_to("all|records", 1400.0), "records_as_before"),
}
CHANCE: dict[str, Callable[[Measures], Measures]] = {
    "nothing": lambda day: day,
    "a few pages fewer": set_to("country=BR|pages", 88.0),
    "shorter pages": set_to("country=BR|rows", 2500.0),
    "one child without a page": set_to("kids=true|pages", 5.0),
    "fewer rows that trend": set_to("country=BR|with trending", 60.0),
    "some more may see nothing": set_to("all|excused", 12.0),
    "a hit": lambda day: {**day, "title=t1|place": 3.0, "title=t1|place before": 9.0},
    "a new segment": set_to("language=xx|profiles", 1.0),
    "windows of some titles ended": set_to("country=BR|titles open", 410.0),
    "some titles rated anew": set_to("all|titles for age 7", 120.0),
    "some limits changed": set_to("limit=7|profiles", 3.0),
    "a day of many episodes": set_to("all|records", 900.0),
}


def broken(day: Measures, before: list[Measures]) -> set[str]:
    return {rule for rule in RULES if complaints(rule, day, before)}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_breaks_its_rule(name: str) -> None:
    change, rule = FAULTS[name]
    assert rule in broken(change(sound_day()), [sound_day()] * 3)


@pytest.mark.parametrize("name", CHANCE)
def test_chance_breaks_none(name: str) -> None:
    assert broken(CHANCE[name](sound_day()), [sound_day()] * 3) == set()


def test_pages_whose_variant_leaves_a_kind_out_are_not_asked_for_it() -> None:
    day = {**sound_day(), "all|with popular": 40.0}
    assert broken(day, [sound_day()] * 3) == {"kinds_as_before"}
    left_out = {**day, "all|without popular": 360.0}
    assert broken(left_out, [sound_day()] * 3) == set()
    assert broken({**left_out, "all|with popular": 4.0}, [left_out] * 3) == {"kinds_as_before"}
    assert broken({**left_out, "all|with popular": 0.0, "all|without popular": 400.0}, []) == set()


def test_every_rule_has_a_fault() -> None:
    assert {rule for _, rule in FAULTS.values()} == set(RULES) == set(contract("audits").rules)


def test_first_day_breaks_only_what_has_a_bound_of_its_own() -> None:
    day = sound_day()
    for change, _ in FAULTS.values():
        day = change(day)
    assert broken(day, []) == {"order_as_before", "bursts_bounded"}


def test_row_of_a_kind_without_titles_may_be_gone() -> None:
    day = set_to("country=BR|with trending", 0.0)(sound_day())
    assert broken(set_to("country=BR|titles of trending", 2.0)(day), [sound_day()]) == set()


def test_complaint_names_segment_and_numbers() -> None:
    day = set_to("country=BR|pages", 0.0)(sound_day())
    (complaint,) = complaints("pages_as_before", day, [sound_day()])
    assert complaint == "country=BR: 0 of 100 profiles, 100.0% before, pages"


def test_usual_place_is_the_median_of_the_days() -> None:
    days = [set_to("all|place of top_picks", place)(sound_day()) for place in (1.0, 2.0, 30.0)]
    assert usual_places(days) == {"top_picks": 2.0}


def test_measures_are_named_by_segment_and_measure() -> None:
    assert measures_of([("all", "pages", 3.0), ("all", "rows", None)]) == {
        "all|pages": 3.0,
        "all|rows": 0.0,
    }
