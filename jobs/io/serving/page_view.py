"""One profile's page as it is right at a moment, read without Spark from the published tables or
from a release.
"""

# Tested by tests/jobs/io/serving/test_service.py and tests/cli/test_page.py.

import contextlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from conf.days import end_of
from conf.errors import UserMistake
from jobs.io.published import homepage, updates
from jobs.io.serving.page_now import reading_moment, right_now
from jobs.io.serving.service import Online
from jobs.io.tables import arrow as arrow_tables
from models.page.online.assemble import Removed, Visit

NAMED = ["title_id", "name", "year", "genres"]
Titles = dict[str, dict[str, Any]]  # by title_id
Themes = dict[tuple[str, str | None], str]  # by title_id and artwork_id


@dataclass(frozen=True)
class Shown:
    """A page as it is shown at a moment, and where it came from: an update since last night
    (fresh), last night (base), or of a release a level below; `causes` say why it is not of a
    better one.
    """

    level: str
    rows: list[dict[str, Any]]
    removed: tuple[Removed, ...]
    causes: tuple[str, ...] = ()


def page(
    profile_id: str, ds: date | None = None, at: datetime | None = None, device: str | None = None
) -> Shown:
    """A profile's page as it is right at a moment on a device, made of its newest published one by
    default.

    Each cell has its title's `name`, `year` and `genres` and its picture's `theme` as they were
    known when the page was built.
    """
    newest_end = end_of(max(receipt.ds for receipt in homepage.publication_receipts()))
    at = at or reading_moment(datetime.now(UTC), newest_end)
    base = homepage.page_table(profile_id, ds)
    update = None if ds else updates.newest_update(profile_id, base["ds"][0].as_py(), at)
    told = right_now(profile_id, base if update is None else update, at, device)
    rows = told.rows.to_pylist()
    _name(rows, _titles(rows), _themes(rows))
    return Shown("base" if update is None else "fresh", rows, told.removed)


def served(
    where: Path | str, profile_id: str, at: datetime | None = None, device: str | None = None
) -> Shown:
    """The same as a service reads it: from the release of a home, or of a Redis server (its URL),
    and nothing else.
    """
    with contextlib.closing(Online(where)) as online:
        release = online.reader.release
        if release is None:
            raise UserMistake("no release was made yet; `python -m jobs.serve_pages` makes one")
        at = at or reading_moment(datetime.now(UTC), end_of(release.base_ds))
        told = online.page(profile_id, Visit(at.timestamp(), device))
        known = online.reader.catalogue.get("titles")
    rows = told.rows.to_pylist()
    titles = [] if known is None else known.select(NAMED).to_pylist()
    _name(
        rows, {title.pop("title_id"): title for title in titles}, {}
    )  # pictures' themes are not in a release
    return Shown(told.level, rows, told.removed, told.causes)


def _name(rows: list[dict[str, Any]], titles: Titles, themes: Themes) -> None:
    """Say of each cell what is known of its title and its picture."""
    for cell in (cell for row in rows for cell in row["cells"]):
        cell |= {"name": cell["title_id"], "year": None, "genres": None} | titles.get(
            cell["title_id"], {}
        )
        cell["theme"] = themes.get((cell["title_id"], cell["artwork_id"]))


def _titles(rows: list[dict[str, Any]]) -> Titles:
    """Name, year and genres of the titles on the page, the newest known when it was built."""
    shown = {cell["title_id"] for row in rows for cell in row["cells"]}
    fields = ["title_id", "known_at", "landing_id", "name", "year", "genres"]
    log = zip(*arrow_tables.whole_table("titles", fields).to_pydict().values(), strict=True)
    mine = sorted(
        (e for e in log if e[0] in shown and e[1] <= rows[0]["as_of"]), key=lambda e: e[:3]
    )
    return {e[0]: dict(zip(fields[3:], e[3:], strict=True)) for e in mine}


def _themes(rows: list[dict[str, Any]]) -> Themes:
    """What each picture on the page shows."""
    if not (
        arrow_tables.was_written("artwork")
        and any(cell["artwork_id"] for row in rows for cell in row["cells"])
    ):
        return {}
    known = (
        arrow_tables.whole_table("artwork", ["title_id", "artwork_id", "theme"])
        .to_pydict()
        .values()
    )
    return {(title, picture): theme for title, picture, theme in zip(*known, strict=True) if theme}
