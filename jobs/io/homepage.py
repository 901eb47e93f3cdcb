"""The published homepage without Spark: one profile's page, only as its day's receipt vouches for it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from conf.days import end_of
from conf.errors import UserMistake
from jobs.io import lake, updates
from jobs.io.receipts import PUBLISHED, Receipt, agreed, newest_receipt, trusted_version
from jobs.io.right_now import reading_moment, right_now
from models.page.online import Removed

FIELDS = ["ds", "table_version", "rows_count", "profiles_count", "content_hash"]


def published() -> list[Receipt]:
    """The receipts of all publications; none yet is the user's mistake."""
    if lake.opened("publications") is None:
        raise UserMistake("no page was published yet; `make demo` builds some, or run the DAG homepage_daily")
    rows = lake.arrow("publications", [*FIELDS, "table_name"]).to_pylist()
    return [Receipt(*(row[name] for name in FIELDS)) for row in rows if row["table_name"] == PUBLISHED]


@dataclass(frozen=True)
class Shown:
    """A page as it is shown at a moment, and where it came from: an update since last night (fresh), or last night."""

    level: str
    rows: list[dict[str, Any]]
    removed: tuple[Removed, ...]


def page(profile_id: str, ds: date | None = None, at: datetime | None = None) -> Shown:
    """A profile's page as it is right at a moment, made of its newest published one by default.

    Each cell has its title's `name`, `year` and `genres` and its picture's `theme` as they were known when the page
    was built.
    """
    newest_end = end_of(max(receipt.ds for receipt in published()))
    at = at or reading_moment(datetime.now(UTC), newest_end)
    base = stored_table(profile_id, ds)
    update = None if ds else updates.newest(profile_id, base["as_of"][0].as_py(), at)
    told = right_now(profile_id, base if update is None else update, at)
    rows = told.rows.to_pylist()
    titles, themes = _titles(rows), _themes(rows)
    for row in rows:
        for cell in row["cells"]:
            cell |= {"name": cell["title_id"], "year": None, "genres": None} | titles.get(cell["title_id"], {})
            cell["theme"] = themes.get((cell["title_id"], cell["artwork_id"]))
    return Shown("base" if update is None else "fresh", rows, told.removed)


def stored(profile_id: str, ds: date | None = None) -> list[dict[str, Any]]:
    """The rows of a profile's page in order as they were published, of the newest published day by default."""
    found: list[dict[str, Any]] = stored_table(profile_id, ds).to_pylist()
    return found


def stored_table(profile_id: str, ds: date | None = None) -> pa.Table:
    """The same as a table.

    Read from the version that the day's receipt vouches for: a publication that was cut short is not seen.
    """
    receipts = published()
    day = ds or max(receipt.ds for receipt in receipts)
    table = _trusted(receipts, day)
    rows = pa.table(table.to_pyarrow_table(filters=[("ds", "=", day), ("profile_id", "=", profile_id)]))
    if not rows.num_rows:
        raise UserMistake(_unknown(profile_id, day, table))
    return rows.sort_by("row_position")


def version_of(day: date) -> int:
    """The version of the published table at which a day may be trusted."""
    return _version(published(), day)


def _version(receipts: list[Receipt], day: date) -> int:
    newest = lake.opened(PUBLISHED)
    history = [] if newest is None else newest.history()
    return trusted_version(receipts, [(commit["version"], commit["operation"]) for commit in history], day)


def _trusted(receipts: list[Receipt], day: date) -> DeltaTable:
    version = _version(receipts, day)
    table = lake.opened(PUBLISHED, version)
    receipt = newest_receipt(receipts, day)
    assert table is not None and receipt is not None  # trusted_version would have refused
    files = pa.table(table.get_add_actions(flatten=True))
    mine = files.filter(pc.equal(files["partition.ds"].cast(pa.string()), day.isoformat()))
    agreed(receipt, pc.sum(mine["num_records"]).as_py() or 0)
    return table


def _unknown(profile_id: str, day: date, table: DeltaTable) -> str:
    known = table.to_pyarrow_table(filters=[("ds", "=", day)], columns=["profile_id"])
    ids = sorted(set(known["profile_id"].to_pylist()))
    return (
        f"no page for profile {profile_id!r} on {day}; {len(ids)} profiles have one, for example {', '.join(ids[:3])}"
    )


def _titles(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Name, year and genres of the titles on the page, the newest known when it was built."""
    shown = {cell["title_id"] for row in rows for cell in row["cells"]}
    fields = ["title_id", "known_at", "landing_id", "name", "year", "genres"]
    log = zip(*lake.arrow("titles", fields).to_pydict().values(), strict=True)
    mine = sorted((e for e in log if e[0] in shown and e[1] <= rows[0]["as_of"]), key=lambda e: e[:3])
    return {e[0]: dict(zip(fields[3:], e[3:], strict=True)) for e in mine}


def _themes(rows: list[dict[str, Any]]) -> dict[tuple[str, str | None], str]:
    """What each picture on the page shows."""
    if not (lake.has("artwork") and any(cell["artwork_id"] for row in rows for cell in row["cells"])):
        return {}
    known = lake.arrow("artwork", ["title_id", "artwork_id", "theme"]).to_pydict().values()
    return {(title, picture): theme for title, picture, theme in zip(*known, strict=True) if theme}
