"""Chunks of landed files -> a Spark frame of text records. Each task reads its own chunk, so memory
stays bounded.
"""
# Tested by tests/jobs/io/landing/test_files.py.

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from conf.errors import Reason
from conf.landing import required_columns
from features.sources import columnar, text
from features.sources.layout import Chunk, Record, given_columns, record_batch, record_ddl
from jobs.io.landing.parquet_files import batches_of
from jobs.io.landing.text_files import bytes_of

BROKEN_FILE = 0  # the line of the one record that a file which cannot be read to its end yields


def records(spark: SparkSession, table: str, chunks: list[Chunk]) -> DataFrame:
    """The records of all chunks; columns as in `record_ddl`, those that a file can give."""
    names = given_columns(chunks) or required_columns(table)
    ids = spark.range(0, len(chunks), 1, max(1, len(chunks)))
    return ids.mapInArrow(
        _reader([replace(chunk, columns=names) for chunk in chunks]), record_ddl(table, names)
    )


def _reader(chunks: list[Chunk]) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from read_chunk(chunks[number])

    return read


def read_chunk(chunk: Chunk) -> Iterator[pa.RecordBatch]:
    """The records of one chunk in Arrow batches; what cannot be read becomes one record with line
    BROKEN_FILE.
    """
    try:
        if chunk.format == "parquet":
            for first, rows in batches_of(chunk):
                yield columnar.record_batch(chunk, rows, first)
        else:
            yield from text.batches(chunk, bytes_of(chunk))
    except (pa.ArrowException, OSError) as error:
        said = " ".join(str(error).split())[:120]
        yield record_batch(chunk, [Record(BROKEN_FILE, said, Reason.UNREADABLE.value, "", {})])
