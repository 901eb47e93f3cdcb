"""The published homepage without Spark: one profile's page, only as its day's receipt vouches for it."""

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from conf.days import end_of
from conf.errors import UserMistake
from jobs.io import lake
from jobs.io.legality import Removed, legal, reading_moment
from jobs.io.receipts import PUBLISHED, Receipt, agreed, newest_receipt, trusted_version


def published(table_name: str = PUBLISHED) -> list[Receipt]:
    """The receipts of all publications of a table, in their order; none of any table yet is the user's mistake."""
    table = lake.opened("publications")
    if table is None:
        raise UserMistake("no page was published yet; `make demo` builds some, or run the DAG homepage_daily")
    known = {field.name for field in table.schema().fields}
    there = [field.name for field in fields(Receipt) if field.name in known]  # older tables have fewer
    rows = lake.arrow("publications", [*there, "table_name"]).to_pylist()
    mine = (row for row in rows if row.pop("table_name") == table_name)
    return sorted((Receipt(**row) for row in mine), key=lambda receipt: receipt.order)


def page(
    profile_id: str, ds: date | None = None, at: datetime | None = None
) -> tuple[list[dict[str, Any]], list[Removed]]:
    """The rows of a profile's page that may be shown at a moment, of the newest published day by default, and what was
    removed because settings or availability changed since.

    Each cell has its title's `name`, `year` and `genres` and its picture's `theme` as they were known when the page
    was built.
    """
    newest_end = end_of(max(receipt.ds for receipt in published()))
    found = stored(profile_id, ds)
    kept, removed = legal(profile_id, found, at or reading_moment(datetime.now(UTC), newest_end))
    titles, themes = _titles(kept), _themes(kept)
    for row in kept:
        for cell in row["cells"]:
            cell |= {"name": cell["title_id"], "year": None, "genres": None} | titles.get(cell["title_id"], {})
            cell["theme"] = themes.get((cell["title_id"], cell["artwork_id"]))
    return kept, removed


def stored(profile_id: str, ds: date | None = None) -> list[dict[str, Any]]:
    """The rows of a profile's page in order as they were published, of the newest published day by default.

    Read from the version that the day's receipt vouches for: a publication that was cut short is not seen.
    """
    receipts = published()
    day = ds or max(receipt.ds for receipt in receipts)
    table, _ = trusted(receipts, day)
    rows = pa.table(table.to_pyarrow_table(filters=[("ds", "=", day), ("profile_id", "=", profile_id)]))
    if not rows.num_rows:
        raise UserMistake(_unknown(profile_id, day, table))
    found: list[dict[str, Any]] = rows.sort_by("row_position").to_pylist()
    return found


def trusted(receipts: list[Receipt], day: date) -> tuple[DeltaTable, Receipt]:
    """The published table at the version at which a day is what its receipt says, and that receipt."""
    newest = lake.opened(PUBLISHED)
    history = [] if newest is None else newest.history()
    version = trusted_version(receipts, [(commit["version"], commit["operation"]) for commit in history], day)
    table = lake.opened(PUBLISHED, version)
    receipt = newest_receipt(receipts, day)
    assert table is not None and receipt is not None  # trusted_version would have refused
    files = pa.table(table.get_add_actions(flatten=True))
    mine = files.filter(pc.equal(files["partition.ds"].cast(pa.string()), day.isoformat()))
    agreed(receipt, pc.sum(mine["num_records"]).as_py() or 0)
    return table, receipt


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
