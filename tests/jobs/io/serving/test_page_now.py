"""A stored page read later: what settings and availability of then forbid is left out, and said."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from conf.days import end_of
from jobs.io.serving.page_now import moment_of, page_at, reading_moment, sentences
from jobs.io.serving.page_view import with_titles
from jobs.io.snapshot import catalogue_view
from jobs.io.snapshot.catalogue_view import catalogue_view_at, contexts_at, log_end
from jobs.io.tables import keeper
from models.page.online import view_from_tables
from models.page.online.assemble import Removed
from models.page.online.catalogue_view import CatalogueView
from tests import drafts

EARLY, BUILT = datetime(1998, 1, 1, tzinfo=UTC), end_of(drafts.DS)
LATER = BUILT + timedelta(hours=20)


@pytest.fixture
def log(lake: Path) -> Path:
    """A catalogue in which all of ann's page is for her, and the settings it was built with."""
    rest = {"known_at": EARLY, "landing_id": "1"}
    titles = [
        {"title_id": t, "name": t, "maturity": f["maturity"], "languages": ["en"], **rest}
        for t, f in drafts.TITLES.items()
    ]
    write_deltalake(str(lake / "titles"), pa.Table.from_pylist(titles))
    settings(lake, EARLY)
    return lake


def settings(lake: Path, known_at: datetime, **changed: Any) -> None:
    """A version of ann's settings."""
    facts = {
        "country": "NO",
        "languages": ["en"],
        "maturity_limit": 12,
        "kids": False,
        "blocked_titles": ["hated"],
    }
    row = {"profile_id": "ann", **facts, **changed, "known_at": known_at, "landing_id": "1"}
    write_deltalake(str(lake / "profiles"), pa.Table.from_pylist([row]), mode="append")


def windows(lake: Path, until: datetime, *titles: str) -> None:
    """Windows of availability in her country that end."""
    rows = [
        {
            "title_id": t,
            "country": "NO",
            "from_at": EARLY,
            "until_at": until,
            "known_at": EARLY,
            "landing_id": "1",
        }
        for t in titles
    ]
    write_deltalake(str(lake / "availability"), pa.Table.from_pylist(rows))


def read(at: datetime = LATER) -> tuple[list[str], set[Removed]]:
    """Ids of the rows that are left with the number of their titles, and what was removed."""
    stored = pa.Table.from_pylist(drafts.pages_of(["ann"])["ann"])
    page = page_at("ann", stored, at)
    rows = [f"{row['row_id']} {len(row['cells'])}" for row in page.rows.to_pylist()]
    return rows, set(page.removed)


def test_page_is_whole_where_nothing_changed(log: Path) -> None:
    rows, removed = read()
    assert (
        rows[:3] == ["continue_watching 1", "top_picks 12", "because_you_watched:seen 12"]
        and not removed
    )


def test_title_blocked_since_is_gone_from_every_row_and_so_is_its_own_row(log: Path) -> None:
    settings(log, BUILT + timedelta(hours=1), blocked_titles=["t00", "seen"])
    rows, removed = read()
    assert "top_picks 11" in rows and not any(row.startswith("because_you_watched") for row in rows)
    assert Removed("top_picks", "t00", "blocked by the profile") in removed
    assert Removed("because_you_watched:seen", "seen", "blocked by the profile") in removed
    assert Removed("watch_again", "seen", "blocked by the profile") in removed


def test_change_that_is_not_known_yet_does_not_count(log: Path) -> None:
    settings(log, BUILT + timedelta(hours=10), blocked_titles=["t00"])
    assert not read(BUILT + timedelta(hours=9))[1]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kids": True, "maturity_limit": 3}, "above its maturity limit"),
        ({"maturity_limit": 3}, "above its maturity limit"),
        ({"languages": ["no"]}, "in no language that it understands"),
    ],
)
def test_profile_that_may_see_nothing_more_has_no_row_left(
    log: Path, change: dict[str, Any], reason: str
) -> None:
    settings(log, BUILT + timedelta(hours=1), **change)
    rows, removed = read()
    assert rows == [] and {one.reason for one in removed} == {reason}


