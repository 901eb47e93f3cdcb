"""Receipts of publication, and the version of a published table that a reader may trust for a day.

Needs no Spark.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from conf.errors import Rejected, UserMistake

PUBLISHED = "homepage_rows"
UPDATED = "homepage_updates"
UPKEEP = {"CREATE TABLE", "OPTIMIZE", "VACUUM START", "VACUUM END"}  # commits that change no row
UPKEEP_NOTE = "upkeep"  # the note of a commit that deleted days past their time
# receipts from before they were dated are in the order of their versions
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class PublicationReceipt:
    """What one publication published: a day, or one tick of it. A rollback is a publication too:
    of what a version had, or of no rows where nothing was published before.
    """

    ds: date
    table_version: int
    rows_count: int
    profiles_count: int
    content_hash: str
    published_at: datetime | None = None
    tick: str | None = None
    restored_version: int | None = None
    on_hold: bool | None = None
    drafts_version: int | None = None
    ranker_id: str | None = None  # those of its rows, with blanks in between
    refused_rankers: list[str] | None = None  # as its pages were made, and what served instead

    @property
    def content_version(self) -> int:
        """The version at which its content was published first."""
        return self.table_version if self.restored_version is None else self.restored_version

    @property
    def partition(self) -> str:
        """The day or tick for people."""
        if self.tick:
            return f"table {UPDATED}, ds={self.ds} tick={self.tick}"
        return f"table {PUBLISHED}, ds={self.ds}"

    @property
    def key(self) -> tuple[date, str | None]:
        """The day or tick that it is of; a later receipt of the same replaces it."""
        return self.ds, self.tick

    @property
    def order(self) -> tuple[datetime, int]:
        """Sorts by publication, which after a rollback is not the order of the versions."""
        return self.published_at or BEFORE_ALL, self.table_version


def newest_receipt(
    receipts: Iterable[PublicationReceipt], ds: date, tick: str | None = None
) -> PublicationReceipt | None:
    """The receipt that holds for a day, or for a tick: that of its last publication."""
    of_key = [receipt for receipt in receipts if receipt.key == (ds, tick)]
    return max(of_key, key=lambda receipt: receipt.order, default=None)


def published_days(receipts: Iterable[PublicationReceipt]) -> list[date]:
    """The days of which there are pages, earliest first: not those that were withdrawn."""
    by_day: dict[date, PublicationReceipt] = {}
    for receipt in sorted(receipts, key=lambda receipt: receipt.order):
        by_day[receipt.ds] = receipt
    return sorted(day for day, receipt in by_day.items() if receipt.rows_count)


def commit_of(commit: Mapping[str, Any]) -> tuple[int, str]:
    """Version and operation of an entry of a table's history; upkeep is told from publications."""
    is_upkeep = commit.get("userMetadata") == UPKEEP_NOTE
    return commit["version"], "OPTIMIZE" if is_upkeep else commit["operation"]


def next_instant(receipts: Iterable[PublicationReceipt], now: datetime) -> datetime:
    """The instant of a publication: now, but after every other one, whatever other clocks said."""
    instants = [receipt.published_at for receipt in receipts if receipt.published_at]
    return max([now, *(at + timedelta(microseconds=1) for at in instants)])


def trusted_version(
    receipts: Sequence[PublicationReceipt],
    commits: Iterable[tuple[int, str]],
    ds: date,
    tick: str | None = None,
) -> int:
    """The version of the published table at which a day, or a tick, is what its receipt says.

    `receipts` are those of the table, `commits` its (version, operation). The newest version
    serves, unless after the receipt's there is a commit without a receipt (a publication cut short,
    or somebody else's write) or one of the same day that was rolled back: then the last version
    before it. Raises UserMistake for a day without a receipt: it was never published; Rejected
    where the receipt's version is newer than the table.
    """
    receipt = newest_receipt(receipts, ds, tick)
    if receipt is None or not receipt.rows_count:
        days = published_days(receipts)
        published = f"published days: {_days(days)}" if days else "nothing was published yet"
        raise UserMistake(f"no page was published for ds={ds}; {published}")
    changes = {version for version, operation in commits if operation not in UPKEEP}
    newest = max(changes, default=-1)
    if receipt.table_version > newest:
        raise Rejected(
            f"{receipt.partition}: the receipt tells of version {receipt.table_version},"
            f" but the table ends at version {newest}; commits were lost, publish it again"
        )
    with_receipt = {each.table_version for each in receipts if each.key != receipt.key}
    later = {version for version in changes if version > receipt.table_version}
    without_receipt = later - with_receipt
    return min(without_receipt) - 1 if without_receipt else newest


def check_row_count(receipt: PublicationReceipt, rows_count: int) -> None:
    """Refuse a day, or a tick, whose rows are not as many as its receipt says (Rejected)."""
    if rows_count != receipt.rows_count:
        raise Rejected(
            f"{receipt.partition} has {rows_count} rows, its receipt says {receipt.rows_count};"
            f" publish it again"
        )


def _days(days: Sequence[date]) -> str:
    texts = [str(day) for day in days]
    return ", ".join(texts) if len(texts) <= 6 else f"{texts[0]} to {texts[-1]} ({len(texts)} days)"
