"""Files of facts whose records are plainly sound: read, compared and written without Spark.

One process of DuckDB does for such records what Spark does for any, at a part of the cost, and
spills what its memory cannot hold. Lines that are not plainly sound are set aside for Spark, which
says of each what is wrong with it, if anything. A file in which these are many, or whose lines are
no records (a quoted line break), goes the way of all others as a whole.
"""
# Tested by tests/jobs/io/landing/test_sound_files.py.

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import compress
from tempfile import TemporaryDirectory
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pac
import pyarrow.csv as pc
import pyarrow.dataset as ds
from deltalake import write_deltalake

from conf.contracts import contract
from conf.landing import FACT_TIMES, TEXT_LENGTH, content_columns
from conf.places import local_folder
from conf.settings import load_settings
from features.sources import columnar, sound
from features.sources.layout import Chunk, given_columns, is_list, record_schema
from features.sources.spelling import as_read, batch_as_read
from features.sources.text import odd_records
from features.sql_text import quoted
from jobs.io.landing.files import Landing
from jobs.io.landing.parquet_files import batches_of
from jobs.io.landing.quarantine import Receipt
from jobs.io.landing.summary import Summary
from jobs.io.landing.text_files import bytes_of
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import fences, seals
from jobs.io.tables.arrow_writes import write_schema
from jobs.io.tables.fences import Fence

MEMORY = "1GB"
LINE = "line"
BATCH_ROWS = 100_000
CONTROL = bytes([*range(10), *range(11, 32), 127])
MOST_ODD = 100_000  # lines of a landing that are set aside
LONG = 100_000  # bytes of a line
QUOTED_FIELD = {
    delimiter: re.compile(rb'(?:^|[\n%s])"[^"\n]*"(?=[\n%s]|\Z)' % (delimiter, delimiter))
    for delimiter in (b",", b";", b"\t", b"|")
}


class NotPlainError(Exception):
    """A file is not of a form that the quick way knows, or too much of it is not plainly sound."""


class Texts(NamedTuple):
    """The text columns of lines that are of plain form; the lines themselves, from the first on;
    and the numbers of those that are not in the columns.
    """

    columns: pa.Table
    lines: Callable[[], list[bytes]]
    odd: list[int]


