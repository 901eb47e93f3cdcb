"""Receipts of publication, and which version of the published table a reader may trust for a day. Needs no Spark."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from conf.errors import Rejected, UserMistake

PUBLISHED = "homepage_rows"
UPKEEP = {"CREATE TABLE", "OPTIMIZE", "VACUUM START", "VACUUM END"}  # commits that change no row


@dataclass(frozen=True)
class Receipt:
    """What one publication put before the readers."""

    ds: date
    table_version: int
    rows_count: int
    profiles_count: int
    content_hash: str


def newest_receipt(known: Iterable[Receipt], ds: date) -> Receipt | None:
    """The receipt that holds for a day: of its last publication."""
    mine = [receipt for receipt in known if receipt.ds == ds]
    return max(mine, key=lambda receipt: receipt.table_version) if mine else None


def trusted_version(known: Sequence[Receipt], commits: Iterable[tuple[int, str]], ds: date) -> int:
    """The version of the published table at which a day is what its receipt says.

    `commits` are (version, operation) of the table. The newest version serves, unless there is a commit after the
    day's receipt that no receipt tells of (a publication cut short, or somebody else's write): then the version of
    the receipt itself. A day without receipt was never published.
    """
    receipt = newest_receipt(known, ds)
    if receipt is None:
        days = sorted({r.ds for r in known})
        there = f"published days: {_days(days)}" if days else "nothing was published yet"
        raise UserMistake(f"no page was published for ds={ds}; {there}")
    changes = {version for version, operation in commits if operation not in UPKEEP}
    newest = max(changes, default=-1)
    if receipt.table_version > newest:
        raise Rejected(
            f"table {PUBLISHED}: the receipt of ds={ds} tells of version {receipt.table_version}, but the table ends at"
            f" version {newest}; commits were lost, publish the day again"
        )
    told = {r.table_version for r in known}
    untold = [version for version in changes if version > receipt.table_version and version not in told]
    return receipt.table_version if untold else newest


def agreed(receipt: Receipt, rows_count: int) -> None:
    """Refuse a day whose rows are not as many as its receipt says."""
    if rows_count != receipt.rows_count:
        raise Rejected(
            f"table {PUBLISHED}: ds={receipt.ds} has {rows_count} rows, its receipt says {receipt.rows_count};"
            f" publish the day again"
        )


def _days(days: Sequence[date]) -> str:
    shown = [str(day) for day in days]
    return ", ".join(shown) if len(shown) <= 6 else f"{shown[0]} to {shown[-1]} ({len(shown)} days)"
