"""Files to land as tables of a small database, judged without Spark: what `frontrow land --check`
looks at, and the report of a landing.
"""
# Tested by tests/jobs/io/landing/test_log_report.py.

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from conf.contracts import columns
from conf.landing import FACT_TIMES, file_columns, header_columns, landed_tables
from features.sources import exact, sound
from features.sources.layout import given_columns
from features.sql_text import quoted
from jobs.io.landing import sound_files
from jobs.io.landing.files import Landing
from jobs.io.landing.records import read_records
from jobs.io.landing.sound_files import SoundFacts
from jobs.io.tables import arrow as arrow_tables

JOINED = "\x1f"  # between the items of a list, here alone
KEYS = {"titles": "title_id", "profiles": "profile_id"}  # what the catalogue and the settings know


@dataclass(frozen=True)
class Refusals:
    """The records of one table that break a rule, or may: how many of how many, and by field."""

    table: str
    count: int
    refused: int
    fields: tuple[tuple[str, int, str, int, str], ...]  # field, count, file, line and raw of one


@contextmanager
def survey(
    landings: Sequence[Landing], latest: datetime, events: SoundFacts | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with a view of each table's sound records to land, and of what was landed before.

    `landed_NAME` has the records of the files, `NAME` all of them; both have every column of the
    contract. `events` are those of the files where they were read already, with their database.
    """
    opened = nullcontext(events.database) if events else sound_files.database()
    with opened as database:
        for table in landed_tables():
            if events and table == "events":
                _add_views(database, table, "SELECT * FROM facts")
                continue
            of_table = [landing for landing in landings if landing.table == table]
            _load(database, table, of_table, latest)
            _add_views(database, table, f"SELECT * FROM judged_{table} WHERE unsound IS NULL")
        yield database


def _add_views(database: duckdb.DuckDBPyConnection, table: str, query: str) -> None:
    """The views `landed_NAME` and `NAME` of a table, of the sound records that a query finds."""
    present = {name for name, *_ in database.execute(f"DESCRIBE {query}").fetchall()}
    made = _of_contract(table, present)
    database.execute(f"CREATE VIEW landed_{table} AS SELECT {made} FROM ({query})")
    stored = arrow_tables.open_table(table)
    if stored is None:
        database.execute(f"CREATE VIEW {table} AS FROM landed_{table}")
        return
    dataset = stored.to_pyarrow_dataset()
    database.register(f"stored_{table}", dataset)
    old = _of_contract(table, set(dataset.schema.names))
    database.execute(
        f"CREATE VIEW {table} AS FROM landed_{table} UNION ALL SELECT {old} FROM stored_{table}"
    )


def _of_contract(table: str, present: Collection[str]) -> str:
    """Every column of the contract, null where it is not among those that are present."""
    return ", ".join(
        f'"{name}"' if name in present else f'NULL::{_type(name)} AS "{name}"'
        for name in file_columns(table)
    )


def _type(name: str) -> str:
    kind = columns()[name].type
    names = {"timestamp": "TIMESTAMPTZ", "string": "VARCHAR", "array<string>": "VARCHAR[]"}
    return names.get(kind, kind)


def _load(
    database: duckdb.DuckDBPyConnection, table: str, landings: Sequence[Landing], latest: datetime
) -> None:
    """The records of a table's files, typed; `unsound` names the field that breaks a rule."""
    chunks = [chunk for landing in landings for chunk in landing.chunks]
    names = given_columns(chunks)
    made = False
    for batch in read_records(chunks) if chunks else ():
        database.register("texts", _joined(batch))
        query = _judged(table, names, latest)
        database.execute(f"INSERT INTO judged_{table} {query}" if made else _create(table, query))
        database.unregister("texts")
        made = True
    if not made:
        values = ", ".join(f'NULL::{_type(name)} AS "{name}"' for name in header_columns(table))
        nothing = f"SELECT {values}, NULL::VARCHAR AS unsound WHERE false"
        database.execute(_create(table, nothing))


def _create(table: str, query: str) -> str:
    return f"CREATE TABLE judged_{table} AS {query}"


def _joined(batch: pa.RecordBatch) -> pa.Table:
    """A batch of records with lists as one text each."""
    rows = pa.Table.from_batches([batch])
    for at, field in enumerate(rows.schema):
        if pa.types.is_list(field.type) and field.name != "given":
            texts = [_joined_items(items) for items in rows[at].to_pylist()]
            rows = rows.set_column(at, field.name, pa.array(texts, pa.string()))
    return rows


def _joined_items(items: list[str | None] | None) -> str | None:
    return None if items is None else JOINED.join(item or "" for item in items)


def _judged(table: str, names: Sequence[str], latest: datetime) -> str:
    values = ", ".join(f'"_{name}" AS "{name}"' for name in names if name != "known_at")
    is_fact = table in FACT_TIMES
    known_at = sound.known(table, names) if is_fact else ""
    if not is_fact:
        known_at = '"_known_at"' if "known_at" in names else "NULL::TIMESTAMPTZ"
    if table == "events":
        kind = sound.kind(names)
        values = values.replace('"_kind"', kind) if "kind" in names else f"{values}, {kind} AS kind"
    cases = "".join(
        f" WHEN NOT coalesce({_condition(table, name)}, false) THEN '{name}'" for name in names
    )
    times = ""
    if is_fact:
        late = f"TIMESTAMPTZ '{latest.isoformat()}'"
        happened = f'"_{FACT_TIMES[table]}"'
        times = f" WHEN {happened} > {late} OR {known_at} > {late} THEN '{FACT_TIMES[table]}'"
        times += f" WHEN {known_at} < {happened} THEN 'known_at'"
    elif "known_at" in names:
        times = f" WHEN \"_known_at\" > TIMESTAMPTZ '{latest.isoformat()}' THEN 'known_at'"
    if table == "availability" and "until_at" in names:
        times += ' WHEN "_until_at" <= "_from_at" THEN \'until_at\''
    return (
        f"SELECT {values}, {known_at} AS known_at, file, line, raw, CASE WHEN fault IS NOT NULL"
        f" THEN coalesce(fault_field, fault){cases}{times} END AS unsound"
        f" FROM (SELECT *, {_values(table, names)} FROM texts)"
        " WHERE fault IS NULL OR fault <> 'empty_line'"
    )


def _values(table: str, names: Sequence[str]) -> str:
    return ", ".join(f'{exact.value(table, name, JOINED)} AS "_{name}"' for name in names)


def _condition(table: str, name: str) -> str:
    condition = exact.is_right(table, name)
    if table not in FACT_TIMES and name not in header_columns(table):
        condition = f"(NOT list_contains(given, {quoted(name)}) OR {condition})"
    return condition


def refusals(database: duckdb.DuckDBPyConnection, table: str) -> Refusals:
    """The records of a table's files that break a rule, by the first field in which they do."""
    (count, refused) = database.execute(
        f"SELECT count(*), count(unsound) FROM judged_{table}"
    ).fetchone() or (0, 0)
    if not refused:
        return Refusals(table, count, 0, ())
    fields = database.execute(
        f"SELECT unsound, count(*), arg_min(file, line), min(line), arg_min(raw, line)"
        f" FROM judged_{table} WHERE unsound IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    return Refusals(table, count, refused, tuple(fields))
