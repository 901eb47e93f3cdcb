"""Which updates of pages may be read: those of ticks whose receipts confirm them."""

# Tested by tests/jobs/io/serving/test_reader.py and tests/jobs/test_publish_updates.py.

from datetime import date, datetime
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from conf.ticks import tick_named
from jobs.io.published import homepage
from jobs.io.published.receipts import (
    UPDATED,
    PublicationReceipt,
    commit_of,
    newest_receipt,
    trusted_version,
)
from jobs.io.tables import arrow as arrow_tables


class TickUpdates(NamedTuple):
    """The updates of one tick: the table at a version at which they are what the receipt says."""

    table: DeltaTable
    receipt: PublicationReceipt


def trusted_updates(after: date, until: datetime) -> list[TickUpdates]:
    """The published ticks of the days after a run date that ended by `until`, newest first."""
    if not (arrow_tables.was_written("publications") and arrow_tables.was_written(UPDATED)):
        return []
    receipts = homepage.publication_receipts(UPDATED)
    keys = {receipt.key for receipt in receipts if receipt.ds > after and receipt.tick}
    newest = [newest_receipt(receipts, ds, tick) for ds, tick in keys]
    until_then = [r for r in newest if r and r.rows_count and tick_end(r) <= until]
    if not until_then:
        return []
    commits = _commits_since(min(receipt.table_version for receipt in until_then))
    tables: dict[int, DeltaTable | None] = {}
    updates = []
    for receipt in sorted(until_then, key=tick_end, reverse=True):
        version = trusted_version(receipts, commits, receipt.ds, receipt.tick)
        if version not in tables:
            tables[version] = arrow_tables.open_table(UPDATED, version)
        table = tables[version]
        if table is not None:
            updates.append(TickUpdates(table, receipt))
    return updates


def newest_update(profile_id: str, after: date, until: datetime) -> pa.Table | None:
    """The newest trusted update of a profile since a run date; None without one."""
    updates = trusted_updates(after, until)
    if not updates:
        return None
    trusted = {update.receipt.key for update in updates}
    filters = [("profile_id", "=", profile_id), ("ds", ">", after)]
    rows = pa.table(updates[0].table.to_pyarrow_table(filters=filters))
    keys = zip(rows["ds"].to_pylist(), rows["tick"].to_pylist(), strict=True)
    rows = rows.filter(pa.array([key in trusted for key in keys], pa.bool_()))
    newest = rows.filter(pc.equal(rows["as_of"], pc.max(rows["as_of"])))
    return newest.sort_by("row_position") if newest.num_rows else None


def tick_end(receipt: PublicationReceipt) -> datetime:
    """When the tick of a receipt ended; that of a whole day ends before all of its ticks."""
    return tick_named(receipt.ds, receipt.tick or "0000").until


def _commits_since(version: int) -> list[tuple[int, str]]:
    """Version and operation of the commits from a version on: a day of ticks has many of them."""
    table = arrow_tables.open_table(UPDATED)
    assert table is not None  # its caller saw it
    commits = table.history(limit=table.version() - version + 1)
    return [commit_of(commit) for commit in commits]
