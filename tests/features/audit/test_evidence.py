"""Each kind of reason is believed only where the tables say the same, and so is each sentence."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conf.contracts import contract
from conf.days import end_of
from features.audit.evidence import EVIDENCE_RULES
from tests import audited, drafts

AS_OF = end_of(drafts.DS)
PLAYED_AT = datetime(1998, 4, 1, tzinfo=UTC)
PLAYS_HERE = ("plays_1d", "plays_3d", "plays_7d", "plays_before", "season_plays", "earlier_plays")
PLAYS = (5, 5, 5, 0, 30, 60)
TITLES = {
    "new": {"launched_at": AS_OF - timedelta(days=3.5)},
    "old": {"genres": ["Drama"], "directors": ["Ida"], "cast": ["Max"], "awards": ["Palm"]},
    "s1": {"genres": ["Drama"], "directors": ["Ida"], "cast": ["Max"]},
    "s2": {"genres": ["Drama"], "directors": ["Ida"], "cast": ["Max"]},
    "bad": {"genres": ["Drama"], "directors": ["Ida"], "cast": ["Max"]},
    "down": {"genres": ["Drama"]},
    "odd": {"year": 1994},
}
HISTORY = {  # plays, stars, thumb
    "s1": (2, None, None),
    "s2": (1, 4.0, None),
    "bad": (1, 1.0, None),
    "down": (1, None, -1),
}
# of a cell: its title, its row's kind and id, its kind of reason, payload and sentence
CELLS = {
    "again": ("s1", "season", "again", (None, 2, 0), "You played it 2 times"),
    "watched": ("old", "season", "watched", ("s1", 0, 0), "Because you watched Name s1"),
    "director": (
        "old",
        "season",
        "director",
        ("Ida", 2, 0),
        "By Ida, whose 2 titles you liked",
    ),
    "cast": ("old", "season", "cast", ("Max", 2, 0), "With Max, whom you liked in 2 titles"),
    "new": ("new", "season", "new", (None, 0, 3), "Came 3 days ago"),
    "trending": (
        "old",
        "season",
        "trending",
        (None, 5, 7),
        "5 plays in the last 7 days, more than before",
    ),
    "award": ("old", "season", "award", ("Palm", 0, 0), "Award: Palm"),
    "taste": ("old", "season", "taste", ("Drama", 4, 0), "Drama, like 4 of what you played"),
    "genre": ("old", "season", "genre", ("Drama", 0, 0), "Genre: Drama"),
    "popular": ("old", "season", "popular", (None, 6, 30), "6 plays in the last 30 days"),
}
NOTHING = (None, 0, 0)
OWN = {  # a row's own sentence
    "in season": (
        "old",
        "in_season",
        "season",
        NOTHING,
        "30 of its 60 plays in earlier years came at this time of the year",
    ),
    "popular": ("old", "popular", "popular", NOTHING, "6 plays in the last 30 days"),
    "trending": (
        "old",
        "trending",
        "trending",
        NOTHING,
        "5 plays in NO in the last 7 days, more than before",
    ),
    "new": ("new", "new", "new", NOTHING, "Came 3 days ago"),
    "first played": ("odd", "new", "new", NOTHING, "First played 5 days ago"),
    "back": ("s1", "coming_back", "new", NOTHING, "Came back 9 days ago"),
    "gem": (
        "old",
        "hidden_gems",
        "acclaim",
        NOTHING,
        "3 ratings, better than most titles; 9 plays in all",
    ),
    "list": ("new", "my_list", "list", NOTHING, "On your list since April 1, 1998"),
    "resume": ("s2", "continue_watching", "resume", NOTHING, "Resume S01E02 at 10 min"),
    "next": ("s1", "continue_watching", "resume", NOTHING, "Next episode: S01E03"),
    "fits": ("odd", "top_picks", "taste", NOTHING, "Fits what you played"),
    "replay": ("s2", "watch_again", "watched", NOTHING, "You played it once"),
    "cast": ("old", "cast:Max", "people", NOTHING, "With Max"),
    "era": ("old", "genre_era:1990s Drama", "era", NOTHING, "1990s Drama"),
    "alike": ("old", "because_you_watched:s1", "watched", NOTHING, "Similar to Name s1"),
}
TRUE = {**{f"reason {name}": cell for name, cell in CELLS.items()}, **OWN}
FALSE = {
    "again, of another number": ("s1", "season", "again", (None, 3, 0), "You played it 3 times"),
    "again, never played": ("old", "season", "again", (None, 1, 0), "You played it once"),
    "watched, disliked": (
        "old",
        "season",
        "watched",
        ("bad", 0, 0),
        "Because you watched Name bad",
    ),
    "watched, thumb down": (
        "old",
        "season",
        "watched",
        ("down", 0, 0),
        "Because you watched Name down",
    ),
    "watched, not in the history": (
        "s1",
        "season",
        "watched",
        ("old", 0, 0),
        "Because you watched Name old",
    ),
    "watched, not alike": (
        "new",
        "season",
        "watched",
        ("s1", 0, 0),
        "Because you watched Name s1",
    ),
    "director, with a disliked title counted": (
        "old",
        "season",
        "director",
        ("Ida", 3, 0),
        "By Ida, whose 3 titles you liked",
    ),
    "director, of another title": (
        "new",
        "season",
        "director",
        ("Ida", 2, 0),
        "By Ida, whose 2 titles you liked",
    ),
    "cast, of nobody": (
        "old",
        "season",
        "cast",
        ("Eve", 2, 0),
        "With Eve, whom you liked in 2 titles",
    ),
    "new, of another day": ("new", "season", "new", (None, 0, 2), "Came 2 days ago"),
    "new, never launched": ("old", "season", "new", (None, 0, 3), "Came 3 days ago"),
    "trending, not measured": (
        "new",
        "season",
        "trending",
        (None, 5, 7),
        "5 plays in the last 7 days, more than before",
    ),
    "trending, of another number": (
        "old",
        "season",
        "trending",
        (None, 4, 7),
        "4 plays in the last 7 days, more than before",
    ),
    "award, not won": ("old", "season", "award", ("Oscar", 0, 0), "Award: Oscar"),
    "taste, miscounted": (
        "old",
        "season",
        "taste",
        ("Drama", 2, 0),
        "Drama, like 2 of what you played",
    ),
    "genre, of another title": ("new", "season", "genre", ("Drama", 0, 0), "Genre: Drama"),
    "popular, of another number": (
        "old",
        "season",
        "popular",
        (None, 7, 30),
        "7 plays in the last 30 days",
    ),
    "unknown kind": ("old", "season", "hearsay", ("Drama", 0, 0), "Genre: Drama"),
    **{f"own words of {name}": (*cell[:4], "Everybody loves it") for name, cell in OWN.items()},
    **{f"words of {name}": (*cell[:4], "Everybody loves it") for name, cell in CELLS.items()},
    "watched, another name": (
        "old",
        "season",
        "watched",
        ("s1", 0, 0),
        "Because you watched Name s2",
    ),
    "another language": ("old", "season", "genre", ("Drama", 0, 0), "Género: Drama"),
    "another row's own": ("new", "in_season", "list", NOTHING, "On your list since April 1, 1998"),
    "own words of another title": ("new", "popular", "popular", NOTHING, OWN["popular"][-1]),
    "own words of another tag": ("old", "cast:Max", "people", NOTHING, "With Ida"),
}
EVERY = {**TRUE, **FALSE}


GERMAN = {  # the same cells as a German reader is told of them
    "again": "2-mal gespielt",
    "taste": "Drama, wie 4 deiner Titel",
    "popular": "6-mal gespielt in den letzten 30 Tagen",
    "in season": "In früheren Jahren 30 von 60 Mal um diese Jahreszeit gespielt",
    "trending here": "5-mal gespielt in NO in den letzten 7 Tagen, mehr als zuvor",
    "first played": "Vor 5 Tagen zum ersten Mal gespielt",
    "back": "Seit 9 Tagen wieder da",
    "gem": "3 Bewertungen, besser als die meisten Titel; insgesamt 9-mal gespielt",
    "list": "Seit dem 1. April 1998 auf deiner Liste",
    "resume": "Weiter mit S01E02 ab Minute 10",
    "next": "Nächste Folge: S01E03",
    "era": "Drama der 1990er",
    "cast": "Mit Max",
    "similar": "Ähnlich wie Name s1",
}


def _cell(name: str) -> tuple[Any, ...]:
    names = {"similar": "alike", "trending here": "trending"}
    own = name not in ("again", "taste", "popular")
    return (OWN if own else CELLS)[names.get(name, name)]


@pytest.mark.parametrize("name", GERMAN)
def test_sentences_are_held_against_the_readers_language(name: str) -> None:
    """In German it is believed; in English, or in German with another number or name, it is not."""
    cell, text = _cell(name), GERMAN[name]
    other = re.sub(r"\d", lambda digit: str(9 - int(digit[0])), text)
    said = [text, cell[-1], other if other != text else text.replace("a", "ä")]
    cells = {str(place): (*cell[:4], each) for place, each in enumerate(said)}
    day = audited.day_of(_day())
    reader = {**_profile(), "languages": ["fr", "de-AT"]}
    found = audited.broken(
        audited.judged(day, _pages(cells), [reader]), "row_verdicts", ["row_position"]
    )
    assert ["sentences_true" in found[place] for place in range(3)] == [False, True, True]


@pytest.fixture(scope="module")
def verdicts() -> dict[str, tuple[bool, ...]]:
    """Whether the reason, and the sentence, of each name is believed: one row of one cell for each."""
    day = audited.day_of(_day())
    found = audited.broken(
        audited.judged(day, _pages(EVERY), [_profile()]), "row_verdicts", ["row_position"]
    )
    return {
        name: tuple(rule not in found[place] for rule in EVIDENCE_RULES)
        for place, name in enumerate(EVERY)
    }


def _day() -> dict[str, list[dict[str, object]]]:
    return {
        "titles": _titles(),
        "availability": [_window(99, 30), _window(9, None)],
        "title_features": _title_features(),
        "similars": [
            {"method": "cosine", "title_id": title, "neighbours": [{"title_id": other}]}
            for title, other in (("s1", "old"), ("bad", "old"), ("down", "old"), ("old", "s1"))
        ],
    }


def _titles() -> list[dict[str, object]]:
    origin = {"known_at": datetime(1998, 1, 1, tzinfo=UTC), "source": "test", "landing_id": "test"}
    return [
        {"title_id": title, "name": f"Name {title}", "year": 1990, **facts, **origin}
        for title, facts in TITLES.items()
    ]


def _window(since: int, until: int | None) -> dict[str, object]:
    """A window of s1 in Norway, in days ago."""
    return {
        "title_id": "s1",
        "country": "NO",
        "from_at": AS_OF - timedelta(days=since),
        "until_at": None if until is None else AS_OF - timedelta(days=until),
        "known_at": datetime(1998, 1, 1, tzinfo=UTC),
        "source": "test",
        "landing_id": "test",
    }


def _title_features() -> list[dict[str, object]]:
    counts = [name for name in contract("title_features").columns if "title_plays_count" in name]
    features = {
        "old": {
            **dict.fromkeys(counts, 6),
            "title_plays_count_7d": 5,
            "title_plays_count_all": 9,
            "title_trend_7d": 0.4,
            "title_stars_count": 3,
            "title_stars_mean": 4.0,
            "country_plays": [{"country": "NO", **dict(zip(PLAYS_HERE, PLAYS, strict=True))}],
        },
        "new": {**dict.fromkeys(counts, 0), "title_trend_7d": -0.1},
        "s1": {**dict.fromkeys(counts, 20), "title_stars_count": 3, "title_stars_mean": 2.0},
        "odd": {**dict.fromkeys(counts, 0), "title_first_play_age_days": 5.5},
    }
    rest = {"title_trend_7d": 0.0, "title_trend_30d": 0.0, "title_stars_count": 0, "ds": drafts.DS}
    return [{"title_id": title, **rest, **facts} for title, facts in features.items()]


def _profile() -> dict[str, object]:
    history = [
        {
            "title_id": title,
            "last_at": PLAYED_AT,
            "plays_count": plays,
            "stars": stars,
            "thumb": thumb,
            "resume_seconds": 600 if title == "s2" else 0,
            "episode": "S01E02",
            "next_episode": "S01E03",
            "finished_count": 1,
        }
        for title, (plays, stars, thumb) in HISTORY.items()
    ]
    return {
        "profile_id": "ann",
        "country": "NO",
        "languages": ["no", "en"],
        "history": history,
        "my_list": [{"title_id": "new", "listed_at": PLAYED_AT}],
    }


def _pages(cells: dict[str, Any]) -> list[dict[str, object]]:
    """A row of one cell for each, at its place."""
    kinds = {
        "season": ("in_season", "season"),
        "in_season": ("in_season", "season"),
        "popular": ("popular", "popular"),
        "trending": ("trending", "trending"),
        "new": ("new", "new"),
        "coming_back": ("coming_back", "new"),
        "hidden_gems": ("hidden_gems", "acclaim"),
        "my_list": ("my_list", "list"),
        "continue_watching": ("continue_watching", "resume"),
        "top_picks": ("top_picks", "taste"),
        "watch_again": ("watch_again", "watched"),
        "cast": ("cast", "people"),
        "genre_era": ("genre_era", "era"),
        "because_you_watched": ("because_you_watched", "watched"),
    }
    records = []
    for place, (title, row_id, kind, payload, text) in enumerate(cells.values()):
        name, _, about = row_id.partition(":")
        row_kind, row_evidence = kinds[name]
        anchor = about if name == "because_you_watched" else None
        said = dict(zip(("subject", "count", "days"), payload, strict=True))
        cell = {"column_position": 1, "title_id": title, "evidence_type": kind, "evidence": text}
        records.append(
            {
                "profile_id": "ann",
                "row_position": place,
                "row_id": row_id,
                "row_kind": row_kind,
                "evidence_type": row_evidence,
                "anchor_title_id": anchor,
                "cells": [cell | {"evidence_payload": said}],
            }
        )
    return records


@pytest.mark.parametrize("name", TRUE)
def test_what_is_so_is_believed(verdicts: dict[str, tuple[bool, ...]], name: str) -> None:
    assert verdicts[name] == (True, True)


@pytest.mark.parametrize("name", FALSE)
def test_what_is_not_so_is_not(verdicts: dict[str, tuple[bool, ...]], name: str) -> None:
    assert not all(verdicts[name])