@dataclass(frozen=True)
class SoundFacts:
    """The facts of one table's files, typed and with their ids, in a database of their own."""

    table: str
    landings: Sequence[Landing]
    names: tuple[str, ...]
    database: duckdb.DuckDBPyConnection
    odd: pa.Table  # text records that Spark has to judge, as `record_schema` has them

    def add(self, rows: pa.Table) -> None:
        """Add those of the odd records that are sound after all, typed and with their ids."""
        self.database.register("odd", rows)
        values = {name: _quoted(name) for name in self.names}
        has_ids = "event_id" in contract(self.table).columns
        content_id = "content_id" if has_ids else sound.content_id(self.table, values)
        columns = [_quoted(name) for name in dict.fromkeys((*self.names, *_made(self.table)))]
        self.database.execute(
            f"INSERT INTO facts BY NAME SELECT {', '.join(columns)}, landing_id, file,"
            f" {content_id} AS content_id FROM odd"
        )
        self.database.unregister("odd")

    def ratings_as_plays(self, least: float) -> None:
        """Make plays of the ratings of as many stars, or more."""
        values = {name: _quoted(name) for name in self.names} | {"kind": "'play'"}
        self.database.execute(
            f"UPDATE facts SET kind = 'play', content_id = {sound.content_id(self.table, values)}"
            f" WHERE kind = 'rating' AND value >= '{least}'::DOUBLE"
        )

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

    def judge(self, of_rejected: Sequence[Receipt]) -> list[Receipt]:
        """Mark what is a duplicate, and complete the receipts, which know what was rejected.

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
        receipts = []
        for receipt in of_rejected:
            new, repeated = found.get(receipt.landing_id, (0, 0))
            receipts.append(replace(receipt, accepted_count=new, duplicate_count=repeated))
        return receipts

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

    def append(self, source: str, fence: Fence) -> None:
        """Add the facts that are new to their table, which exists, in one commit."""
        schema = write_schema(self.table)
        made = {name: _quoted(name) for name in (*self.names, *_made(self.table), "landing_id")}
        made |= {"event_id": "content_id", "source": quoted(source), "ds": "known_at::DATE"}
        selection = ", ".join(f'{made.get(name, "NULL")} AS "{name}"' for name in schema.names)
        query = f"SELECT {selection} FROM facts ANTI JOIN repeats ON facts.rowid = row ORDER BY ds"
        reader = self.database.sql(query).to_arrow_reader(100_000)
        rows = pa.RecordBatchReader.from_batches(
            schema, (_in_schema(batch, schema) for batch in reader)
        )
        table = arrow_tables.open_table(self.table)
        assert table is not None  # its caller made it
        note = f"landing {source}"
        with fences.committing(fence):
            write_deltalake(
                table,
                rows,
                mode="append",
                schema_mode="merge",
                commit_properties=fences.properties(table, fence, note=note),
            )
        seals.seal(self.table)

    def _rows(self, query: str) -> list[tuple]:
        return self.database.execute(query).fetchall()


def _made(table: str) -> tuple[str, ...]:
    """The columns that every fact has, whether or not its file has them."""
    return ("known_at", "kind") if table == "events" else ("known_at",)


def _quoted(name: str) -> str:
    return f'"{name}"'


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
    is_local = local_folder(arrow_tables.deltalake_path(table)) is not None
    if table not in FACT_TIMES or not chunks or not is_local:
        return None
    names = given_columns(chunks)
    odd: list[pa.RecordBatch] = []
    try:
        for chunk in chunks:
            for texts in _texts(chunk, names):
                places = texts.odd + _load(connection, chunk, names, texts, latest)
                if places:
                    odd.append(_odd_records(replace(chunk, columns=names), texts, sorted(places)))
                if sum(batch.num_rows for batch in odd) > MOST_ODD:
                    raise NotPlainError
    except (NotPlainError, pa.ArrowException, OSError, duckdb.Error):
        return None
    schema = record_schema(table, names)
    return SoundFacts(table, landings, names, connection, pa.Table.from_batches(odd, schema))


def _odd_records(chunk: Chunk, texts: Texts, places: list[int]) -> pa.RecordBatch:
    lines = texts.lines()
    batch = odd_records(chunk, places, [lines[place - chunk.first_line] for place in places])
    return batch_as_read(chunk.table, batch, chunk.layout, chunk.columns)


def _texts(chunk: Chunk, names: tuple[str, ...]) -> Iterator[Texts]:
    """The text columns of a chunk, those that its file does not have as nulls."""
    if chunk.format == "csv":
        texts = _csv_texts(chunk, bytes_of(chunk))
        yield texts._replace(columns=_as_read(chunk, _with_all(texts.columns, names), names))
    elif chunk.format == "parquet" and not any(is_list(name) for name in chunk.header if name):
        for first, rows in batches_of(chunk, BATCH_ROWS):
            batch = columnar.record_batch(replace(chunk, columns=names), rows, first)
            texts = pa.Table.from_batches([batch]).select([LINE, *names])
            yield Texts(_as_read(chunk, texts, names), _no_lines, [])
    else:
        raise NotPlainError


def _as_read(chunk: Chunk, texts: pa.Table, names: tuple[str, ...]) -> pa.Table:
    """The texts as the rules read them; lists are still joined here, and read as they are."""
    single = [name for name in names if not is_list(name)]
    return as_read(chunk.table, texts, chunk.layout, single)


def _no_lines() -> list[bytes]:
    raise NotPlainError


def _csv_texts(chunk: Chunk, data: bytes) -> Texts:
    """The fields of a chunk of CSV, one record a line."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    data = data if data.endswith(b"\n") else data + b"\n"

    def lines() -> list[bytes]:
        return data.split(b"\n")[:-1]

    count = data.count(b"\n")
    numbers = np.arange(chunk.first_line, chunk.first_line + count)
    if _is_plain(chunk, data):
        try:
            return Texts(_parsed(chunk, data).append_column(LINE, pa.array(numbers)), lines, [])
        except (NotPlainError, pa.ArrowException):
            pass  # a line that does not fit the header, or is not UTF-8
    is_plain = np.array(_plain_lines(chunk, lines()))
    kept = compress(lines(), is_plain)
    columns = _parsed(chunk, b"".join(line + b"\n" for line in kept))
    columns = columns.append_column(LINE, pa.array(numbers[is_plain]))
    return Texts(columns, lines, numbers[~is_plain].tolist())


