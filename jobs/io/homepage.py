"""The published homepage without Spark: one profile's page, only as its day's receipt vouches for it."""

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from conf.errors import UserMistake
from jobs.io import lake
from jobs.io.receipts import PUBLISHED, Receipt, agreed, newest_receipt, trusted_version

FIELDS = ["ds", "table_version", "rows_count", "profiles_count", "content_hash"]


def published() -> list[Receipt]:
    """The receipts of all publications; none yet is the user's mistake."""
    if lake.opened("publications") is None:
        raise UserMistake("no page was published yet; `make demo` builds some, or run the DAG homepage_daily")
    rows = lake.arrow("publications", [*FIELDS, "table_name"]).to_pylist()
    return [Receipt(*(row[name] for name in FIELDS)) for row in rows if row["table_name"] == PUBLISHED]


def page(profile_id: str, ds: date | None = None) -> list[dict[str, Any]]:
    """The rows of a profile's page in order, each cell with its title's `name`; of the newest published day by default.

    Read from the version that the day's receipt vouches for: a publication that was cut short is not seen.
    """
    receipts = published()
    day = ds or max(receipt.ds for receipt in receipts)
    table = _trusted(receipts, day)
    rows = pa.table(table.to_pyarrow_table(filters=[("ds", "=", day), ("profile_id", "=", profile_id)]))
    if not rows.num_rows:
        raise UserMistake(_unknown(profile_id, day, table))
    found: list[dict[str, Any]] = rows.sort_by("row_position").to_pylist()
    names = _names(found)
    for row in found:
        row["cells"] = [{**cell, "name": names.get(cell["title_id"], cell["title_id"])} for cell in row["cells"]]
    return found


def _trusted(receipts: list[Receipt], day: date) -> DeltaTable:
    newest = lake.opened(PUBLISHED)
    history = [] if newest is None else newest.history()
    version = trusted_version(receipts, [(commit["version"], commit["operation"]) for commit in history], day)
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


def _names(rows: list[dict[str, Any]]) -> dict[str, str]:
    """The titles' newest names known when the page was built."""
    shown = {cell["title_id"] for row in rows for cell in row["cells"]}
    as_of = rows[0]["as_of"]
    columns = lake.arrow("titles", ["title_id", "known_at", "landing_id", "name"]).to_pydict().values()
    mine = (entry for entry in zip(*columns, strict=True) if entry[0] in shown and entry[1] <= as_of)
    return {title: name for title, _, _, name in sorted(mine, key=lambda entry: entry[:3])}
