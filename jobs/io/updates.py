"""Which updates of pages may be read: those of ticks whose receipts vouch for them."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from deltalake import DeltaTable

from conf.days import start_of
from jobs.io import homepage, lake
from jobs.io.receipts import UPDATED, Receipt, newest_receipt, trusted_version


class Part(NamedTuple):
    """The updates of one tick: the table at a version at which they are what the receipt says."""

    table: DeltaTable
    receipt: Receipt


def vouched(after: date, until: datetime) -> list[Part]:
    """The ticks of the days after a run date that ended by `until` and were published, newest first."""
    if not (lake.has("publications") and lake.has(UPDATED)):
        return []
    known = homepage.published(UPDATED)
    newest = {newest_receipt(known, receipt.ds, receipt.tick) for receipt in known if receipt.ds > after}
    mine = sorted((r for r in newest if r and r.tick and ended(r) <= until), key=ended, reverse=True)
    if not mine:
        return []
    commits = _commits_since(min(receipt.table_version for receipt in mine))
    versions = [trusted_version(known, commits, receipt.ds, receipt.tick) for receipt in mine]
    opened = {version: lake.opened(UPDATED, version) for version in set(versions)}
    tables = [opened[version] for version in versions]
    return [Part(table, receipt) for table, receipt in zip(tables, mine, strict=True) if table is not None]


def ended(receipt: Receipt) -> datetime:
    """When the tick of a receipt ended."""
    name = receipt.tick or "0000"
    return start_of(receipt.ds) + timedelta(hours=int(name[:2]), minutes=int(name[2:]))


def _commits_since(version: int) -> list[tuple[int, str]]:
    """Version and operation of the commits from a version on: a day of ticks has many, and years of them more."""
    table = lake.opened(UPDATED)
    assert table is not None  # its caller saw it
    commits = table.history(limit=table.version() - version + 1)
    return [(commit["version"], commit["operation"]) for commit in commits]
