"""Receipts of publication, and which version of the published table a reader may trust for a day. Needs no Spark."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from conf.errors import Rejected, UserMistake

PUBLISHED = "homepage_rows"
UPDATED = "homepage_updates"
UPKEEP = {"CREATE TABLE", "OPTIMIZE", "VACUUM START", "VACUUM END"}  # commits that change no row
BEFORE_ALL = datetime.min.replace(
    tzinfo=UTC
)  # receipts from before they were dated are in order of their versions


@dataclass(frozen=True)
class PublicationReceipt:
    """What one publication put before the readers: a day, or one tick of it. A rollback is a publication too."""

    ds: date
    table_version: int
    rows_count: int
    profiles_count: int
    content_hash: str
    published_at: datetime | None = None
    tick: str | None = None

    @property
    def key(self) -> tuple[date, str | None]:
        """What it tells of; a later receipt of the same takes its place."""
        return self.ds, self.tick

    @property
    def order(self) -> tuple[datetime, int]:
        """Its place in the order of publication, which after a rollback is not that of the versions."""
        return self.published_at or BEFORE_ALL, self.table_version


def newest_receipt(
    known: Iterable[PublicationReceipt], ds: date, tick: str | None = None
) -> PublicationReceipt | None:
    """The receipt that holds for a day, or for a tick: of its last publication."""
    return max(
        (receipt for receipt in known if receipt.key == (ds, tick)),
        key=lambda r: r.order,
        default=None,
    )


def next_instant(known: Iterable[PublicationReceipt], now: datetime) -> datetime:
    """When a publication is said to be: now, but after every other one, whatever the clock of its machine said."""
    dated = [receipt.published_at for receipt in known if receipt.published_at]
    return max([now, *(at + timedelta(microseconds=1) for at in dated)])


def trusted_version(
    known: Sequence[PublicationReceipt],
    commits: Iterable[tuple[int, str]],
    ds: date,
    tick: str | None = None,
) -> int:
    """The version of the published table at which a day, or a tick, is what its receipt says.

    `known` are the receipts of the table, `commits` its (version, operation). The newest version serves, unless after
    the receipt's there is a commit that no receipt tells of (a publication cut short, or somebody else's write) or one
    of the same day that was rolled back: then the last version before it. A day without receipt was never published.
    """
    receipt = newest_receipt(known, ds, tick)
    if receipt is None:
        days = sorted({r.ds for r in known})
        there = f"published days: {_days(days)}" if days else "nothing was published yet"
        raise UserMistake(f"no page was published for ds={ds}; {there}")
    changes = {version for version, operation in commits if operation not in UPKEEP}
    newest = max(changes, default=-1)
    if receipt.table_version > newest:
        raise Rejected(
            f"{_place(receipt)}: the receipt tells of version {receipt.table_version}, but the table ends at version"
            f" {newest}; commits were lost, publish it again"
        )
    told = {r.table_version for r in known if r.key != receipt.key}
    strange = [
        version for version in changes if version > receipt.table_version and version not in told
    ]
    return min(strange) - 1 if strange else newest


def check_row_count(receipt: PublicationReceipt, rows_count: int) -> None:
    """Refuse a day, or a tick, whose rows are not as many as its receipt says."""
    if rows_count != receipt.rows_count:
        raise Rejected(
            f"{_place(receipt)} has {rows_count} rows, its receipt says {receipt.rows_count}; publish it again"
        )


def _place(receipt: PublicationReceipt) -> str:
    if receipt.tick:
        return f"table {UPDATED}, ds={receipt.ds} tick={receipt.tick}"
    return f"table {PUBLISHED}, ds={receipt.ds}"


def _days(days: Sequence[date]) -> str:
    shown = [str(day) for day in days]
    return ", ".join(shown) if len(shown) <= 6 else f"{shown[0]} to {shown[-1]} ({len(shown)} days)"
