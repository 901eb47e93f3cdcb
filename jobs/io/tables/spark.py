"""The only Delta door of the jobs: every read and every write of a table goes through here."""

import time
from collections.abc import Iterable
from datetime import date
from functools import reduce
from typing import NamedTuple, cast

import pyarrow as pa
from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

from conf.contracts import contract
from conf.errors import Rejected
from conf.settings import load_settings
from conf.ticks import Tick
from jobs.io.tables import fences, rights, seals
from jobs.io.tables.partitions import Key, day_key, missing_day, partition_text, predicate, tick_key
from jobs.io.tables.row_hash import NO_ROWS, ContentHash, content_hash_of
from jobs.io.tables.sole_writer import sole_writer

ROWS_IN_FILE = 1_000_000
# of a table with cells, some forty to a row: a file is a task for whoever reads it
PAGE_ROWS_IN_FILE = 100_000
# who looks up a row decodes its group: of 50,000 profiles' histories in one group half a second
ROWS_IN_GROUP, LOOKED_UP_ROWS_IN_GROUP = "parquet.block.row.count.limit", "2000"


class Commit(NamedTuple):
    """One commit of a table: `note` is the userMetadata that its writer left."""

    version: int
    operation: str
    note: str

    def is_noted(self, note: str) -> bool:
        """Whether its writer left this note."""
        return fences.note_without_token(self.note) == note


class NothingToWrite(Rejected):
    """An empty frame was to replace a day, which would have erased it."""


def path_of(name: str) -> str:
    """Where a table lives, on any Hadoop file system."""
    return f"{load_settings().tables_root}/{contract(name).table}"


def schema_of(spark: SparkSession, name: str) -> StructType:
    """The contract's columns as a Spark schema; required columns may not be null."""
    table = contract(name)
    columns = cast(StructType, StructType.fromDDL(table.ddl))
    fields = []
    for column in columns.fields:
        nullable = column.name not in table.required
        fields.append(StructField(column.name, column.dataType, nullable))
    return StructType(fields)


def exists(spark: SparkSession, name: str) -> bool:
    """Whether the table has been written at least once."""
    return DeltaTable.isDeltaTable(spark, path_of(name))


def ensure(spark: SparkSession, name: str) -> None:
    """Create the table from its contract where it is missing; first writers may run in parallel.

    Nothing is written on top of a log that lost something (Rejected), nor into a table that this
    user may not write (UserMistake).
    """
    rights.refuse_unwritable(name)
    seals.check(name)
    if exists(spark, name):
        return
    table = contract(name)
    builder = DeltaTable.createIfNotExists(spark).location(path_of(name)).comment(table.about)
    builder = builder.addColumns(schema_of(spark, name))
    if table.partition:
        builder = builder.partitionedBy(*table.partition)
    if table.looked_up_by:
        builder = builder.property(ROWS_IN_GROUP, LOOKED_UP_ROWS_IN_GROUP)
    try:
        with sole_writer(spark, path_of(name)):
            builder.execute()
    except Exception:
        if not _created_by_another(spark, name):
            raise


def _clear_delta_cache(spark: SparkSession) -> None:
    """Drop what Delta remembers of tables.

    Once it has seen none at a path it does not look again for a while.
    """
    assert spark._jvm is not None
    spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()


def _created_by_another(spark: SparkSession, name: str) -> bool:
    """Whether a table that could not be created exists all the same.

    The first commit of its creator may take a moment.
    """
    for wait_s in (0, 0.5, 1, 2, 4):
        time.sleep(wait_s)
        _clear_delta_cache(spark)
        if exists(spark, name):
            return True
    return False


def version_of(spark: SparkSession, name: str) -> int:
    """The table's newest Delta version; -1 for a table that does not exist."""
    if not exists(spark, name):
        return -1
    newest_commit = DeltaTable.forPath(spark, path_of(name)).history(1).collect()[0]
    return int(newest_commit["version"])


def versions_of(spark: SparkSession, names: Iterable[str]) -> dict[str, int]:
    """The newest version of each table that exists."""
    versions = {name: version_of(spark, name) for name in names}
    return {name: version for name, version in versions.items() if version >= 0}


def commits(spark: SparkSession, name: str) -> list[Commit]:
    """Every commit of a table that its log still has, newest first."""
    if not exists(spark, name):
        return []
    history = DeltaTable.forPath(spark, path_of(name)).history()
    rows = history.select("version", "operation", "userMetadata").collect()
    return [Commit(row["version"], row["operation"], row["userMetadata"] or "") for row in rows]


def read(spark: SparkSession, name: str, version: int | None = None) -> DataFrame:
    """A table, at its newest version or at another one; one never written reads as empty.

    Rejected where it is not as it was sealed.
    """
    seals.check(name, version)
    if not exists(spark, name):
        return spark.createDataFrame([], schema_of(spark, name))
    reader = spark.read.format("delta")
    if version is not None:
        reader = reader.option("versionAsOf", version)
    return reader.load(path_of(name))


