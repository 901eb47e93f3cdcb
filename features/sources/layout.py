"""The layout of a landed file, and the text records that every adapter and format ends in."""
# Tested by tests/jobs/io/landing/test_files.py.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import pyarrow as pa

from conf.contracts import columns
from conf.landing import FACT_TIMES, file_columns

ORIGIN = ("landing_id", "file", "line", "raw", "fault", "fault_field")
Value = str | list[str] | None


@dataclass(frozen=True)
class Layout:
    """What differs between data sets: marks between fields and list items, names of columns
    (file -> contract), and how values are written (conf/maps.py says it column by column).
    """

    delimiter: str = ","  # "" where the header of a file tells it
    quoted: bool = True
    columns: tuple[str, ...] = ()  # of files without a header, "" for what is left out
    separator: str = "|"
    names: Mapping[str, str] = field(default_factory=dict)
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of JSON: column -> fields
    constants: Mapping[str, str] = field(default_factory=dict)  # where a record says nothing
    copies: Mapping[str, str] = field(default_factory=dict)  # the same, column -> column it is as
    missing: tuple[str, ...] = ()  # texts that say nothing, beside those that never do
    zone: str = ""  # of instants that tell none
    unit: str = ""  # of instants in numbers: seconds unless told
    decimal: str = "."
    year_in_name: bool = False  # Heat (1995)
    article_last: bool = False  # Fugitive, The

    def name(self, column: str) -> str:
        """The contract's name of a column of the file."""
        return self.names.get(column, column)

    @property
    def added(self) -> tuple[str, ...]:
        """The columns that records have beside those of their file."""
        year = ("year",) if self.year_in_name else ()
        return (*self.constants, *self.copies, *self.joined, *year)

    @property
    def paths(self) -> frozenset[str]:
        """The names of fields, of records within records too, that a column is told by."""
        return frozenset((*self.names, *(part for parts in self.joined.values() for part in parts)))


@dataclass(frozen=True)
class Chunk:
    """A piece of a landed file that one task reads: bytes of a text file, or one row group of a
    Parquet file.
    """

    table: str
    path: str
    file: str
    landing_id: str
    format: Literal["csv", "jsonl", "parquet"]
    layout: Layout
    # contract names in the file's order, "" for a column that is ignored; none for jsonl
    header: tuple[str, ...]
    start: int  # byte offset, or number of the row group
    length: int  # bytes, or rows
    first_line: int  # line, or row, of the first record
    columns: tuple[str, ...] = ()  # contract names of the batches to make; see given_columns


class Record(NamedTuple):
    """One record: its line, its text, the rule it broke and where (or ""), and its values by
    contract name. `given` are the columns that it has, where these are not those of its file.
    """

    line: int
    raw: str | None
    fault: str
    fault_field: str
    values: Mapping[str, Value]
    given: Sequence[str] | None = None


def is_list(column: str) -> bool:
    """Whether a column holds a list of texts."""
    return columns()[column].type.startswith("array")


def given_columns(chunks: Sequence[Chunk]) -> tuple[str, ...]:
    """The contract's columns that these chunks of one table can give, in contract order; JSON lines
    can give all.
    """
    names = file_columns(chunks[0].table) if chunks else ()
    if any(chunk.format == "jsonl" for chunk in chunks):
        return names
    return tuple(
        name
        for name in names
        if any(name in chunk.header or name in chunk.layout.added for chunk in chunks)
    )


def origin_columns(table: str) -> tuple[str, ...]:
    """What is kept of each record beside its values; of a version also which columns it has."""
    return ORIGIN if table in FACT_TIMES else (*ORIGIN, "given")


def record_schema(table: str, names: Sequence[str]) -> pa.Schema:
    """Records as Arrow: where they came from and what is wrong with them, then their values as
    text.
    """
    text = pa.string()
    kinds = {"line": pa.int64(), "given": pa.list_(text)}
    origin = [(name, kinds.get(name, text)) for name in origin_columns(table)]
    values = [(name, pa.list_(text) if is_list(name) else text) for name in names]
    return pa.schema([*origin, *values])


def record_ddl(table: str, names: Sequence[str]) -> str:
    """The same schema as Spark DDL."""
    kinds = {"line": "bigint", "given": "array<string>"}
    origin = [f"{name} {kinds.get(name, 'string')}" for name in origin_columns(table)]
    values = [f"`{name}` {'array<string>' if is_list(name) else 'string'}" for name in names]
    return ", ".join([*origin, *values])


def record_batch(chunk: Chunk, records: list[Record]) -> pa.RecordBatch:
    """Records as one Arrow batch."""
    columns_by_name: dict[str, Sequence[object]] = {
        "line": [record.line for record in records],
        "raw": [record.raw for record in records],
        "fault": [record.fault or None for record in records],
        "fault_field": [record.fault_field or None for record in records],
    }
    columns_by_name["given"] = [
        list(_given(chunk) if record.given is None else record.given) for record in records
    ]
    names = {name for record in records for name in record.values}
    for name in names:
        columns_by_name[name] = [record.values.get(name) for record in records]
    return columns_batch(chunk, columns_by_name)


def columns_batch(
    chunk: Chunk, values: Mapping[str, Sequence[object] | pa.Array]
) -> pa.RecordBatch:
    """Columns as one Arrow batch of `record_schema`; a column that is missing in `values` is null."""
    schema = record_schema(chunk.table, chunk.columns)
    count = len(values["line"])
    chunk_values = {"landing_id": chunk.landing_id, "file": chunk.file}
    arrays = []
    for column in schema:
        if column.name in chunk_values:
            array = pa.repeat(chunk_values[column.name], count)
        elif column.name == "given" and "given" not in values:
            array = pa.array([list(_given(chunk))] * count, column.type)
        elif column.name in values:
            array = pa.array(values[column.name], column.type)
        else:
            array = pa.nulls(count, column.type)
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _given(chunk: Chunk) -> tuple[str, ...]:
    """The columns that the records of a file have, but for JSON lines, which have their own."""
    names = tuple(name for name in chunk.header if name) or file_columns(chunk.table)
    return tuple(dict.fromkeys((*names, *chunk.layout.added)))