def _is_plain(chunk: Chunk, data: bytes) -> bool:
    """Whether every reader of CSV takes the lines alike: no control characters, no blank lines, and
    quotes only around whole fields.
    """
    delimiter = chunk.layout.delimiter.encode()
    if _has_control(data, delimiter) or b"\n\n" in data or data[:1] == b"\n":
        return False
    quotes = data.count(b'"') if chunk.layout.quoted else 0
    return not quotes or quotes == 2 * sum(1 for _ in QUOTED_FIELD[delimiter].finditer(data))


def _has_control(data: bytes, delimiter: bytes) -> bool:
    return len(data.translate(None, CONTROL.replace(delimiter, b""))) < len(data)


def _plain_lines(chunk: Chunk, lines: list[bytes]) -> list[bool]:
    """Which lines are of plain form. A quote that is open at the end of a line ends the quick way:
    the lines after it may be of the same record.
    """
    delimiter, count = chunk.layout.delimiter.encode(), len(chunk.header)
    field = rb'(?:"[^"]*"|[^"%s]*)' % delimiter if chunk.layout.quoted else rb"[^%s]*" % delimiter
    of_fields = re.compile(delimiter.join([field] * count))
    found = []
    for line in lines:
        if chunk.layout.quoted and line.count(b'"') % 2:
            raise NotPlainError
        is_short = 0 < len(line) <= LONG and not _has_control(line, delimiter)
        found.append(is_short and bool(of_fields.fullmatch(line)) and _is_utf8(line))
    return found


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _parsed(chunk: Chunk, data: bytes) -> pa.Table:
    """The fields of plain lines as texts, by the names of the contract."""
    places = [f"{place}" for place in range(len(chunk.header))]
    quote = '"' if chunk.layout.quoted and b'"' in data else False
    table = pc.read_csv(
        io.BytesIO(data),
        pc.ReadOptions(use_threads=False, column_names=places),
        pc.ParseOptions(delimiter=chunk.layout.delimiter, quote_char=quote),
        pc.ConvertOptions(column_types=dict.fromkeys(places, pa.string())),
    )
    if table.num_rows != data.count(b"\n"):
        raise NotPlainError
    ignored = [place for place, name in zip(places, chunk.header, strict=True) if not name]
    if any(pac.max(pac.utf8_length(table[place])).as_py() > TEXT_LENGTH for place in ignored):
        raise NotPlainError
    names = zip(chunk.header, places, strict=True)
    return table.rename_columns([name or place for name, place in names])


def _with_all(texts: pa.Table, names: Sequence[str]) -> pa.Table:
    """The columns `names`, null where a file lacks one that another file of the table has."""
    nothing = pa.nulls(texts.num_rows, pa.string())
    columns = [texts[name] if name in texts.column_names else nothing for name in names]
    return pa.table([texts[LINE], *columns], [LINE, *names])


def _load(
    connection: duckdb.DuckDBPyConnection,
    chunk: Chunk,
    names: Sequence[str],
    texts: Texts,
    latest: datetime,
) -> list[int]:
    """Add the typed records to `facts`; the lines of those that are not plainly sound."""
    table = chunk.table
    connection.register("texts", texts.columns)
    values = {name: f'"_{name}"' for name in names}
    if table == "events":
        values["kind"] = sound.kind(names)
    typed = f"SELECT {LINE}, {sound.values(table, names, chunk.layout.separator)} FROM texts"
    is_sound = f"coalesce({sound.all_sound(table, names, latest)}, false)"
    columns = ", ".join(f'{sql} AS "{name}"' for name, sql in values.items() if name != "known_at")
    query = (
        f"SELECT {columns}, {sound.known(table, names)} AS known_at, '{chunk.landing_id}' AS"
        f" landing_id, {quoted(chunk.file)} AS file, {sound.content_id(table, values)} AS content_id"
        f" FROM ({typed}) WHERE {is_sound}"
    )
    is_first = not connection.execute("FROM duckdb_tables() WHERE table_name = 'facts'").fetchall()
    make = "CREATE TABLE facts AS" if is_first else "INSERT INTO facts"
    (added,) = connection.execute(f"{make} {query}").fetchall()[0]
    odd: list[int] = []
    if added < texts.columns.num_rows:
        rows = connection.execute(f"SELECT {LINE} FROM ({typed}) WHERE NOT {is_sound}").fetchall()
        odd = [line for (line,) in rows]
    connection.unregister("texts")
    return odd
