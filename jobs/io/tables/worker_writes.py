"""A day written by the workers themselves and committed at once: rows do not pass through the JVM."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from conf.errors import Rejected
from conf.places import local_folder
from conf.settings import load_settings
from jobs.io.tables import delta_log
from jobs.io.tables import spark as tables
from jobs.io.tables.file_copy import copied
from jobs.io.tables.part_files import FILES, Batches, PartFile, PartWriter, refuse_overlaps
from jobs.io.tables.partitions import Key, day_key, partition_text

Maker = Callable[[Iterable[pa.RecordBatch]], Batches]


def replace_day(
    spark: SparkSession, name: str, ds: date, frame: DataFrame, make: Maker, note: str = ""
) -> int:
    """Replace one day's partition by what workers make of a frame; returns how many rows it has.

    `make` turns batches of the frame into batches of the table, without ds, each with all rows of
    the values that the first key has in it. One that makes nothing is refused: NothingToWrite.
    Where workers cannot write, Spark's own writer does, with the same content.
    """
    key = day_key(ds)
    root = local_folder(tables.path_of(name))
    if root is None or not takes_files(spark, name):
        return tables.replace_day(
            spark, name, ds, made_by_spark(spark, name, key, frame, make), note
        )
    writer = PartWriter(name, root, key, tables.PAGE_ROWS_IN_FILE)
    records = frame.mapInArrow(
        lambda batches: writer(make(batches)), from_arrow_schema(FILES)
    ).collect()
    files = [PartFile(**record.asDict()) for record in records]
    refuse(name, key, root, files)
    delta_log.replace_files(spark, name, key, files, note)
    return sum(file.content.rows for file in files)


def copy_day(
    spark: SparkSession, source: str, target: str, ds: date, files: Sequence[PartFile], note: str
) -> None:
    """Replace one day of a table by files of another one, as they are, in one commit.

    Their bytes are read and must have the checksums that were noted when they were written: a file
    that was changed since is refused (Rejected), and the day is left as it was.
    """
    places = [local_folder(tables.path_of(name)) for name in (source, target)]
    old, new = (Path(place) for place in places if place is not None)
    copy = [(old, new, file.path, file.checksum) for file in files]
    context = spark.sparkContext
    tasks = min(len(copy), 4 * context.defaultParallelism)
    copies = context.parallelize(copy, tasks).map(lambda words: copied(*words)).collect()
    refused = [each.refusal for each in copies if each.refusal]
    if refused:
        for each in copies:
            if not each.refusal:
                (new / each.path).unlink(missing_ok=True)
        raise Rejected(
            f"table {source}, ds={ds}: {refused[0]}; nothing was copied,"
            f" build the day again and audit it"
        )
    moved = [
        replace(file, path=each.path, modified_ms=each.modified_ms)
        for file, each in zip(files, copies, strict=True)
    ]
    delta_log.replace_files(spark, target, day_key(ds), moved, note)


def takes_files(spark: SparkSession, name: str) -> bool:
    """Whether files of workers can be added to a table: in a folder, without rules of Delta's."""
    tables.ensure(spark, name)
    is_folder = local_folder(tables.path_of(name)) is not None
    return is_folder and workers_write() and delta_log.takes_files(spark, name)


def workers_write() -> bool:
    """Whether workers write where they can (FRONTROW_WRITER=workers, the default)."""
    return load_settings().writer == "workers"


def made_by_spark(
    spark: SparkSession, name: str, key: Key, frame: DataFrame, make: Maker
) -> DataFrame:
    """What workers make of a frame, as a frame of Spark's."""
    columns = [field for field in tables.schema_of(spark, name).fields if field.name not in key]
    return frame.mapInArrow(lambda batches: _batches(make(batches)), StructType(columns))


def _batches(parts: Batches) -> Iterable[pa.RecordBatch]:
    for part in parts:
        yield from [part] if isinstance(part, pa.RecordBatch) else part.to_batches()


def refuse(name: str, key: Key, root: str, files: Sequence[PartFile]) -> None:
    """Refuse files that may not become a partition: none, unsound or overlapping ones (Rejected)."""
    for file in files:
        if file.refusal:
            raise Rejected(file.refusal)
    if not any(file.content.rows for file in files):
        raise tables.NothingToWrite(
            f"table {name}: nothing to write for {partition_text(key)};"
            f" the partition was left as it was"
        )
    for file in files:
        place = Path(root, file.path)
        if not place.is_file() or place.stat().st_size != file.size:
            raise Rejected(
                f"table {name}: a worker wrote {file.path}, which is not there as it was written;"
                f" workers that do not share {root} need FRONTROW_WRITER=spark"
            )
    refuse_overlaps(name, files)
