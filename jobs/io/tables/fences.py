"""Fences: of runs that want to write the same thing, the table's own log lets one through.

A run takes a fence before it reads what it goes by. Its number is that of the last write that went
through, which stands in the log as a transaction of Delta's (`txn`). The commit of the run writes
the next number, and is refused where the number is another by then: so a run that was asleep while
another one wrote changes nothing, on whichever machine it runs. No lock is held meanwhile.
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import CommitFailedError

from conf.errors import Retryable
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.partitions import Key, partition_text

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LANDING = "landing"  # all landings of a table: two of them may have the same fact
_APP_ID = "spark.databricks.delta.write.txnAppId"
_VERSION = "spark.databricks.delta.write.txnVersion"
_NOTE = "spark.databricks.delta.commitInfo.userMetadata"
TOKEN = " fence:"  # in the note of a commit, before the token of the run that wrote it


class Superseded(Retryable):
    """Another run wrote the same since this one began; this one changed nothing of it."""


@dataclass(frozen=True)
class Fence:
    """The right to be the next who writes something in a table; `number` is of the last write."""

    table: str
    name: str
    number: int
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def app_id(self) -> str:
        """The name of the transactions in the log."""
        return f"frontrow {self.name}"

    @property
    def superseded(self) -> Superseded:
        """The refusal of a run that came second."""
        return Superseded(
            f"table {self.table}, {self.name}: another run wrote it since this one began;"
            f" nothing was changed, run this again"
        )


_held: ContextVar[Fence | None] = ContextVar("held", default=None)


def taken(table: str, key: Key | None = None, name: str = "") -> Fence:
    """A fence of a partition, or of what has a name, as the table stands now."""
    name = name or partition_text(key or {})
    fence = Fence(table, name, 0)
    return Fence(table, name, number_in(arrow_tables.open_table(table), fence), fence.token)


def number_in(table: DeltaTable | None, fence: Fence) -> int:
    """The number of the last write that went through, 0 before the first."""
    return (table.transaction_version(fence.app_id) if table else None) or 0


def held() -> Fence | None:
    """The fence of the block that runs."""
    return _held.get()


def noted(note: str) -> str:
    """A commit's note, with the token of the fence that is held."""
    fence = held()
    return f"{note}{TOKEN}{fence.token}" if fence else note


def note_without_token(note: str) -> str:
    """The note as its writer gave it."""
    return note.split(TOKEN)[0]


@contextmanager
def through(spark: "SparkSession", fence: Fence) -> Iterator[None]:
    """The one commit that the block makes to the fence's table is the next, or it is refused.

    Spark skips without a word a write whose number was written already. So the log is asked
    afterwards whether the commit is there.

    Raises:
        Superseded: another run was first.
    """
    before = arrow_tables.open_table(fence.table)
    if number_in(before, fence) != fence.number:
        raise fence.superseded
    options = {_APP_ID: fence.app_id, _VERSION: str(fence.number + 1), _NOTE: TOKEN + fence.token}
    others = {option: spark.conf.get(option, None) for option in options}
    mark = _held.set(fence)
    for option, value in options.items():
        spark.conf.set(option, value)
    try:
        yield
    finally:
        _held.reset(mark)
        for option, other in others.items():
            spark.conf.unset(option) if other is None else spark.conf.set(option, other)
    _refuse_skipped(fence, -1 if before is None else before.version())


def _refuse_skipped(fence: Fence, before: int) -> None:
    """Refuse where another run was first: then the log has its number, and no commit of ours."""
    table = arrow_tables.open_table(fence.table)
    if table is None or number_in(table, fence) == fence.number:
        return  # there was nothing to write
    commits = table.history(limit=table.version() - before)
    if not any(commit.get("userMetadata", "").endswith(fence.token) for commit in commits):
        raise fence.superseded


def properties(table: DeltaTable, *of_table: Fence, note: str = "") -> CommitProperties:
    """The properties of deltalake's commit to a table as it was opened, which is the next or fails.

    Raises Superseded where another run was first; the commit itself may (see `committing`).
    """
    for fence in of_table:
        if number_in(table, fence) != fence.number:
            raise fence.superseded
    transactions = [Transaction(fence.app_id, fence.number + 1) for fence in of_table]
    return CommitProperties({"userMetadata": note} if note else None, None, transactions)


@contextmanager
def committing(fence: Fence) -> Iterator[None]:
    """Around a commit of deltalake with `properties`: a conflict with another run is one line."""
    try:
        yield
    except CommitFailedError as error:
        if number_in(arrow_tables.open_table(fence.table), fence) != fence.number:
            raise fence.superseded from None
        reason = " ".join(str(error).split())
        raise Retryable(f"table {fence.table}: could not be written ({reason})") from None


def renew(fence: Fence, note: str) -> None:
    """Take the next number by a commit that changes no row: who began before comes too late."""
    table = arrow_tables.open_table(fence.table)
    assert table is not None  # something is to be kept in it
    with committing(fence):
        table.create_write_transaction(
            [],
            mode="append",
            schema=table.schema(),
            commit_properties=properties(table, fence, note=note),
        )


def refuse_moved(fence: Fence) -> None:
    """Refuse to go on from what another run wrote again since (Superseded)."""
    if number_in(arrow_tables.open_table(fence.table), fence) != fence.number:
        raise fence.superseded


def transaction_json(fence: Fence, now_ms: int) -> str:
    """The `txn` of Delta's protocol for a fence's next number."""
    txn = {"appId": fence.app_id, "version": fence.number + 1, "lastUpdated": now_ms}
    return json.dumps({"txn": txn})