def read_day(spark: SparkSession, name: str, ds: date, version: int | None = None) -> DataFrame:
    """One day's partition; a missing or empty one is an error that names the job to run."""
    day = read(spark, name, version).where(F.col("ds") == F.lit(ds))
    if day.isEmpty():
        raise missing_day(name, ds)
    return day


def in_contract_columns(spark: SparkSession, name: str, frame: DataFrame) -> DataFrame:
    """The frame with exactly the contract's columns, in its order and types.

    A missing optional column is null. Raises Rejected where a required column is missing or one is
    not in the contract.
    """
    table = contract(name)
    missing = [column for column in table.required if column not in frame.columns]
    extra = [column for column in frame.columns if column not in table.columns]
    if missing or extra:
        raise Rejected(
            f"table {name}: columns missing {missing}, columns not in the contract {extra}"
        )
    columns = []
    for field in schema_of(spark, name).fields:
        column = F.col(field.name) if field.name in frame.columns else F.lit(None)
        columns.append(column.cast(field.dataType).alias(field.name))
    return frame.select(*columns)


def append(spark: SparkSession, name: str, frame: DataFrame, note: str = "") -> None:
    """Add rows to a log table in one commit.

    The table gets the columns that its contract has got since it was created.
    """
    ensure(spark, name)
    rows = in_contract_columns(spark, name, frame)
    writer = rows.write.format("delta").mode("append").option("mergeSchema", "true")
    with sole_writer(spark, path_of(name)):
        writer.option("userMetadata", fences.noted(note)).save(path_of(name))
    seals.seal(name)


def replace_day(
    spark: SparkSession,
    name: str,
    ds: date,
    frame: DataFrame,
    note: str = "",
    rows: int | None = None,
) -> int:
    """Replace one day's partition in one commit; returns how many rows it has now.

    An empty frame is refused, because it would erase the day: NothingToWrite. To know that, the
    frame is computed and kept in memory before it is written, unless the caller knows how many
    `rows` it has.
    """
    return _replace(spark, name, day_key(ds), frame, note, rows)


def replace_tick(
    spark: SparkSession,
    name: str,
    tick: Tick,
    frame: DataFrame,
    note: str = "",
    rows: int | None = None,
) -> int:
    """Replace one tick's partition in one commit; like `replace_day`."""
    return _replace(spark, name, tick_key(tick), frame, note, rows)


def _replace(
    spark: SparkSession, name: str, key: Key, frame: DataFrame, note: str, rows: int | None
) -> int:
    key_columns = {column: F.lit(value) for column, value in key.items()}
    keyed = frame.drop(*key).withColumns(key_columns)
    part = in_contract_columns(spark, name, keyed)
    try:
        if rows is None:
            rows = part.persist().count()
        if not rows:
            raise NothingToWrite(
                f"table {name}: nothing to write for {partition_text(key)};"
                f" the partition was left as it was"
            )
        ensure(spark, name)
        has_cells = "cells" in contract(name).columns
        rows_in_file = PAGE_ROWS_IN_FILE if has_cells else ROWS_IN_FILE
        # only now: before the count it would make one task of the work
        few_files = part.coalesce(1 + rows // rows_in_file)
        if column := contract(name).looked_up_by:
            few_files = few_files.sortWithinPartitions(column)
        # the table gets the columns that its contract has got since it was created
        writer = few_files.write.format("delta").mode("overwrite").option("mergeSchema", "true")
        writer = writer.option("replaceWhere", predicate(key))
        writer = writer.option("userMetadata", fences.noted(note))
        with sole_writer(spark, path_of(name)):
            writer.save(path_of(name))
        seals.seal(name)
        return rows
    finally:
        part.unpersist()


def forget_day(spark: SparkSession, name: str, ds: date) -> None:
    """Delete one day's partition; nothing where the table or the day does not exist."""
    if exists(spark, name):
        with sole_writer(spark, path_of(name)):
            DeltaTable.forPath(spark, path_of(name)).delete(predicate(day_key(ds)))
        seals.seal(name)


def forget_tick(spark: SparkSession, name: str, tick: Tick) -> None:
    """Delete one tick's partition; nothing where the table or the tick does not exist."""
    if exists(spark, name):
        with sole_writer(spark, path_of(name)):
            DeltaTable.forPath(spark, path_of(name)).delete(predicate(tick_key(tick)))
        seals.seal(name)


def content_hash(frame: DataFrame) -> str:
    """A hash of a frame's rows, whatever their order and their files: "rows:hash"."""
    parts = frame.mapInArrow(_content_hashes, "part string").collect()
    content = reduce(ContentHash.plus, (ContentHash.parse(row["part"]) for row in parts), NO_ROWS)
    return str(content)


def _content_hashes(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
    """The content hash of one task's rows."""
    content = reduce(ContentHash.plus, map(content_hash_of, batches), NO_ROWS)
    yield pa.RecordBatch.from_pydict({"part": [str(content)]})
