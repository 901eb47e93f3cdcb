"""The tables without Spark, through deltalake: for people and for programs that start at once."""

# Tested by tests/cli/test_query.py.

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError, TableNotFoundError

from conf.contracts import contract, table_names
from conf.errors import UserMistake
from conf.places import local_folder
from conf.settings import tables_root
from conf.ticks import Tick
from jobs.io.tables import partitions, rights, seals
from jobs.io.tables.keeper import keeper
from jobs.io.tables.kept import KeptTable
from jobs.io.tables.local_files import ArrowTable
from jobs.io.tables.partitions import Filter
from jobs.io.tables.schemas import arrow_schema

BATCH_ROWS = 1_000  # of rows with pages in them
QUERY = re.compile(r"(?is)^[\s(]*(select|with|values|describe|explain(?!\s+analyze))\b")
SHOW_TABLES = re.compile(r"(?is)^\s*show\s+tables\s*;?\s*$")
COMMENT = re.compile(r"(?s)--[^\n]*|/\*.*?\*/")
TABLE_NOT_FOUND = re.compile(r"table '([^']*)' not found")


class Summary(NamedTuple):
    """One table at a glance; first and last ds are null for a table that is not kept by day."""

    name: str
    rows: int
    version: int
    first_ds: date | None
    last_ds: date | None
    about: str


def deltalake_path(name: str) -> str:
    """Where a table lives, in deltalake's form: file:/x is the folder /x."""
    root = tables_root()
    return f"{local_folder(root) or root}/{contract(name).table}"


def open_table(name: str, version: int | None = None) -> DeltaTable | None:
    """A table at its newest version or at another one; None where it was never written.

    Rejected where it is not as it was sealed.
    """
    seals.check(name, version)
    path = deltalake_path(name)
    if "://" not in path and not (Path(path) / "_delta_log").is_dir():
        return None
    try:
        kept = None if "://" in path else keeper()
        return kept.table(path, version) if kept else ArrowTable(path, version=version)
    except TableNotFoundError:
        return None
    except DeltaError as error:
        at_version = "" if version is None else f" at version {version}"
        raise UserMistake(f"table {name}{at_version} cannot be read: {_one_line(error)}") from None


def written_tables() -> list[str]:
    """The tables that were written at least once."""
    return [name for name in table_names() if open_table(name) is not None]


def was_written(name: str) -> bool:
    """Whether a table was written at least once."""
    return open_table(name) is not None


def newest_version(name: str) -> int:
    """The newest version of a table; -1 for one that was never written."""
    table = open_table(name)
    return -1 if table is None else table.version()


def state_of(name: str) -> tuple[int, object]:
    """What tells a table from itself at another time: its newest version, and of a table that is kept
    open which entry of a log that is, since another table may have the same version.
    """
    table = open_table(name)
    return (-1, None) if table is None else (table.version(), getattr(table, "mark", None))


def has_rows(name: str) -> bool:
    """Whether a table holds anything."""
    return _rows(open_table(name)) > 0


def written_at(name: str) -> dict[date, int]:
    """When each day of a table was last written, in milliseconds, by the table's log."""
    table = open_table(name)
    if table is None:
        return {}
    files = pa.table(table.get_add_actions(flatten=True))
    days = files["partition.ds"].cast(pa.date32())
    instants = files["modification_time"].cast(pa.int64())
    by_day = pa.table({"ds": days, "at": instants}).group_by("ds")
    newest = by_day.aggregate([("at", "max")])
    return dict(zip(newest["ds"].to_pylist(), newest["at_max"].to_pylist(), strict=True))


def counted_days(before: date) -> list[date]:
    """The days before one whose `daily_counts` were written after all events up to their end."""
    counts_at = written_at("daily_counts")
    days, events_at = [], 0
    for day, at in sorted(written_at("events").items()):
        events_at = max(events_at, at)
        if day < before and counts_at.get(day, 0) >= events_at:
            days.append(day)
    return days


def filtered_rows(
    name: str, filters: Sequence[Filter] = (), columns: Sequence[str] | None = None
) -> pa.Table:
    """The rows of a table that pass every filter; none of a table that was never written.

    A condition on true or false is not for `filters`: it would be met by no row.
    """
    names = None if columns is None else list(columns)
    table = open_table(name)
    if table is None:
        empty = arrow_schema(name).empty_table()
        return empty if names is None else empty.select(names)
    try:
        return pa.table(table.to_pyarrow_table(filters=list(filters) or None, columns=names))
    except pa.ArrowNotImplementedError:
        # what deltalake's updates write has views of texts, which Arrow cannot compare
        from pyarrow.parquet import filters_to_expression

        rows = pa.table(table.to_pyarrow_table()).filter(filters_to_expression(list(filters)))
        return rows if names is None else rows.select(names)


