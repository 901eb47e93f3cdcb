"""Each verdict of the judge finds its offence, planted by hand in a sound page, and nothing else."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from conf.contracts import columns, contract
from conf.evidence import languages
from conf.judge import judge_settings
from conf.rows import rows
from judge.judgement import SQL, judgement
from judge.tables import TABLES

BUILT = datetime(2026, 1, 1, 23, 59, 59, 999999, tzinfo=UTC)
READ = datetime(2026, 1, 2, 20, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
Tables = dict[str, list[dict[str, Any]]]


def known(at: datetime = LONG_AGO, landing: str = "1", **columns: Any) -> dict[str, Any]:
    return {**columns, "known_at": at, "landing_id": landing}


def cell(column: int, title: str, **changes: Any) -> dict[str, Any]:
    return {
        "column_position": column,
        "title_id": title,
        "score": 1.0,
        "evidence_type": "genre",
        "evidence": "Genre: Drama",
        "evidence_payload": {"subject": "Drama", "count": 0, "days": 0},
        "artwork_id": "title-card",
        "policy": "default",
        "propensity": 1.0,
        "title_propensity": 1.0,
        **changes,
    }


def sound() -> Tables:
    """A child in Norway that played `seen` a day before, and what it was given a day later."""
    anchor_row = {
        "row_id": "because_you_watched:seen",
        "row_kind": "because_you_watched",
        "row_title": "Because You Watched Seen",
        "reason": "You watched Seen on December 31, 2025",
        "evidence_type": "watched",
        "anchor_title_id": "seen",
        "cells": [cell(1, "b"), cell(2, "c", artwork_id="c-art")],
    }
    first_row = {
        "row_id": "top_picks",
        "row_kind": "top_picks",
        "row_title": "Top Picks for You",
        "reason": "Ranked for you by what you played",
        "evidence_type": "taste",
        "anchor_title_id": None,
        "cells": [cell(1, "a", artwork_id="a-art")],
    }
    visit = {"reader": "test", "seen_at": READ, "profile_id": "kid"}
    return {
        "titles": [
            known(title_id=name, name=name.title(), year=2000, maturity=age, genres=["Drama"])
            for name, age in (("a", 7), ("b", 0), ("c", 0), ("seen", 0))
        ],
        "availability": [
            known(title_id="a", country="NO", from_at=LONG_AGO, until_at=READ + HOUR),
        ],
        "artwork": [
            known(title_id="a", artwork_id="a-art", maturity=0),
            known(title_id="c", artwork_id="c-art", maturity=5),
        ],
        "profiles": [
            known(profile_id="kid", country="NO", kids=True, languages=["no"], maturity_limit=None)
        ],
        "events": [
            {
                "event_id": "1",
                "profile_id": "kid",
                "title_id": "seen",
                "event_at": BUILT - 24 * HOUR,
                "known_at": BUILT - 23 * HOUR,
                "kind": "play",
            }
        ],
        "given": [
            {**visit, **row, "row_position": position, "as_of": BUILT}
            for position, row in enumerate((first_row, anchor_row), 1)
        ],
        "asked": [visit],
    }


def arrow(tables: Tables) -> dict[str, pa.Table]:
    filled = {}
    for name, records in tables.items():
        columns = dict.fromkeys(column for row in records for column in row)
        whole_rows = [{column: row.get(column) for column in columns} for row in records]
        if records:
            filled[name] = pa.Table.from_pylist(whole_rows)
    return filled


def offences(plant: Callable[[Tables], Any] | None = None) -> dict[str, int]:
    tables = sound()
    if plant:
        plant(tables)
    return judgement(arrow(tables)).offences


def title(tables: Tables, **changes: Any) -> None:
    """A version of title `a` that was learned an hour before it was read."""
    tables["titles"].append({**tables["titles"][0], "known_at": READ - HOUR, **changes})


def settings(tables: Tables, **changes: Any) -> None:
    """Settings of the child that were learned an hour before the page was read."""
    tables["profiles"].append({**tables["profiles"][0], "known_at": READ - HOUR, **changes})


def first_cell(tables: Tables, **changes: Any) -> None:
    tables["given"][0]["cells"][0].update(changes)


WATCHED = "Because you watched Seen"


def says(
    tables: Tables, kind: str, text: str, subject: str | None = None, count: int = 0, days: int = 0
) -> None:
    """Let the first cell give a reason."""
    payload = {"subject": subject, "count": count, "days": days}
    first_cell(tables, evidence_type=kind, evidence=text, evidence_payload=payload)


def second_cell(tables: Tables, title_id: str, kind: str, text: str, count: int) -> None:
    """A second cell in the first row."""
    payload = {"subject": None, "count": count, "days": 0}
    tables["given"][0]["cells"].append(
        cell(2, title_id, evidence_type=kind, evidence=text, evidence_payload=payload)
    )


def event(tables: Tables, event_id: str, **changes: Any) -> None:
    """One more event like the first."""
    tables["events"].append({**tables["events"][0], "event_id": event_id, **changes})


def genre_row(tables: Tables, **changes: Any) -> None:
    """The first row as one of dramas."""
    tables["given"][0].update(
        {
            "row_id": "genre:Drama",
            "row_kind": "genre",
            "row_title": "Drama",
            "reason": "Drama: 1 of the 1 titles in your history",
            "evidence_type": "genre",
            **changes,
        }
    )
    first_cell(
        tables,
        evidence_type="genre",
        evidence="Genre: Drama",
        evidence_payload={"subject": None, "count": 0, "days": 0},
    )


def popular_row(tables: Tables, first: str, second: str) -> None:
    """The first row as one by plays: title `b` was played by another profile, `a` never was."""
    kind = rows().kinds["popular"]
    tables["given"][0].update(
        row_id="popular",
        row_kind="popular",
        row_title=kind.title,
        reason=kind.reason.format(window_days=kind.window_days),
        evidence_type="popular",
        cells=[],
    )
    del tables["given"][1]
    event(tables, "2", profile_id="other", title_id="b", event_at=BUILT - HOUR, known_at=BUILT)
    texts = {"a": "Played before, not lately", "b": "1 play in the last 30 days"}
    event(
        tables,
        "3",
        profile_id="other",
        title_id="a",
        event_at=BUILT - 1000 * HOUR,
        known_at=BUILT,
    )
    for column, title_id in enumerate((first, second), 1):
        payload = {"subject": None, "count": int(title_id == "b"), "days": 30}
        tables["given"][0]["cells"].append(
            cell(
                column,
                title_id,
                evidence_type="popular",
                evidence=texts[title_id],
                evidence_payload=payload,
            )
        )


def close_window(tables: Tables) -> None:
    window = tables["availability"][0]
    tables["availability"].append({**window, "known_at": READ - HOUR, "until_at": READ})


OFFENCES: dict[str, tuple[Callable[[Tables], Any], str]] = {
    "a title that nobody knows": (
        lambda t: first_cell(t, title_id="x", artwork_id="title-card"),
        "title_unknown",
    ),
    "a title known later": (
        lambda t: t["titles"][0].update(known_at=READ + HOUR),
        "title_unknown",
    ),
    "rated up before it was read": (lambda t: title(t, maturity=16), "title_too_old"),
    "its rating lost": (lambda t: title(t, maturity=None), "title_too_old"),
    "a lower limit of a child": (lambda t: settings(t, maturity_limit=6), "title_too_old"),
    "a lower limit of a grown-up": (
        lambda t: settings(t, maturity_limit=6, kids=False),
        "title_too_old",
    ),
    "blocked since": (lambda t: settings(t, blocked_titles=["a"]), "title_blocked"),
    "blocked as the caller says": (
        lambda t: t.update(passed=[{**t["asked"][0], "blocked_titles": ["a"]}]),
        "title_blocked",
    ),
    "a caller's stricter limit": (
        lambda t: t.update(passed=[{**t["asked"][0], "maturity_limit": 6}]),
        "title_too_old",
    ),
    "spoken in Thai": (lambda t: title(t, languages=["th-TH"]), "title_foreign"),
    "its window closed early": (close_window, "title_closed"),
    "its window put off": (
        lambda t: t["availability"][0].update(from_at=READ + HOUR, until_at=None),
        "title_closed",
    ),
    "moved to another country": (lambda t: settings(t, country="SE"), "title_closed"),
    "a caller in another country": (
        lambda t: t.update(passed=[{**t["asked"][0], "country": "SE"}]),
        "title_closed",
    ),
    "its launch put off": (lambda t: title(t, launched_at=READ + HOUR), "title_not_launched"),
    "listed twice": (lambda t: t["titles"][1].update(name="A"), "title_twice"),
    "without a picture": (lambda t: first_cell(t, artwork_id=None), "artwork_none"),
    "with an empty picture": (lambda t: first_cell(t, artwork_id=""), "artwork_none"),
    "a picture of another title": (lambda t: first_cell(t, artwork_id="c-art"), "artwork_foreign"),
    "a picture known later": (
        lambda t: t["artwork"][0].update(known_at=READ + HOUR),
        "artwork_foreign",
    ),
    "a picture rated up": (
        lambda t: t["artwork"].append({**t["artwork"][0], "known_at": READ - HOUR, "maturity": 16}),
        "artwork_too_old",
    ),
    "a picture whose own age was lost": (
        lambda t: (t["artwork"][1].update(maturity=None), t["titles"][2].update(maturity=None)),
        "artwork_too_old",
    ),
    "an anchor blocked since": (lambda t: settings(t, blocked_titles=["seen"]), "name_forbidden"),
    "an anchor rated up": (lambda t: t["titles"][3].update(maturity=18), "name_forbidden"),
    "a cell that names a blocked title": (
        lambda t: (
            settings(t, blocked_titles=["hidden"]),
            t["titles"].append(known(title_id="hidden", name="Hidden", maturity=7)),
            first_cell(
                t,
                evidence_type="watched",
                evidence_payload={"subject": "hidden", "count": 0, "days": 0},
            ),
        ),
        "name_forbidden",
    ),
    "an anchor never played": (lambda t: t["events"].clear(), "anchor_not_played"),
    "an anchor played after the page was built": (
        lambda t: t["events"][0].update(event_at=BUILT + HOUR),
        "anchor_not_played",
    ),
    "an anchor that the row shows": (
        lambda t: t["given"][1]["cells"].append(cell(3, "seen")),
        "anchor_not_played",
    ),
    "a row named after another title": (
        lambda t: t["given"][1].update(row_id="because_you_watched:a"),
        "anchor_not_played",
    ),
    "a picture's probability of 0": (
        lambda t: first_cell(t, propensity=0.0),
        "propensity_impossible",
    ),
    "a title's probability above 1": (
        lambda t: first_cell(t, title_propensity=1.1),
        "propensity_impossible",
    ),
    "no probability": (lambda t: first_cell(t, propensity=None), "propensity_impossible"),
    "no number for a probability": (
        lambda t: first_cell(t, propensity=float("nan")),
        "propensity_impossible",
    ),
    "a genre that it has not": (lambda t: says(t, "genre", "Genre: War", "War"), "reason_untrue"),
    "played more often than it was": (
        lambda t: second_cell(t, "seen", "again", "You played it 2 times", count=2),
        "reason_untrue",
    ),
    "played again and never played": (
        lambda t: says(t, "again", "You played it once", count=1),
        "reason_untrue",
    ),
    "because of a title that was not played": (
        lambda t: says(t, "watched", "Because you watched B", "b"),
        "reason_untrue",
    ),
    "because of a title that was disliked": (
        lambda t: (t["events"][0].update(value=1.0), says(t, "watched", WATCHED, "seen")),
        "reason_untrue",
    ),
    "because of a title with a thumb down": (
        lambda t: (
            event(t, "2", kind="thumb", value=-1.0),
            says(t, "watched", WATCHED, "seen"),
        ),
        "reason_untrue",
    ),
    "a director of other titles": (
        lambda t: says(t, "director", "By Ada, whose 2 titles you liked", "Ada", 2),
        "reason_untrue",
    ),
    "one liked title with an actor": (
        lambda t: (
            [each.update(cast=["Ada"]) for each in t["titles"]],
            says(t, "cast", "With Ada, whom you liked in 1 titles", "Ada", 1),
        ),
        "reason_untrue",
    ),
    "newer than it is": (
        lambda t: (
            t["titles"][0].update(launched_at=BUILT - 49 * HOUR),
            says(t, "new", "Came yesterday", days=1),
        ),
        "reason_untrue",
    ),
    "more plays in a trend than in the log": (
        lambda t: says(
            t, "trending", "9 plays in the last 7 days, more than before", count=9, days=7
        ),
        "reason_untrue",
    ),
    "an award of nobody": (lambda t: says(t, "award", "Award: Bear", "Bear"), "reason_untrue"),
    "a taste that the history does not show": (
        lambda t: says(t, "taste", "Drama, like 2 of what you played", "Drama", 2),
        "reason_untrue",
    ),
    "more plays than in the log": (
        lambda t: says(t, "popular", "2 plays in the last 30 days", count=2, days=30),
        "reason_untrue",
    ),
    "a kind of reason that nobody knows": (
        lambda t: says(t, "rumour", "Everybody says so", "x"),
        "reason_untrue",
    ),
    "a sentence that says more than its payload": (
        lambda t: first_cell(t, evidence="Genre: Drama, the best there is"),
        "sentence_other",
    ),
    "a sentence in another language": (
        lambda t: says(t, "award", "Auszeichnung: Bear", "Bear"),
        "sentence_other",
    ),
    "a sentence of no row": (
        lambda t: first_cell(
            t,
            evidence_type="taste",
            evidence="You will love it",
            evidence_payload={"subject": None, "count": 0, "days": 0},
        ),
        "sentence_other",
    ),
    "a row called otherwise": (lambda t: t["given"][0].update(row_title="Best"), "row_untrue"),
    "watched on another day": (
        lambda t: t["given"][1].update(reason="You watched Seen on December 30, 2025"),
        "row_untrue",
    ),
    "a row of a kind that nobody knows": (
        lambda t: t["given"][0].update(row_kind="mystery"),
        "row_untrue",
    ),
    "a row of a genre with a title of another": (
        lambda t: (genre_row(t), t["titles"][0].update(genres=["War"])),
        "tag_foreign",
    ),
    "one title more in the history": (
        lambda t: genre_row(t, reason="Drama: 2 of the 1 titles in your history"),
        "row_untrue",
    ),
    "fewer plays before more": (
        lambda t: popular_row(t, "a", "b"),
        "order_untrue",
    ),
    "an empty page": (lambda t: t["given"].clear(), "page_empty"),
}


MONTH = {
    "title": "This Month",
    "reason": "What all members play",
    "texts": {name: {"title": "T", "reason": "R"} for name in languages()[1:]},
    **{"evidence": "popular", "order": "popularity", "window_days": 30},
    **{"min_length": 1, "max_length": 40},
}
CHANGED = {"rows.kinds.top_picks.title": "Just for You", "rows.kinds.month": MONTH}


def decision(since: date, action: str = "start", winner: str | None = None) -> dict[str, Any]:
    """A decision on an experiment whose cell `new` has CHANGED, from a day on."""
    cells = {"control": {"share": 0.5, "changes": {}}, "new": {"share": 0.5, "changes": CHANGED}}
    experiment = {"start": "2026-01-01", "end": "2026-01-08", "cells": cells}
    return {
        **{"experiment": "kinds", "action": action, "winner": winner, "ds": since},
        "declaration": json.dumps({"experiment": experiment}),
        "decided_at": datetime(since.year, since.month, since.day, tzinfo=UTC),
    }


def of_variant(tables: Tables, cells: Sequence[str] = ("kinds:new",)) -> None:
    """Make the page one of a variant, with rows as it says them."""
    tables["experiments"] = [decision(date(2026, 1, 1))]
    tables["given"][0]["row_title"] = "Just for You"
    month = {"row_id": "month", "row_kind": "month", "row_title": "This Month"}
    popular = cell(1, "b")
    row = {**tables["given"][0], **month, "reason": MONTH["reason"], "row_position": 3}
    tables["given"].append({**row, "cells": [popular]})
    for given in tables["given"]:
        given["experiment_cells"] = list(cells)


def test_a_variants_page_is_judged_by_its_declaration() -> None:
    assert offences(of_variant) == {}
    assert offences(lambda tables: of_variant(tables, [])) == {"row_untrue": 2}
    assert offences(lambda tables: of_variant(tables, ["kinds:control"])) == {"row_untrue": 2}


def told_otherwise(tables: Tables) -> None:
    """The control's name of a row on a variant's page."""
    of_variant(tables)
    tables["given"][0]["row_title"] = "Top Picks for You"


def added_row_told_otherwise(tables: Tables) -> None:
    of_variant(tables)
    tables["given"][2]["reason"] = "Because we say so"


def title_too_old_in_an_added_row(tables: Tables) -> None:
    of_variant(tables)
    tables["titles"].append({**tables["titles"][1], "known_at": READ - HOUR, "maturity": 16})


def decided(*made: dict[str, Any]) -> Callable[[Tables], None]:
    def plant(tables: Tables) -> None:
        of_variant(tables)
        tables["experiments"] = list(made)

    return plant


EVE, NIGHT, NEXT = date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)
OF_VARIANTS: dict[str, tuple[Callable[[Tables], Any], set[str]]] = {
    "a row named as the control's": (told_otherwise, {"row_untrue"}),
    "an added row with another reason": (added_row_told_otherwise, {"row_untrue"}),
    "a title too old": (title_too_old_in_an_added_row, {"title_too_old"}),
    "a cell that nobody declared": (
        lambda tables: of_variant(tables, ["kinds:newer"]),
        {"cell_undeclared", "row_untrue"},
    ),
    "stopped before": (
        decided(decision(EVE), decision(NIGHT, "stop")),
        {"cell_undeclared"},
    ),
    "stopped a day later": (decided(decision(NIGHT), decision(NEXT, "stop")), set()),
    "started a day later": (decided(decision(NEXT)), {"cell_undeclared", "row_untrue"}),
    "won": (decided(decision(EVE), decision(NIGHT, "winner", "new")), set()),
    "won by another": (
        decided(decision(EVE), decision(NIGHT, "winner", "control")),
        {"cell_undeclared"},
    ),
}


@pytest.mark.parametrize(("plant", "verdicts"), OF_VARIANTS.values(), ids=OF_VARIANTS)
def test_a_fault_in_a_variants_page_is_found(
    plant: Callable[[Tables], Any], verdicts: set[str]
) -> None:
    assert set(offences(plant)) == verdicts


def test_a_page_of_a_tick_may_be_of_the_cells_of_the_night_before() -> None:
    def plant(tables: Tables) -> None:
        decided(decision(NIGHT), decision(NEXT, "stop"))(tables)
        for given in tables["given"]:
            given["as_of"] = READ - HOUR

    assert offences(plant) == {}


ALSO = {  # what one fault makes wrong besides
    "title_unknown": {"reason_untrue"},
    "artwork_too_old": {"title_too_old"},
    "name_forbidden": {"reason_untrue", "sentence_other"},
    "anchor_not_played": {"row_untrue"},
    "reason_untrue": {"sentence_other"},
    "sentence_other": {"reason_untrue"},
}


def test_a_sound_page_has_no_offence() -> None:
    found = judgement(arrow(sound()))
    assert found.offences == {} and (found.pages, found.cells) == (1, 3)


@pytest.mark.parametrize(("plant", "verdict"), OFFENCES.values(), ids=OFFENCES)
def test_each_offence_is_found_and_no_other(plant: Callable[[Tables], Any], verdict: str) -> None:
    found = set(offences(plant))
    assert verdict in found and found <= {verdict, *ALSO.get(verdict, ())}


def test_true_reasons_are_none() -> None:
    def plant(tables: Tables) -> None:
        for each in tables["titles"]:
            each.update(cast=["Ada"], directors=["Ada"], awards=["Bear"])
        tables["titles"][0].update(launched_at=BUILT - 49 * HOUR)
        event(tables, "2", title_id="c", kind="rating", value=5.0)
        event(tables, "3", title_id="c", event_at=BUILT - 30 * HOUR)
        for number in range(3):  # pieces of one sitting
            event(tables, f"p{number}", title_id="c", event_at=BUILT - (29 - number) * HOUR)
        for number in range(3):
            moment = BUILT - (10 + number) * HOUR
            event(tables, f"o{number}", profile_id="other", title_id="a", event_at=moment)
        reasons = [
            ("c", "again", "You played it once", None, 1, 0),
            ("a", "watched", WATCHED, "seen", 0, 0),
            ("a", "director", "By Ada, whose 2 titles you liked", "Ada", 2, 0),
            ("a", "cast", "With Ada, whom you liked in 2 titles", "Ada", 2, 0),
            ("a", "new", "Came 2 days ago", None, 0, 2),
            ("a", "trending", "3 plays in the last 7 days, more than before", None, 3, 7),
            ("a", "award", "Award: Bear", "Bear", 0, 0),
            ("a", "taste", "Drama, like 2 of what you played", "Drama", 2, 0),
            ("a", "popular", "3 plays in the last 30 days", None, 3, 30),
        ]
        tables["given"][0]["cells"] = [
            cell(
                column,
                title_id,
                evidence_type=kind,
                evidence=text,
                evidence_payload={"subject": subject, "count": count, "days": days},
            )
            for column, (title_id, kind, text, subject, count, days) in enumerate(reasons, 1)
        ]

    assert offences(plant) == {}


@pytest.mark.parametrize(("hours", "verdicts"), [(0, set()), (6, set()), (24, {"reason_untrue"})])
def test_plays_of_seven_days_are_of_whole_days_until_the_next_has_ended(
    hours: int, verdicts: set[str]
) -> None:
    def plant(tables: Tables) -> None:
        for number in range(3):
            moment = datetime(2025, 12, 26, 12 + number, tzinfo=UTC)
            event(tables, f"o{number}", profile_id="other", title_id="a", event_at=moment)
        said = "3 plays in the last 7 days, more than before"
        says(tables, "trending", said, count=3, days=7)
        for row in tables["given"]:
            row["as_of"] = BUILT + hours * HOUR

    assert set(offences(plant)) == verdicts


@pytest.mark.parametrize("plant", [genre_row, lambda t: popular_row(t, "b", "a")])
def test_true_rows_are_none(plant: Callable[[Tables], Any]) -> None:
    assert offences(plant) == {}


def test_every_verdict_is_seen_to_find_something() -> None:
    found = {verdict for _, verdict in OFFENCES.values()}
    assert found.union(*(names for _, names in OF_VARIANTS.values())) == set(
        judge_settings().verdicts
    )


def test_every_query_is_a_verdict_or_a_step() -> None:
    names = {path.stem for path in SQL.glob("*.sql")}
    assert names == {*judge_settings().verdicts, *judge_settings().steps}


@pytest.mark.parametrize(
    "plant",
    [
        lambda t: title(t, maturity=16, known_at=READ + HOUR),
        lambda t: settings(t, blocked_titles=["a"], known_at=READ + HOUR),
        lambda t: settings(t, blocked_titles=["a"], known_at=LONG_AGO - HOUR),
        lambda t: settings(t, maturity_limit=18),
        lambda t: title(t, languages=["no-NO", "th"]),
        lambda t: title(t, launched_at=READ - HOUR),
        lambda t: t.update(passed=[{**t["asked"][0], "maturity_limit": 18, "kids": False}]),
    ],
)
def test_what_was_known_then_decides(plant: Callable[[Tables], Any]) -> None:
    assert offences(plant) == {}


@pytest.mark.parametrize(("landing", "verdicts"), [("0", set()), ("2", {"title_blocked"})])
def test_of_versions_of_one_instant_the_greater_landing_counts(
    landing: str, verdicts: set[str]
) -> None:
    def plant(tables: Tables) -> None:
        settings(tables, blocked_titles=["a"], known_at=LONG_AGO, landing_id=landing)

    assert set(offences(plant)) == verdicts


def test_a_profile_of_which_nothing_is_known_may_be_a_child() -> None:
    def plant(tables: Tables) -> None:
        tables["profiles"].clear()
        tables["events"].clear()
        del tables["given"][1], tables["availability"][0]
        title(tables, maturity=16)

    assert offences(plant) == {"title_too_old": 1}


def test_a_caller_who_says_how_old_a_new_profile_is_is_believed() -> None:
    def plant(tables: Tables) -> None:
        tables["profiles"].clear()
        tables["events"].clear()
        del tables["given"][1], tables["availability"][0]
        title(tables, maturity=16)
        tables["passed"] = [{**tables["asked"][0], "maturity_limit": 18, "kids": False}]

    assert offences(plant) == {}


@pytest.mark.parametrize(("until", "expected"), [(None, {}), (BUILT, {"title_closed": 1})])
def test_without_a_country_what_is_open_in_all_of_them_may_be_seen(
    until: datetime | None, expected: dict[str, int]
) -> None:
    def plant(tables: Tables) -> None:
        settings(tables, country=None)
        window = known(title_id="a", country="SE", from_at=LONG_AGO, until_at=until)
        tables["availability"].append(window)

    assert offences(plant) == expected


def test_nothing_is_owed_to_a_profile_that_may_see_nothing() -> None:
    def plant(tables: Tables) -> None:
        tables["given"].clear()
        settings(tables, blocked_titles=["a", "b", "c", "seen"])

    assert offences(plant) == {}


def test_only_the_subjects_asked_for_are_judged() -> None:
    tables = sound()
    first_cell(tables, artwork_id=None, propensity=0.0)
    assert judgement(arrow(tables), ("artwork",)).offences == {"artwork_none": 1}


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(ValueError, match="the judge reads no table films"):
        judgement({"films": pa.table({"title_id": ["a"]})})


def test_examples_say_who_when_and_what() -> None:
    tables = sound()
    first_cell(tables, artwork_id="c-art")
    (sentence,) = judgement(arrow(tables)).sentences
    assert sentence == (
        "artwork_foreign: 1, for example"
        " kid at 2026-01-02 20:00:00 by test: c-art for a in top_picks"
    )


def test_the_judge_reads_columns_of_the_contracts_alone() -> None:
    for name in ("titles", "availability", "profiles", "artwork", "events", "experiments"):
        assert set(TABLES[name]) <= set(contract(name).columns), name
    of_rows = set(TABLES["given"]) - {"reader", "seen_at"}
    assert of_rows <= set(contract("homepage_rows").columns)
    fields = re.findall(r"(\w+):", columns()["cells"].type)
    assert re.findall(r"(\w+) [A-Z]", TABLES["given"]["cells"]) == fields


@pytest.mark.parametrize(("age_hours", "verdicts"), [(7, set()), (49, {"reason_untrue"})])
def test_came_today_is_a_reason_also_in_the_row_of_what_is_new(
    age_hours: int, verdicts: set[str]
) -> None:
    """It counts no days, as a row's own sentence does, and the row's own is of the same kind."""

    def plant(tables: Tables) -> None:
        tables["titles"][0].update(launched_at=BUILT - age_hours * HOUR)
        says(tables, "new", "Came today")
        tables["given"][0].update(evidence_type="new")

    assert set(offences(plant)) == verdicts


def test_row_of_what_is_new_claims_no_order_of_plays() -> None:
    """Its reason has the word first too: "or was first played"."""
    kind = rows().kinds["new"]

    def plant(tables: Tables) -> None:
        popular_row(tables, "a", "b")
        reason = kind.reason.format(window_days=kind.window_days)
        words = {"row_id": "new", "row_kind": "new", "row_title": kind.title, "reason": reason}
        tables["given"][0].update(words, evidence_type="new")

    assert set(offences(plant)) == set()


def german(tables: Tables) -> None:
    """The page of a child that speaks German, with a row of a genre and what it says in its cells."""
    tables["profiles"][0].update(languages=["de-AT"])
    first, anchor = tables["given"]
    texts = {name: rows().kinds[name].said_in("de") for name in ("top_picks", "genre")}
    first.update(row_title=texts["top_picks"].title, reason=texts["top_picks"].reason)
    anchor.update(
        row_title="Weil du Seen gesehen hast", reason="Du hast Seen am 31. Dezember 2025 gesehen"
    )
    genre = {
        "row_id": "genre_era:2000s Crime",
        "row_kind": "genre_era",
        "row_title": "Krimi der 2000er",
        "reason": "Krimi der 2000er: 1 der 1 Titel in deinem Verlauf",
        "evidence_type": "era",
        "anchor_title_id": None,
        "row_position": 3,
        "cells": [cell(1, "a", artwork_id="a-art")],
    }
    tables["given"].append({**first, **genre})
    for each in tables["titles"]:
        each.update(genres=["Crime"])
    payload = {"subject": "Crime", "count": 1, "days": 0}
    for row in tables["given"]:
        for each in row["cells"]:
            each.update(
                evidence_type="taste",
                evidence="Krimi, wie 1 deiner Titel",
                evidence_payload=payload,
            )


MIXED: dict[str, tuple[Callable[[Tables], Any], str]] = {
    "a row in English": (
        lambda t: t["given"][0].update(row_title="Top Picks for You"),
        "row_untrue",
    ),
    "a reason in English": (
        lambda t: t["given"][1].update(reason="You watched Seen on December 31, 2025"),
        "row_untrue",
    ),
    "a genre in English": (
        lambda t: t["given"][2].update(row_title="Crime der 2000er"),
        "row_untrue",
    ),
    "a cell in English": (
        lambda t: first_cell(t, evidence="Crime, like 1 of what you played"),
        "sentence_other",
    ),
    "a genre in English in a cell": (
        lambda t: first_cell(t, evidence="Crime, wie 1 deiner Titel"),
        "sentence_other",
    ),
}


def test_a_page_in_german_is_sound() -> None:
    assert offences(german) == {}


@pytest.mark.parametrize(("plant", "verdict"), MIXED.values(), ids=MIXED)
def test_a_page_in_two_languages_is_not(plant: Callable[[Tables], Any], verdict: str) -> None:
    assert verdict in offences(lambda tables: (german(tables), plant(tables)))
