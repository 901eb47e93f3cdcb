"""Chunks of landed files -> a Spark frame of text records. Each task reads its own chunk, so memory stays bounded."""

from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from conf.errors import Reason
from features.sources import columnar, text
from features.sources.layout import Chunk, Record, record_batch, record_ddl
from jobs.io.parquet_files import batches_of
from jobs.io.text_files import bytes_of

BROKEN_FILE = 0  # the line of the one record that a file which cannot be read to its end yields


def records(spark: SparkSession, table: str, chunks: list[Chunk]) -> DataFrame:
    """The records of all chunks; columns as `record_ddl(table)`."""
    ids = spark.range(0, len(chunks), 1, max(1, len(chunks)))
    return ids.mapInArrow(_reader(chunks), record_ddl(table))


def _reader(chunks: list[Chunk]) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from read_chunk(chunks[number])

    return read


def read_chunk(chunk: Chunk) -> Iterator[pa.RecordBatch]:
    """The records of one chunk in Arrow batches; what cannot be read becomes one record with line BROKEN_FILE."""
    try:
        if chunk.format == "parquet":
            for first, rows in batches_of(chunk):
                yield columnar.record_batch(chunk, rows, first)
        else:
            yield from text.batches(chunk, bytes_of(chunk))
    except (pa.ArrowException, OSError) as error:
        said = " ".join(str(error).split())[:120]
        yield record_batch(chunk, [Record(BROKEN_FILE, said, Reason.UNREADABLE.value, "", {})])