def tick_rows(name: str, tick: Tick, columns: list[str] | None = None) -> pa.Table | None:
    """The partition of a tick, which may be empty; None where the table was never written."""
    table = open_table(name)
    if table is None:
        return None
    filters = [(column, "=", value) for column, value in partitions.tick_key(tick).items()]
    return pa.table(table.to_pyarrow_table(filters=filters, columns=columns))


def tick_batches(name: str, tick: Tick, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The partition of a tick, some rows at a time; nothing where the table was never written."""
    table = open_table(name)
    if table is not None:
        partition = [(key, "=", str(value)) for key, value in partitions.tick_key(tick).items()]
        rows = table.to_pyarrow_dataset(file_pruning_predicate=partition)
        yield from rows.to_batches(columns=columns, batch_size=BATCH_ROWS)


def has_day(name: str, ds: date) -> bool:
    """Whether a table kept by day has a partition of that day."""
    table = open_table(name)
    return table is not None and any(part["ds"] == ds.isoformat() for part in table.partitions())


def files_until(name: str, ds: date, version: int) -> list[str]:
    """The files that hold a table's days up to one, at a version: another list is another content."""
    table = open_table(name, version)
    if table is None:
        return []
    files = pa.table(table.get_add_actions(flatten=True))
    until = pc.less_equal(files["partition.ds"].cast(pa.date32()), pa.scalar(ds))
    return sorted(files["path"].filter(until).to_pylist())


def any_record_known(name: str, as_of: datetime, *conditions: str) -> bool:
    """Whether a log table had any record known at an instant for which the SQL conditions hold."""
    table = open_table(name)
    if table is None:
        return False
    instants = [
        column
        for column in ("known_at", "event_at", "shown_at")
        if column in contract(name).columns
    ]
    known = [f"{column} <= TIMESTAMP '{as_of.isoformat()}'" for column in instants]
    where = " AND ".join([*known, *conditions])
    tables = QueryBuilder().register(name, table)
    return _collected(tables, f"SELECT 1 AS one FROM {name} WHERE {where} LIMIT 1").num_rows > 0


def whole_table(
    name: str, columns: list[str] | None = None, version: int | None = None
) -> pa.Table:
    """A whole table as Arrow, or some of its columns.

    Raises UserMistake, naming the job to run, where it was never written.
    """
    table = open_table(name, version)
    if table is None:
        raise UserMistake(
            f"table {name} was not written yet; {contract(name).written_by} writes it"
        )
    if isinstance(table, KeptTable):
        return table.to_pyarrow_table(columns=columns)
    selection = ", ".join(f'"{column}"' for column in columns) if columns else "*"
    return _collected(QueryBuilder().register(name, table), f"SELECT {selection} FROM {name}")


def sql(text: str) -> pa.Table:
    """The result of one SQL query over all tables by name that this user may read; nothing can be
    written.
    """
    plain = COMMENT.sub(" ", text)
    if SHOW_TABLES.match(plain):
        names = Summary._fields[:-1]
        written = [summary for summary in summaries() if summary.version >= 0]
        return pa.table({name: [getattr(each, name) for each in written] for name in names})
    if not QUERY.match(plain):
        raise UserMistake(
            "only queries are answered; begin with SELECT, WITH, VALUES, DESCRIBE, EXPLAIN or"
            " SHOW TABLES"
        )
    builder = QueryBuilder()
    registered = []
    for name in filter(rights.may_read, table_names()):
        table = open_table(name)
        if table is not None:
            builder = builder.register(name, table)
            registered.append(name)
    try:
        return _collected(builder, text)
    except (DeltaError, pa.ArrowException, ValueError) as error:
        raise UserMistake(_explanation(_one_line(error), registered)) from None


def _explanation(message: str, registered: list[str]) -> str:
    """What a person needs to know of a query's error."""
    missing = TABLE_NOT_FOUND.search(message)
    if not missing:
        return f"query: {message}"
    name = missing.group(1).split(".")[-1]
    if name in table_names():
        rights.refuse_unreadable(name)
        return f"query: table {name} was not written yet; {contract(name).written_by} writes it"
    tables = ", ".join(registered) or "none yet, run `frontrow land` first"
    return f"query: unknown table {name!r}; the tables are: {tables}"


def summaries() -> list[Summary]:
    """Every table that this user may read, also those that were not written yet (version -1)."""
    return [_summary(name, open_table(name)) for name in filter(rights.may_read, table_names())]


def _summary(name: str, table: DeltaTable | None) -> Summary:
    about = contract(name).about
    if table is None:
        return Summary(name, 0, -1, None, None, about)
    days: list[date] = []
    if "ds" in contract(name).partition:
        days = [date.fromisoformat(part["ds"]) for part in table.partitions() if part["ds"]]
    first, last = min(days, default=None), max(days, default=None)
    return Summary(name, _rows(table), table.version(), first, last, about)


def _rows(table: DeltaTable | None) -> int:
    return 0 if table is None else table.count()


def _collected(builder: QueryBuilder, text: str) -> pa.Table:
    # pa.table would import pandas, for 1 s
    return pa.RecordBatchReader.from_stream(builder.execute(text)).read_all()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
