"""Files of facts whose records are all plainly sound: read, compared and written without Spark.

One process of DuckDB does for such a file what Spark does for any, at a part of the cost, and spills
what its memory cannot hold. The first record that is not plainly sound ends it: nothing was written,
and the file goes the way of all others, which says of each record what is wrong with it.
"""
# Tested by tests/jobs/io/landing/test_sound_files.py.

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.compute as pac
import pyarrow.csv as pc
import pyarrow.dataset as ds
from deltalake import CommitProperties, write_deltalake

from conf.contracts import contract
from conf.landing import FACT_TIMES, TEXT_LENGTH, content_columns
from conf.settings import load_settings
from features.sources import columnar, sound
from features.sources.layout import Chunk, given_columns, is_list
from jobs.io.landing.files import Landing
from jobs.io.landing.parquet_files import batches_of
from jobs.io.landing.quarantine import Receipt
from jobs.io.landing.summary import Summary
from jobs.io.landing.text_files import bytes_of
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.arrow_writes import write_schema

MEMORY = "1GB"
BATCH_ROWS = 100_000
CONTROL = bytes([*range(10), *range(11, 32), 127])
QUOTED_FIELD = {
    delimiter: re.compile(rb'(?:^|[\n%s])"[^"\n]*"(?=[\n%s]|\Z)' % (delimiter, delimiter))
    for delimiter in (b",", b";", b"\t")
}


class NotPlainError(Exception):
    """A record is not plainly sound, or a file is not of a form that the quick way knows."""


@dataclass(frozen=True)
class SoundFacts:
    """The facts of one table's files, typed and with their ids, in a database of their own."""

    table: str
    landings: Sequence[Landing]
    names: tuple[str, ...]
    database: duckdb.DuckDBPyConnection

    def summary(self) -> Summary:
        """The same summary that Spark makes of shaped rows."""
        rows = self._rows(
            f"SELECT known_at::DATE, count(*), min({FACT_TIMES[self.table]})::DATE, max(known_at)"
            " FROM facts GROUP BY 1"
        )
        return Summary(
            min((first for _, _, first, _ in rows), default=None),
            {day: count for day, count, _, _ in rows},
            {day: newest for day, _, _, newest in rows},
        )

    def judge(self, source: str, landed_at: datetime) -> list[Receipt]:
        """Mark what is a duplicate, and the receipts of the files.

        Of two deliveries of one fact the one learned first counts, as in identity.facts.
        """
        happened_from = self.summary().happened_from
        self.database.execute("CREATE TABLE stored (content_id VARCHAR)")
        table = arrow_tables.open_table(self.table)
        if happened_from is not None and table is not None:
            self._load_stored(table.to_pyarrow_dataset(), happened_from)
        self.database.execute(
            """CREATE TABLE repeats AS SELECT row FROM (
                 SELECT rowid AS row, row_number() OVER (
                   PARTITION BY content_id ORDER BY known_at, file, rowid) AS place
                 FROM facts WHERE content_id IN
                   (SELECT content_id FROM facts GROUP BY content_id HAVING count(*) > 1))
               WHERE place > 1
               UNION SELECT rowid FROM facts WHERE content_id IN (SELECT content_id FROM stored)"""
        )
        counts = self._rows(
            "SELECT landing_id, count(*), count(row) FROM facts LEFT JOIN repeats ON facts.rowid = row"
            " GROUP BY 1"
        )
        found = {landing_id: (count - repeats, repeats) for landing_id, count, repeats in counts}
        return [
            Receipt(
                self.table,
                landing.file,
                landing.landing_id,
                *found.get(landing.landing_id, (0, 0)),
                0,
                source,
                landed_at=landed_at,
            )
            for landing in self.landings
        ]

    def _load_stored(self, stored: ds.Dataset, happened_from: date) -> None:
        recent = stored.filter(ds.field("ds") >= pa.scalar(happened_from))
        if "event_id" in contract(self.table).columns:
            names, stored_id = ["event_id"], "event_id"
        else:
            present = set(stored.schema.names)
            names = [name for name in content_columns(self.table) if name in present]
            stored_id = sound.content_id(self.table, {name: f'"{name}"' for name in names})
        batches = recent.scanner(columns=names).to_reader()
        self.database.register("stored_rows", batches)
        self.database.execute(f"INSERT INTO stored SELECT {stored_id} FROM stored_rows")
        self.database.unregister("stored_rows")

    def append(self, source: str) -> None:
        """Add the facts that are new to their table, which exists, in one commit."""
        schema = write_schema(self.table)
        made = {name: f'"{name}"' for name in (*self.names, "known_at", "kind", "landing_id")}
        made |= {"event_id": "content_id", "source": _text(source), "ds": "known_at::DATE"}
        selection = ", ".join(f'{made.get(name, "NULL")} AS "{name}"' for name in schema.names)
        query = f"SELECT {selection} FROM facts ANTI JOIN repeats ON facts.rowid = row ORDER BY ds"
        reader = self.database.sql(query).to_arrow_reader(100_000)
        rows = pa.RecordBatchReader.from_batches(
            schema, (_in_schema(batch, schema) for batch in reader)
        )
        write_deltalake(
            arrow_tables.deltalake_path(self.table),
            rows,
            mode="append",
            schema_mode="merge",
            partition_by=list(contract(self.table).partition),
            commit_properties=CommitProperties({"userMetadata": f"landing {source}"}),
        )

    def _rows(self, query: str) -> list[tuple]:
        return self.database.execute(query).fetchall()