@pytest.fixture
def keeping() -> Iterator[None]:
    """A process that answers many times."""
    keeper.keep()
    yield
    keeper.keep_nothing()


def test_page_of_a_process_that_keeps_tables_is_the_same(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows(log, BUILT + timedelta(hours=2), "t00", "seen")
    settings(log, BUILT + timedelta(hours=1), blocked_titles=["t01"])
    moments = [BUILT + timedelta(hours=hours) for hours in (0, 1, 2, 3)]
    opened_anew = [read(at) for at in moments]
    keeper.keep()
    try:
        assert [read(at) for at in moments] == opened_anew
    finally:
        keeper.keep_nothing()


def test_catalogue_of_a_moment_is_made_once_until_something_is_written(
    log: Path, keeping: None
) -> None:
    first = catalogue_view_at(LATER, ["t00"])
    with ThreadPoolExecutor(8) as pool:
        views = list(pool.map(lambda _: catalogue_view_at(LATER, ["t01"]), range(8)))
    assert all(view is first for view in views) and first.catalogue.size == len(drafts.TITLES)
    assert catalogue_view_at(LATER + timedelta(minutes=1)) is not first
    assert catalogue_view_at(LATER, known_by=LATER + timedelta(minutes=1)) is first
    windows(log, LATER, "t00")
    assert catalogue_view_at(LATER) is not first
    assert Removed("top_picks", "t00", "not available in its country") in read()[1]


def named(lake: Path, name: str, known_at: datetime) -> None:
    """Another version of the title t00."""
    title = {"title_id": "t00", "name": name, "year": 1995, "genres": ["Drama"]}
    rows = pa.Table.from_pylist([title | {"known_at": known_at, "landing_id": "2"}])
    write_deltalake(str(lake / "titles"), rows, mode="append", schema_mode="merge")


def name_shown(built: datetime) -> str:
    """The name of t00 on a page that was built at an instant."""
    cells = [{"title_id": "t00", "artwork_id": None}]
    page = [{"ds": drafts.DS, "profile_id": "ann", "as_of": built, "cells": cells}]
    return with_titles(page)[0]["cells"][0]["name"]


def test_names_of_a_process_that_keeps_tables_are_those_known_when_a_page_was_built(
    log: Path, keeping: None
) -> None:
    hour = timedelta(hours=1)
    named(log, "Heat", BUILT - hour)
    assert name_shown(BUILT) == "Heat" and name_shown(BUILT - 2 * hour) == "t00"
    named(log, "Heat (1995)", BUILT + hour)
    assert name_shown(BUILT) == "Heat" and name_shown(BUILT + hour) == "Heat (1995)"
    named(log, "Late Heat", BUILT)  # landed late, known by then
    assert name_shown(BUILT) == "Late Heat"


def test_who_asks_while_a_catalogue_is_made_waits_for_it(
    log: Path, keeping: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    make = catalogue_view._view

    def slowly(*asked: Any) -> CatalogueView:
        made.append(asked)
        time.sleep(0.05)
        return make(*asked)

    monkeypatch.setattr(catalogue_view, "_view", slowly)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: catalogue_view_at(LATER), range(8)))
    assert len(made) == 1


def test_moment_of_a_process_that_keeps_tables_is_the_beginning_of_a_minute(keeping: None) -> None:
    now = datetime(2026, 3, 30, 12, 34, 56, 789, tzinfo=UTC)
    assert moment_of(now) == datetime(2026, 3, 30, 12, 34, tzinfo=UTC)
    keeper.keep_nothing()
    assert moment_of(now) == now


def test_title_whose_window_ends_tonight_is_shown_until_then(log: Path) -> None:
    windows(log, BUILT + timedelta(hours=2), "t00", "seen")
    assert not read(BUILT + timedelta(hours=1))[1]
    rows, removed = read(BUILT + timedelta(hours=2))
    assert "top_picks 11" in rows
    assert "because_you_watched:seen 12" in rows, "the anchor is only named, and the play happened"
    assert {one.title_id for one in removed} == {"t00", "seen"}
    assert {one.reason for one in removed} == {"not available in its country"}


