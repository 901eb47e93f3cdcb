"""Which updates of pages may be read: those of ticks whose receipts vouch for them."""

from datetime import date, datetime
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from conf.ticks import tick_named
from jobs.io.published import homepage
from jobs.io.published.receipts import UPDATED, PublicationReceipt, newest_receipt, trusted_version
from jobs.io.tables import arrow as arrow_tables


class TickUpdates(NamedTuple):
    """The updates of one tick: the table at a version at which they are what the receipt says."""

    table: DeltaTable
    receipt: PublicationReceipt


def trusted_updates(after: date, until: datetime) -> list[TickUpdates]:
    """The ticks of the days after a run date that ended by `until` and were published, newest first."""
    if not (arrow_tables.was_written("publications") and arrow_tables.was_written(UPDATED)):
        return []
    known = homepage.publication_receipts(UPDATED)
    newest = {
        newest_receipt(known, receipt.ds, receipt.tick) for receipt in known if receipt.ds > after
    }
    mine = sorted(
        (r for r in newest if r and r.tick and tick_end(r) <= until), key=tick_end, reverse=True
    )
    if not mine:
        return []
    commits = _commits_since(min(receipt.table_version for receipt in mine))
    versions = [trusted_version(known, commits, receipt.ds, receipt.tick) for receipt in mine]
    opened = {version: arrow_tables.open_table(UPDATED, version) for version in set(versions)}
    tables = [opened[version] for version in versions]
    return [
        TickUpdates(table, receipt)
        for table, receipt in zip(tables, mine, strict=True)
        if table is not None
    ]


def newest_update(profile_id: str, after: date, until: datetime) -> pa.Table | None:
    """The newest update of a profile that was published since a run date; None where there is none to trust."""
    parts = trusted_updates(after, until)
    if not parts:
        return None
    told = {(part.receipt.ds, part.receipt.tick) for part in parts}
    wanted = [("profile_id", "=", profile_id), ("ds", ">", after)]
    rows = pa.table(parts[0].table.to_pyarrow_table(filters=wanted))
    keys = zip(rows["ds"].to_pylist(), rows["tick"].to_pylist(), strict=True)
    rows = rows.filter(pa.array([key in told for key in keys], pa.bool_()))
    newest = rows.filter(pc.equal(rows["as_of"], pc.max(rows["as_of"])))
    return newest.sort_by("row_position") if newest.num_rows else None


def tick_end(receipt: PublicationReceipt) -> datetime:
    """When the tick of a receipt ended; that of a whole day is none, and ends before all of its ticks."""
    return tick_named(receipt.ds, receipt.tick or "0000").until


def _commits_since(version: int) -> list[tuple[int, str]]:
    """Version and operation of the commits from a version on: a day of ticks has many, and years of them more."""
    table = arrow_tables.open_table(UPDATED)
    assert table is not None  # its caller saw it
    commits = table.history(limit=table.version() - version + 1)
    return [(commit["version"], commit["operation"]) for commit in commits]