def _in_schema(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    arrays = [batch.column(field.name).cast(field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


@contextmanager
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database that lives as long as one landing, in a folder beside the tables' own."""
    home = load_settings().home_path
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home, prefix="landing-") as folder:
        connection = duckdb.connect(f"{folder}/facts.duckdb")
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute(f"SET temp_directory = '{folder}/spill'")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET TimeZone = 'UTC'")
        try:
            yield connection
        finally:
            connection.close()


def sound_facts(
    landings: Sequence[Landing], connection: duckdb.DuckDBPyConnection, latest: datetime
) -> SoundFacts | None:
    """The facts of these files of one table; None where any of their records is not plainly sound."""
    table = landings[0].table
    chunks = [chunk for landing in landings for chunk in landing.chunks]
    is_local = "://" not in arrow_tables.deltalake_path(table)
    if table not in FACT_TIMES or not chunks or not is_local:
        return None
    names = given_columns(chunks)
    try:
        for chunk in chunks:
            for texts in _texts(chunk, names):
                _load(connection, chunk, names, texts, latest)
    except (NotPlainError, pa.ArrowException, OSError, duckdb.Error):
        return None
    return SoundFacts(table, landings, names, connection)


def _texts(chunk: Chunk, names: Sequence[str]) -> Iterator[pa.Table]:
    """The text columns of a chunk, those that its file does not have as nulls."""
    if chunk.format == "csv":
        yield _with_all(_csv_texts(chunk, bytes_of(chunk)), names)
    elif chunk.format == "parquet" and not any(is_list(name) for name in chunk.header if name):
        for first, rows in batches_of(chunk, BATCH_ROWS):
            batch = columnar.record_batch(_of_columns(chunk, names), rows, first)
            yield pa.Table.from_batches([batch]).select(list(names))
    else:
        raise NotPlainError


def _csv_texts(chunk: Chunk, data: bytes) -> pa.Table:
    """The fields of a chunk of CSV, one record a line.

    What another reader of CSV might take otherwise is not plain: control characters, blank lines,
    and quotes that do not stand around a whole field.
    """
    delimiter = chunk.layout.delimiter.encode()
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    plain = data if data.endswith(b"\n") else data + b"\n"
    odd = CONTROL.replace(delimiter, b"")
    if len(plain.translate(None, odd)) < len(plain) or b"\n\n" in plain or plain[:1] == b"\n":
        raise NotPlainError
    quotes = plain.count(b'"') if chunk.layout.quoted else 0
    if quotes and quotes != 2 * sum(1 for _ in QUOTED_FIELD[delimiter].finditer(plain)):
        raise NotPlainError
    places = [f"{place}" for place in range(len(chunk.header))]
    table = pc.read_csv(
        io.BytesIO(plain),
        pc.ReadOptions(use_threads=False, column_names=places),
        pc.ParseOptions(delimiter=delimiter.decode(), quote_char='"' if quotes else False),
        pc.ConvertOptions(column_types=dict.fromkeys(places, pa.string())),
    )
    if table.num_rows != plain.count(b"\n"):
        raise NotPlainError
    ignored = [place for place, name in zip(places, chunk.header, strict=True) if not name]
    if any(pac.max(pac.utf8_length(table[p])).as_py() > TEXT_LENGTH for p in ignored):
        raise NotPlainError
    return table.rename_columns(
        [name or place for name, place in zip(chunk.header, places, strict=True)]
    )


def _with_all(texts: pa.Table, names: Sequence[str]) -> pa.Table:
    """The columns `names`, null where a file lacks one that another file of the table has."""
    nothing = pa.nulls(texts.num_rows, pa.string())
    columns = [texts[name] if name in texts.column_names else nothing for name in names]
    return pa.table(columns, list(names))


def _load(
    connection: duckdb.DuckDBPyConnection,
    chunk: Chunk,
    names: Sequence[str],
    texts: pa.Table,
    latest: datetime,
) -> None:
    """Add the typed records to `facts`; the first that is not plainly sound raises."""
    table = chunk.table
    connection.register("texts", texts)
    values = {name: f'"_{name}"' for name in names}
    if table == "events":
        values["kind"] = sound.kind(names)
    typed = f"SELECT {sound.values(table, names, chunk.layout.separator)} FROM texts"
    # an error ends the statement, and with it the quick way: an unsound record is never a row
    is_sound = f"CASE WHEN {sound.all_sound(table, names, latest)} THEN true ELSE error('x') END"
    columns = ", ".join(f'{sql} AS "{name}"' for name, sql in values.items() if name != "known_at")
    query = (
        f"SELECT {columns}, {sound.known(table, names)} AS known_at, '{chunk.landing_id}' AS"
        f" landing_id, {_text(chunk.file)} AS file, {sound.content_id(table, values)} AS content_id"
        f" FROM ({typed}) WHERE {is_sound}"
    )
    is_first = not connection.execute("FROM duckdb_tables() WHERE table_name = 'facts'").fetchall()
    connection.execute(
        f"CREATE TABLE facts AS {query}" if is_first else f"INSERT INTO facts {query}"
    )
    connection.unregister("texts")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _of_columns(chunk: Chunk, names: Sequence[str]) -> Chunk:
    return replace(chunk, columns=tuple(names))
