"""Chunks of landed files -> a Spark frame of text records. Each task reads its own chunks, one after
the other, so memory stays bounded.
"""
# Tested by tests/jobs/io/landing/test_files.py.

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from conf.errors import Reason
from conf.landing import CHUNK_BYTES, required_columns
from features.sources import columnar, text
from features.sources.layout import Chunk, Record, given_columns, record_batch, record_ddl
from features.sources.spelling import batch_as_read
from jobs.io.landing.parquet_files import batches_of
from jobs.io.landing.text_files import bytes_of

ROW_BYTES = 100  # of a Parquet row, as text
BROKEN_FILE = 0  # the line of the one record that a file which cannot be read to its end yields


def records(spark: SparkSession, table: str, chunks: list[Chunk]) -> DataFrame:
    """The records of all chunks; columns as in `record_ddl`, those that a file can give."""
    names = given_columns(chunks) or required_columns(table)
    tasks = packed([replace(chunk, columns=names) for chunk in chunks])
    ids = spark.range(0, len(tasks), 1, max(1, len(tasks)))
    return ids.mapInArrow(_reader(tasks), record_ddl(table, names))


def packed(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """The chunks by task, in their order: many small files are one task's."""
    tasks: list[list[Chunk]] = []
    space = 0
    for chunk in chunks:
        size = chunk.length * (ROW_BYTES if chunk.format == "parquet" else 1)
        if not tasks or size > space:
            tasks.append([])
            space = CHUNK_BYTES
        tasks[-1].append(chunk)
        space -= size
    return tasks


def read_records(chunks: Sequence[Chunk]) -> Iterator[pa.RecordBatch]:
    """The records of chunks of one table, without Spark."""
    names = given_columns(chunks)
    for chunk in chunks:
        yield from read_chunk(replace(chunk, columns=names))


def _reader(
    tasks: list[list[Chunk]],
) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                for chunk in tasks[number]:
                    yield from read_chunk(chunk)

    return read


def read_chunk(chunk: Chunk) -> Iterator[pa.RecordBatch]:
    """The records of one chunk in Arrow batches; what cannot be read becomes one record with line
    BROKEN_FILE.
    """
    try:
        for batch in _batches(chunk):
            yield batch_as_read(chunk.table, batch, chunk.layout, chunk.columns)
    except (pa.ArrowException, OSError) as error:
        said = " ".join(str(error).split())[:120]
        yield record_batch(chunk, [Record(BROKEN_FILE, said, Reason.UNREADABLE.value, "", {})])


def _batches(chunk: Chunk) -> Iterator[pa.RecordBatch]:
    if chunk.format == "parquet":
        for first, rows in batches_of(chunk):
            yield columnar.record_batch(chunk, rows, first)
    else:
        yield from text.batches(chunk, bytes_of(chunk))
