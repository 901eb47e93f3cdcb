"""How a landed file is laid out, and the text records that every adapter and every format ends in."""
# Tested by tests/jobs/io/landing/test_files.py.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import pyarrow as pa

from conf.contracts import columns
from conf.landing import file_columns

TOLD = ("landing_id", "file", "line", "raw", "fault", "fault_field")
Value = str | list[str] | None


@dataclass(frozen=True)
class Layout:
    """What differs between data sets: marks between fields and list items, and names of columns
    (file -> contract).
    """

    delimiter: str = ","
    quoted: bool = True
    separator: str = "|"
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, column: str) -> str:
        """The contract's name of a column of the file."""
        return self.names.get(column, column)


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
    header: tuple[
        str, ...
    ]  # contract names in the file's order, "" for a column that is ignored; none for jsonl
    start: int  # byte offset, or number of the row group
    length: int  # bytes, or rows
    first_line: int  # line, or row, of the first record
    columns: tuple[str, ...] = ()  # contract names of the batches to make; see given_columns


class Record(NamedTuple):
    """One record: its line, its text, the rule it broke and where (or ""), and its values by
    contract name.
    """

    line: int
    raw: str | None
    fault: str
    fault_field: str
    values: Mapping[str, Value]


def is_list(column: str) -> bool:
    """Whether a column holds a list of texts."""
    return columns()[column].type.startswith("array")


def given_columns(chunks: Sequence[Chunk]) -> tuple[str, ...]:
    """The contract's columns that these chunks of one table can give, in contract order; JSON lines
    can give all.
    """
    known = file_columns(chunks[0].table) if chunks else ()
    if any(chunk.format == "jsonl" for chunk in chunks):
        return known
    return tuple(name for name in known if any(name in chunk.header for chunk in chunks))


def record_schema(names: Sequence[str]) -> pa.Schema:
    """Records as Arrow: where they came from and what is wrong with them, then their values as
    text.
    """
    told = [(name, pa.int64() if name == "line" else pa.string()) for name in TOLD]
    values = [(name, pa.list_(pa.string()) if is_list(name) else pa.string()) for name in names]
    return pa.schema([*told, *values])


def record_ddl(names: Sequence[str]) -> str:
    """The same schema as Spark DDL."""
    told = [f"{name} {'bigint' if name == 'line' else 'string'}" for name in TOLD]
    return ", ".join(
        [*told, *(f"`{name}` {'array<string>' if is_list(name) else 'string'}" for name in names)]
    )


def record_batch(chunk: Chunk, records: list[Record]) -> pa.RecordBatch:
    """Records as one Arrow batch."""
    named = {name for record in records for name in record.values}
    told: dict[str, Sequence[object]] = {
        "line": [r.line for r in records],
        "raw": [r.raw for r in records],
        "fault": [r.fault or None for r in records],
        "fault_field": [r.fault_field or None for r in records],
    }
    return columns_batch(
        chunk, {**told, **{name: [r.values.get(name) for r in records] for name in named}}
    )


def columns_batch(chunk: Chunk, told: Mapping[str, Sequence[object] | pa.Array]) -> pa.RecordBatch:
    """Columns as one Arrow batch of `record_schema`; a column that is not told is null."""
    schema, n = record_schema(chunk.columns), len(told["line"])
    from_here = {"landing_id": pa.repeat(chunk.landing_id, n), "file": pa.repeat(chunk.file, n)}
    arrays = [
        from_here[f.name]
        if f.name in from_here
        else pa.array(told[f.name], f.type)
        if f.name in told
        else pa.nulls(n, f.type)
        for f in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
