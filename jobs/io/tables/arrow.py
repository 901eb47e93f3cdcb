"""The tables without Spark, through deltalake: for people's eyes and for programs that have to start at once."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError, TableNotFoundError

from conf.contracts import contract, table_names
from conf.errors import UserMistake
from conf.settings import load_settings
from conf.ticks import Tick
from jobs.io.tables import partitions

READS = re.compile(r"(?is)^[\s(]*(select|with|values|describe|show|explain(?!\s+analyze))\b")
NOTHING = re.compile(r"(?s)--[^\n]*|/\*.*?\*/")
NO_TABLE = re.compile(r"table '([^']*)' not found")


class Summary(NamedTuple):
    """One table at a glance; first and last ds are null for a table that is not kept by day."""

    name: str
    rows: int
    newest_version: int
    first_ds: date | None
    last_ds: date | None
    about: str


def deltalake_path(name: str) -> str:
    """Where a table lives, as deltalake wants to hear it: file:/x is the folder /x."""
    return f"{re.sub(r'^file:/*', '/', load_settings().tables_root)}/{contract(name).table}"


def open_table(name: str, version: int | None = None) -> DeltaTable | None:
    """A table at its newest version or at the one asked for; None where it was never written."""
    path = deltalake_path(name)
    if "://" not in path and not (Path(path) / "_delta_log").is_dir():
        return None
    try:
        return DeltaTable(path, version=version)
    except TableNotFoundError:
        return None
    except DeltaError as error:
        asked = "" if version is None else f" at version {version}"
        raise UserMistake(f"table {name}{asked} cannot be read: {_one_line(error)}") from None


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


def has_rows(name: str) -> bool:
    """Whether a table holds anything."""
    return _rows(open_table(name)) > 0


def written_at(name: str) -> dict[date, int]:
    """When each day of a table was last written, in milliseconds, as its log tells."""
    table = open_table(name)
    if table is None:
        return {}
    files = pa.table(table.get_add_actions(flatten=True))
    day, at = files["partition.ds"].cast(pa.date32()), files["modification_time"].cast(pa.int64())
    last = pa.table({"ds": day, "at": at}).group_by("ds").aggregate([("at", "max")])
    return dict(zip(last["ds"].to_pylist(), last["at_max"].to_pylist(), strict=True))


def counted_days(before: date) -> list[date]:
    """The days before one whose `daily_counts` are younger than all that the log has of them."""
    counted = written_at("daily_counts")
    return sorted(
        day
        for day, at in written_at("events").items()
        if day < before and counted.get(day, 0) >= at
    )


def tick_rows(name: str, tick: Tick, columns: list[str] | None = None) -> pa.Table | None:
    """The partition of a tick, which may be empty; None where the table was never written."""
    table, wanted = (
        open_table(name),
        [(column, "=", value) for column, value in partitions.tick_key(tick).items()],
    )
    return (
        None if table is None else pa.table(table.to_pyarrow_table(filters=wanted, columns=columns))
    )


def has_day(name: str, ds: date) -> bool:
    """Whether a table kept by day has a partition of that day."""
    table = open_table(name)
    return table is not None and any(part["ds"] == ds.isoformat() for part in table.partitions())


def any_record_known(name: str, as_of: datetime, *such: str) -> bool:
    """Whether a log table held, of what was known at a moment, any record `such` as the SQL conditions say."""
    table = open_table(name)
    if table is None:
        return False
    instants = [
        column
        for column in ("known_at", "event_at", "shown_at")
        if column in contract(name).columns
    ]
    moment = f"TIMESTAMP '{as_of.isoformat()}'"
    asked = " AND ".join([*(f"{column} <= {moment}" for column in instants), *such])
    found = _collected(
        QueryBuilder().register(name, table), f"SELECT 1 AS one FROM {name} WHERE {asked} LIMIT 1"
    )
    return found.num_rows > 0


def whole_table(
    name: str, columns: list[str] | None = None, version: int | None = None
) -> pa.Table:
    """A whole table as Arrow, or some of its columns; one that was never written is an error that says what to run."""
    table = open_table(name, version)
    if table is None:
        raise UserMistake(
            f"table {name} was not written yet; {contract(name).written_by} writes it"
        )
    chosen = ", ".join(f'"{column}"' for column in columns) if columns else "*"
    return _collected(QueryBuilder().register(name, table), f"SELECT {chosen} FROM {name}")


def sql(text: str) -> pa.Table:
    """The result of one SQL query over all tables by name. Only reads: nothing can be written or made."""
    if not READS.match(NOTHING.sub(" ", text)):
        raise UserMistake(
            "only queries are answered; begin with SELECT, WITH, VALUES, DESCRIBE, SHOW or EXPLAIN"
        )
    builder, known = QueryBuilder(), []
    for name in table_names():
        if (table := open_table(name)) is not None:
            builder = builder.register(name, table)
            known.append(name)
    try:
        return _collected(builder, text)
    except (DeltaError, pa.ArrowException, ValueError) as error:
        raise UserMistake(_explained(_one_line(error), known)) from None


def _explained(said: str, known: list[str]) -> str:
    missing = NO_TABLE.search(said)
    if not missing:
        return f"query: {said}"
    name = missing.group(1).split(".")[-1]
    if name in table_names():
        return f"query: table {name} was not written yet; {contract(name).written_by} writes it"
    return f"query: unknown table {name!r}; the tables are: {', '.join(known) or 'none yet, run `frontrow land` first'}"


def summaries() -> list[Summary]:
    """Every table of the house, also those that were not written yet (version -1)."""
    return [_summary(name, open_table(name)) for name in table_names()]


def _summary(name: str, table: DeltaTable | None) -> Summary:
    about = contract(name).about
    if table is None:
        return Summary(name, 0, -1, None, None, about)
    days: list[date] = []
    if "ds" in contract(name).partition:
        days = [date.fromisoformat(part["ds"]) for part in table.partitions() if part["ds"]]
    return Summary(
        name, _rows(table), table.version(), min(days, default=None), max(days, default=None), about
    )


def _rows(table: DeltaTable | None) -> int:
    return 0 if table is None else table.count()


def _collected(builder: QueryBuilder, text: str) -> pa.Table:
    return pa.RecordBatchReader.from_stream(
        builder.execute(text)
    ).read_all()  # pa.table would import pandas, for 1 s


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
