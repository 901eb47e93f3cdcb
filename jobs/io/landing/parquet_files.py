"""Parquet files: footer and types checked, the whole hashed, cut into row groups."""
# Tested by tests/jobs/io/landing/test_files.py.

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

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
        parquet = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise UserMistake(
            f"{file}: is not a whole Parquet file ({' '.join(str(error).split())[:120]})"
        ) from None
    with parquet:
        schema = parquet.schema_arrow
        header, ignored = checked_header(table, file, [layout.name(name) for name in schema.names])
        for name, found in zip(header, schema.types, strict=True):
            if name and (wrong := misfit(name, found)):
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
    with pq.ParquetFile(chunk.path) as parquet:
        first = chunk.first_line
        for batch in parquet.iter_batches(rows, row_groups=[chunk.start], use_threads=False):
            yield first, batch
            first += batch.num_rows
