"""The published homepage without Spark: one profile's page, only as its day's receipt vouches for it."""

from dataclasses import fields
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from conf.errors import UserMistake
from jobs.io.published.receipts import (
    PUBLISHED,
    PublicationReceipt,
    check_row_count,
    newest_receipt,
    trusted_version,
)
from jobs.io.tables import arrow as arrow_tables


def publication_receipts(table_name: str = PUBLISHED) -> list[PublicationReceipt]:
    """The receipts of all publications of a table, in their order; none of any table yet is the user's mistake."""
    table = arrow_tables.open_table("publications")
    if table is None:
        raise UserMistake(
            "no page was published yet; `make demo` builds some, or run the DAG homepage_daily"
        )
    known = {field.name for field in table.schema().fields}
    there = [
        field.name for field in fields(PublicationReceipt) if field.name in known
    ]  # older tables have fewer
    rows = arrow_tables.whole_table("publications", [*there, "table_name"]).to_pylist()
    mine = (row for row in rows if row.pop("table_name") == table_name)
    return sorted((PublicationReceipt(**row) for row in mine), key=lambda receipt: receipt.order)


def page_records(profile_id: str, ds: date | None = None) -> list[dict[str, Any]]:
    """The rows of a profile's page in order as they were published, of the newest published day by default."""
    found: list[dict[str, Any]] = page_table(profile_id, ds).to_pylist()
    return found


def page_table(profile_id: str, ds: date | None = None) -> pa.Table:
    """The same as a table.

    Read from the version that the day's receipt vouches for: a publication that was cut short is not seen.
    """
    receipts = publication_receipts()
    day = ds or max(receipt.ds for receipt in receipts)
    table, _ = trusted_table(receipts, day)
    rows = pa.table(
        table.to_pyarrow_table(filters=[("ds", "=", day), ("profile_id", "=", profile_id)])
    )
    if not rows.num_rows:
        raise UserMistake(_unknown(profile_id, day, table))
    return rows.sort_by("row_position")


def trusted_version_of(day: date) -> int:
    """The version of the published table at which a day may be trusted."""
    return _version(publication_receipts(), day)


def _version(receipts: list[PublicationReceipt], day: date) -> int:
    newest = arrow_tables.open_table(PUBLISHED)
    history = [] if newest is None else newest.history()
    return trusted_version(
        receipts, [(commit["version"], commit["operation"]) for commit in history], day
    )


def trusted_table(
    receipts: list[PublicationReceipt], day: date
) -> tuple[DeltaTable, PublicationReceipt]:
    """The published table at the version at which a day is what its receipt says, and that receipt."""
    version = _version(receipts, day)
    table = arrow_tables.open_table(PUBLISHED, version)
    receipt = newest_receipt(receipts, day)
    assert table is not None and receipt is not None  # trusted_version would have refused
    files = pa.table(table.get_add_actions(flatten=True))
    mine = files.filter(pc.equal(files["partition.ds"].cast(pa.string()), day.isoformat()))
    check_row_count(receipt, pc.sum(mine["num_records"]).as_py() or 0)
    return table, receipt


def _unknown(profile_id: str, day: date, table: DeltaTable) -> str:
    known = table.to_pyarrow_table(filters=[("ds", "=", day)], columns=["profile_id"])
    ids = sorted(set(known["profile_id"].to_pylist()))
    examples = ", ".join(ids[:3])
    return (
        f"no page for profile {profile_id!r} on {day}; {len(ids)} profiles have one,"
        f" for example {examples}"
    )
