"""One profile's page as it is right at a moment, read without Spark from the published tables or
from a release.
"""

# Tested by tests/jobs/io/serving/test_service.py and tests/cli/test_page.py.

import contextlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from conf.days import end_of
from conf.errors import UserMistake
from jobs.io.published import homepage, updates
from jobs.io.published.receipts import newest_receipt
from jobs.io.serving.page_now import (
    moment_of,
    page_at,
    reading_moment,
    reading_moment_of,
    sentences,
)
from jobs.io.serving.service import Online
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.snapshot.catalogue_view import log_end, settings_at
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.keeper import keeper
from models.page.online.assemble import Assembled, Removed, Visit

TITLE_COLUMNS = ["title_id", "name", "year", "genres"]
Titles = dict[str, dict[str, Any]]  # by title_id
Themes = dict[tuple[str, str | None], str]  # by title_id and artwork_id


@dataclass(frozen=True)
class PageView:
    """A page as it is shown at a moment, and where it came from: an update since last night
    (fresh), last night (base), or of a release a level below; `causes` say why it is not of a
    better one, `refused` which rankers it had to be made without.
    """

    level: str
    rows: list[dict[str, Any]]
    removed: tuple[Removed, ...]
    causes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def page(
    profile_id: str,
    ds: date | None = None,
    at: datetime | None = None,
    device: str | None = None,
    version: int | None = None,
    described: bool = True,
) -> PageView:
    """A profile's page as it is right at a moment on a device, made of its newest published one by
    default, or of another version of the published table.

    Each cell has its title's `name`, `year` and `genres`, its picture's `theme` and how many
    percent of it were watched (`progress`) as they were known when the page was built; where it is
    not to be `described`, its stored fields alone.
    """
    receipts = homepage.publication_receipts()
    newest_end = end_of(homepage.newest_day(receipts))
    now = datetime.now(UTC)
    known_by = at or now
    at = at or reading_moment(moment_of(now), newest_end, log_end(now))
    known = settings_at(known_by, [profile_id])
    try:
        base = homepage.page_table(profile_id, ds, version)
    except UserMistake:
        if not known or ds or version:
            raise  # nobody has heard of it, or it had no page on that day
        return _page_of_country(profile_id, at, device, known_by, ())
    update = None if ds or version else updates.newest_update(profile_id, base["ds"][0].as_py(), at)
    level, stored = ("base", base) if update is None else ("fresh", update)
    current = page_at(profile_id, stored, at, device, known_by)
    if not current.rows.num_rows and known:
        causes = (f"{level}: nothing of it is left",)
        return _page_of_country(profile_id, at, device, known_by, causes)
    if not described:
        return PageView(level, current.rows.to_pylist(), current.removed)
    made = newest_receipt(receipts, base["ds"][0].as_py())
    return replace(_view(level, current), refused=tuple((made and made.refused_rankers) or ()))


def notes_of(view: PageView) -> list[str]:
    """What was removed since the page was built, and why it is not of a better level."""
    notes = sentences(view.removed)
    if view.causes:
        notes.append(f"The page is of level {view.level}: {', '.join(view.causes)}")
    return notes


def _page_of_country(
    profile_id: str, at: datetime, device: str | None, known_by: datetime, causes: tuple[str, ...]
) -> PageView:
    """The page of somebody without one of their own, as a release would have it."""
    from jobs.io.serving import fallback_pages  # the builder, and LightGBM with it

    country = settings_at(known_by, [profile_id])[profile_id]["country"] or ""
    ds = homepage.newest_day(homepage.publication_receipts())
    tables = fallback_pages.known_titles(known_by)
    for stored in fallback_pages.pages_without_history(ds, tables, at, country):
        current = page_at(profile_id, stored, at, device, known_by)
        if current.rows.num_rows:
            break
    return _view("popular", current, causes)


def _view(level: str, current: Assembled, causes: tuple[str, ...] = ()) -> PageView:
    return PageView(level, with_titles(current.rows.to_pylist()), current.removed, causes)


