"""Parquet files: footer and types checked, the whole hashed, cut into row groups."""
# Tested by tests/jobs/io/landing/test_files.py.

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from conf.contracts import columns
from conf.errors import UserMistake
from features.sources.columnar import misfit
from features.sources.layout import Chunk, Layout
from jobs.io.landing.text_files import checked_header

BATCH_ROWS = 10_000


def cut(
    table: str, file: str, path: Path, layout: Layout
) -> tuple[tuple[Chunk, ...], tuple[str, ...], str]:
    """One chunk for each row group, the columns that the contract does not know, and the file's
    sha256.
    """
    if path.stat().st_size == 0:
        raise UserMistake(f"{file}: is empty")
    try:
        parquet = open_file(path)
    except (pa.ArrowException, OSError) as error:
        raise UserMistake(
            f"{file}: is not a whole Parquet file ({' '.join(str(error).split())[:120]})"
        ) from None
    with parquet:
        schema = _plain(parquet, parquet.schema_arrow.empty_table()).schema
        names = [layout.name(name) for name in schema.names]
        header, ignored = checked_header(table, file, names, layout.added)
        for name, found in zip(header, schema.types, strict=True):
            if name and (wrong := misfit(name, found, layout.zone)):
                raise UserMistake(f"{file}: column {name} {wrong}")
        sizes = [
            parquet.metadata.row_group(n).num_rows for n in range(parquet.metadata.num_row_groups)
        ]
    with path.open("rb") as stream:
        landing_id = hashlib.file_digest(stream, "sha256").hexdigest()
    starts = [1 + sum(sizes[:n]) for n in range(len(sizes))]
    return (
        tuple(
            Chunk(table, str(path), file, landing_id, "parquet", layout, header, n, size, start)
            for n, (size, start) in enumerate(zip(sizes, starts, strict=True))
        ),
        ignored,
        landing_id,
    )


def batches_of(chunk: Chunk, rows: int = BATCH_ROWS) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The row group of a chunk in batches, each with the number of its first row; only known
    columns are filled.
    """
    with open_file(chunk.path) as parquet:
        first = chunk.first_line
        for batch in parquet.iter_batches(rows, row_groups=[chunk.start], use_threads=False):
            batch.validate(full=True)
            plain = _plain(parquet, pa.Table.from_batches([batch])).combine_chunks()
            yield from ((first, rows) for rows in plain.to_batches())
            first += batch.num_rows


def open_file(path: str | Path) -> pq.ParquetFile:
    """A Parquet file whose INT96 instants have the range of every other one."""
    return pq.ParquetFile(path, coerce_int96_timestamp_unit="us")


def _plain(parquet: pq.ParquetFile, rows: pa.Table) -> pa.Table:
    """Rows without types of a writer's own: INT96 is an instant in UTC, a text may come as bytes or
    as a dictionary, a field of a record is a column named record.field.
    """
    kinds = parquet.schema
    int96 = {c.path for c in map(kinds.column, range(len(kinds))) if c.physical_type == "INT96"}
    while any(_is_record(field) for field in rows.schema):
        rows = _flat(rows)
    for at, field in enumerate(rows.schema):
        plain = _plain_type(field.type, field.name in int96)
        if plain is not None:
            rows = rows.set_column(at, field.name, rows[field.name].cast(plain))
    return rows


def _is_record(field: pa.Field) -> bool:
    """Whether a column holds records; one that has the name of a column of ours is left to be refused."""
    return pa.types.is_struct(field.type) and field.name not in columns()


def _flat(rows: pa.Table) -> pa.Table:
    parts = []
    for field in rows.schema:
        one = rows.select([field.name])
        parts.append(one.flatten() if _is_record(field) else one)
    names = [name for part in parts for name in part.column_names]
    return pa.table([column for part in parts for column in part.columns], names=names)


def _plain_type(kind: pa.DataType, is_int96: bool) -> pa.DataType | None:
    """The type that a column is read as, where it is another one."""
    if is_int96:
        return pa.timestamp("us", "UTC")
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return pa.string()
    return pa.list_(kind.value_type) if pa.types.is_fixed_size_list(kind) else None