def test_every_title_expiring_leaves_nothing(log: Path) -> None:
    windows(log, BUILT + timedelta(hours=2), *drafts.TITLES)
    assert read()[0] == []


def test_what_was_removed_is_said_in_a_sentence_for_each_reason() -> None:
    gone = [
        Removed("a", "t1", "blocked by the profile"),
        Removed("b", "t1", "blocked by the profile"),
        Removed("a", "t2", "not available in its country"),
        Removed("a", "t3", "not available in its country"),
        Removed("c", "t3", "blocked by the profile"),
    ]
    assert sentences(tuple(gone)) == [
        "Removed since the page was built: 1 title blocked by the profile",
        "Removed since the page was built: 2 titles not available in its country",
    ]


def test_log_that_has_ended_is_read_at_the_end_of_the_day_of_its_newest_page() -> None:
    assert reading_moment(datetime(2026, 1, 1, tzinfo=UTC), BUILT) == BUILT + timedelta(days=1)
    assert reading_moment(BUILT + timedelta(hours=3), BUILT) == BUILT + timedelta(hours=3)


def test_log_that_goes_on_takes_the_moment_with_it_and_never_beyond_now() -> None:
    now, learned = datetime(2026, 1, 1, tzinfo=UTC), BUILT + timedelta(days=4)
    assert reading_moment(now, BUILT, learned) == learned
    assert reading_moment(now, BUILT, BUILT - timedelta(days=4)) == BUILT + timedelta(days=1)
    assert reading_moment(BUILT + timedelta(days=2), BUILT, learned) == BUILT + timedelta(days=2)


def test_settings_learned_after_a_stopped_clock_hold(log: Path) -> None:
    settings(log, BUILT + timedelta(days=9), blocked_titles=["t00"])
    stored = pa.Table.from_pylist(drafts.pages_of(["ann"])["ann"])
    assert not page_at("ann", stored, LATER).removed
    later = page_at("ann", stored, LATER, known_by=BUILT + timedelta(days=10))
    assert {one.title_id for one in later.removed} == {"t00"}


def test_log_ends_where_the_last_event_was_learned(lake: Path) -> None:
    assert log_end(LATER) is None
    events = [
        {"known_at": at, "ds": at.date()} for at in (EARLY, BUILT, datetime(2099, 1, 1, tzinfo=UTC))
    ]
    write_deltalake(str(lake / "events"), pa.Table.from_pylist(events), partition_by=["ds"])
    assert log_end(LATER) == BUILT and log_end(BUILT - timedelta(hours=1)) == EARLY


def moments(lake: Path, starts: int) -> None:
    """What is started at nine in the country, as another version of `contexts` has it."""
    row = {"country": "NO", "context": "hour", "moment": "9", "facet": "kind", "trait": "film"}
    row |= {"starts_count": starts, "expected_count": 1.0, "ds": drafts.DS}
    write_deltalake(str(lake / "contexts"), pa.Table.from_pylist([row]), mode="overwrite")


def test_lifts_are_made_once_for_a_version_of_what_they_are_made_of(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    lifts = view_from_tables.context_lifts

    def noted(*arguments: Any) -> Any:
        made.append(arguments)
        return lifts(*arguments)

    monkeypatch.setattr(view_from_tables, "context_lifts", noted)
    moments(log, 5)
    first = catalogue_view_at(LATER).lifts
    assert catalogue_view_at(LATER + timedelta(minutes=1)).lifts is first and len(made) == 1
    moments(log, 7)
    known = contexts_at(LATER)
    assert known is not None and known["starts_count"].to_pylist() == [7]
    assert catalogue_view_at(LATER).lifts is not first and len(made) == 2
    assert contexts_at(EARLY) is None