def with_titles(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, each cell with what was known of its title and its artwork."""
    _describe(rows, _titles(rows), _themes(rows))
    progress = _progress(rows[0]) if rows else {}
    for cell in _cells(rows):
        cell["progress"] = progress.get(cell["title_id"])
    return rows


def served(
    where: Path | str, profile_id: str, at: datetime | None = None, device: str | None = None
) -> PageView:
    """The same as a service reads it: from the release of a home, or of a Redis server (its URL),
    and nothing else.
    """
    with contextlib.closing(Online(where)) as online:
        release = online.reader.release
        if release is None:
            raise UserMistake("no release was made yet; `python -m jobs.serve_pages` makes one")
        at = at or reading_moment_of(release, datetime.now(UTC))
        current = online.page(profile_id, Visit(at.timestamp(), device))
        table = online.reader.catalogue.get("titles")
    rows = current.rows.to_pylist()
    titles = {} if table is None else _by_title(table)
    _describe(rows, titles, {})  # the themes of artwork are not in a release
    return PageView(current.level, rows, current.removed, current.causes)


def _describe(rows: list[dict[str, Any]], titles: Titles, themes: Themes) -> None:
    """Add to each cell what is known of its title and its artwork."""
    for cell in _cells(rows):
        title_id = cell["title_id"]
        cell.update({"name": title_id, "year": None, "genres": None})
        cell.update(titles.get(title_id, {}))
        cell["theme"] = themes.get((title_id, cell["artwork_id"]))


def _cells(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [cell for row in rows for cell in row["cells"]]


def _titles(rows: list[dict[str, Any]]) -> Titles:
    """Name, year and genres of the titles on the page, the newest known when it was built."""
    if not rows:
        return {}
    as_of = rows[0]["as_of"]
    if keeper() is not None:
        place, state = arrow_tables.deltalake_path("titles"), arrow_tables.state_of("titles")
        return _kept_titles(place, state, as_of)
    return _titles_known(as_of, sorted({cell["title_id"] for cell in _cells(rows)}))


@lru_cache(maxsize=4)
def _kept_titles(place: str, state: tuple[int, object], as_of: datetime) -> Titles:
    """The same of all titles, for a process that keeps tables: pages of a day are of one instant."""
    return _titles_known(as_of)


def _titles_known(as_of: datetime, only: list[str] | None = None) -> Titles:
    snapshot = ArrowSnapshot(as_of)
    return _by_title(snapshot.newest_versions("titles", ["title_id"], TITLE_COLUMNS, only))


def _by_title(titles: pa.Table) -> Titles:
    records = titles.select(TITLE_COLUMNS).to_pylist()
    return {record.pop("title_id"): record for record in records}


def _progress(row: dict[str, Any]) -> dict[str, int]:
    """The percent watched of each title that the profile of a row had begun by its day."""
    filters = [("ds", "=", row["ds"]), ("profile_id", "=", row["profile_id"])]
    table = arrow_tables.filtered_rows("profile_features", filters, ["history"])
    progress = {}
    for played in (table["history"].to_pylist() or [None])[0] or []:
        at, length = played["resume_seconds"], played["duration_seconds"]
        if at and length:
            progress[played["title_id"]] = min(100, max(1, round(100 * at / length)))
    return progress


def _themes(rows: list[dict[str, Any]]) -> Themes:
    """The theme of each artwork on the page that has one."""
    artwork_ids = sorted({cell["artwork_id"] for cell in _cells(rows) if cell["artwork_id"]})
    if not artwork_ids:
        return {}
    filters = [("artwork_id", "in", artwork_ids)]
    table = arrow_tables.filtered_rows("artwork", filters, ["title_id", "artwork_id", "theme"])
    return {
        (title_id, artwork_id): theme
        for title_id, artwork_id, theme in zip(*table.to_pydict().values(), strict=True)
        if theme
    }
