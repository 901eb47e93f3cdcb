"""The published homepage without Spark: pages as the receipts of their days confirm them."""

# Tested by tests/cli/test_page.py and tests/cli/test_rollback.py.

from dataclasses import fields
from datetime import date
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from conf.errors import UserMistake
from jobs.io.published.receipts import (
    PUBLISHED,
    PublicationReceipt,
    check_row_count,
    commit_of,
    newest_receipt,
    published_days,
    trusted_version,
)
from jobs.io.tables import arrow as arrow_tables


def publication_receipts(table_name: str = PUBLISHED) -> list[PublicationReceipt]:
    """The receipts of all publications of a table, in their order.

    Raises UserMistake where nothing was published of any table yet.
    """
    table = arrow_tables.open_table("publications")
    if table is None:
        raise UserMistake(
            "no page was published yet; `make demo` builds some, or run the DAG homepage_daily"
        )
    place, mark = arrow_tables.deltalake_path("publications"), getattr(table, "mark", None)
    if mark is not None:  # it is kept open: another table, or version, has another mark
        return list(_kept_receipts(place, table.version(), mark, table_name))
    return _receipts(table, table_name, None)


@lru_cache(maxsize=8)
def _kept_receipts(
    place: str, version: int, mark: object, table_name: str
) -> tuple[PublicationReceipt, ...]:
    table = arrow_tables.open_table("publications", version)
    assert table is not None  # it was just open
    return tuple(_receipts(table, table_name, version))


def _receipts(table: DeltaTable, table_name: str, version: int | None) -> list[PublicationReceipt]:
    columns = {field.name for field in table.schema().fields}
    # older tables have fewer columns
    names = [field.name for field in fields(PublicationReceipt) if field.name in columns]
    rows = arrow_tables.whole_table("publications", [*names, "table_name"], version).to_pylist()
    receipts = []
    for row in rows:
        if row.pop("table_name") == table_name:
            receipts.append(PublicationReceipt(**row))
    return sorted(receipts, key=lambda receipt: receipt.order)


def page_records(profile_id: str, ds: date | None = None) -> list[dict[str, Any]]:
    """The rows of a profile's page in order, as published.

    By default of the newest published day.
    """
    records: list[dict[str, Any]] = page_table(profile_id, ds).to_pylist()
    return records


def page_table(profile_id: str, ds: date | None = None, version: int | None = None) -> pa.Table:
    """A profile's page as a table, its rows in order.

    Read at the version that the day's receipt confirms: a publication that was cut short is not
    seen. An older `version` has to be one that a receipt of the day names. Raises UserMistake where
    the profile has no page.
    """
    receipts = publication_receipts()
    day = ds or newest_day(receipts)
    if version is None:
        table, _ = trusted_table(receipts, day)
    else:
        table = _published_version(receipts, day, version)
    filters = [("ds", "=", day), ("profile_id", "=", profile_id)]
    rows = pa.table(table.to_pyarrow_table(filters=filters))
    if not rows.num_rows:
        raise UserMistake(_no_page(profile_id, day, table))
    return rows.sort_by("row_position")


def newest_day(receipts: list[PublicationReceipt]) -> date:
    """The newest day of which there are pages; UserMistake where all were withdrawn."""
    days = published_days(receipts)
    if not days:
        raise UserMistake("every page that was published was rolled back; publish a day again")
    return days[-1]


def trusted_version_of(day: date) -> int:
    """The version of the published table at which a day may be trusted."""
    return _version(publication_receipts(), day)


def _version(receipts: list[PublicationReceipt], day: date) -> int:
    newest = arrow_tables.open_table(PUBLISHED)
    history = [] if newest is None else newest.history()
    return trusted_version(receipts, map(commit_of, history), day)


def trusted_table(
    receipts: list[PublicationReceipt], day: date
) -> tuple[DeltaTable, PublicationReceipt]:
    """The published table at the version that a day's receipt confirms, and that receipt."""
    version = _version(receipts, day)
    table = arrow_tables.open_table(PUBLISHED, version)
    receipt = newest_receipt(receipts, day)
    assert table is not None and receipt is not None  # trusted_version would have refused
    files = pa.table(table.get_add_actions(flatten=True))
    of_day = pc.equal(files["partition.ds"].cast(pa.string()), day.isoformat())
    rows_count = pc.sum(files.filter(of_day)["num_records"]).as_py() or 0
    check_row_count(receipt, rows_count)
    return table, receipt


def _published_version(receipts: list[PublicationReceipt], day: date, version: int) -> DeltaTable:
    """The published table at a version that a receipt of a day names."""
    versions = sorted({each.table_version for each in receipts if each.ds == day})
    table = arrow_tables.open_table(PUBLISHED, version) if version in versions else None
    if table is None:
        known = ", ".join(map(str, versions)) or "none"
        raise UserMistake(f"version {version} did not publish {day}; those that did: {known}")
    return table


def profiles_in(table: DeltaTable, day: date) -> list[str]:
    """The profiles with a page of a day in the published table as it was opened, sorted."""
    rows = pa.table(table.to_pyarrow_table(filters=[("ds", "=", day)], columns=["profile_id"]))
    ids: list[str] = pc.unique(rows["profile_id"].cast(pa.string())).to_pylist()
    return sorted(ids)


def _no_page(profile_id: str, day: date, table: DeltaTable) -> str:
    ids = profiles_in(table, day)
    examples = ", ".join(ids[:3])
    return (
        f"no page for profile {profile_id!r} on {day}; {len(ids)} profiles have one,"
        f" for example {examples}"
    )
