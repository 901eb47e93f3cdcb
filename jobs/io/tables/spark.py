"""The only Delta door of the jobs: every read and every write of a table goes through here."""

import time
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, cast

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import MapType, StructField, StructType

from conf.contracts import contract
from conf.errors import Rejected, UserMistake
from conf.settings import load_settings
from conf.ticks import Tick
from jobs.io.tables.partitions import Key, day_key, partition_text, predicate, tick_key

ROWS_IN_FILE = 1_000_000
PAGE_ROWS_IN_FILE = (
    100_000  # of a table with cells, some forty to a row: a file is a task for whoever reads it
)


class Commit(NamedTuple):
    """One commit of a table: `note` is the userMetadata that its writer left."""

    version: int
    operation: str
    note: str


class NothingToWrite(Rejected):
    """An empty frame was to replace a day, which would have erased it."""


def path_of(name: str) -> str:
    """Where a table lives, on any Hadoop file system."""
    return f"{load_settings().tables_root}/{contract(name).table}"


def schema_of(spark: SparkSession, name: str) -> StructType:
    """The contract's columns as a Spark schema; required columns may not be null."""
    table = contract(name)
    parsed = cast(StructType, StructType.fromDDL(table.ddl))
    return StructType(
        [StructField(f.name, f.dataType, f.name not in table.required) for f in parsed.fields]
    )


def exists(spark: SparkSession, name: str) -> bool:
    """Whether the table has been written at least once."""
    return DeltaTable.isDeltaTable(spark, path_of(name))


def ensure(spark: SparkSession, name: str) -> None:
    """Create the table from its contract where it is missing, so that parallel first writers do not race."""
    if exists(spark, name):
        return
    table = contract(name)
    maker = DeltaTable.createIfNotExists(spark).location(path_of(name)).comment(table.about)
    maker = maker.addColumns(schema_of(spark, name))
    if table.partition:
        maker = maker.partitionedBy(*table.partition)
    try:
        maker.execute()
    except Exception:
        if not _made_by_another(spark, name):
            raise


def _forget(spark: SparkSession) -> None:
    """Drop what Delta remembers of tables: once it has seen none at a path it does not look again for a while."""
    assert spark._jvm is not None
    spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()


def _made_by_another(spark: SparkSession, name: str) -> bool:
    """Whether a table that could not be made is there all the same; its maker's first commit may take a moment."""
    for wait in (0, 0.5, 1, 2, 4):
        time.sleep(wait)
        _forget(spark)
        if exists(spark, name):
            return True
    return False


def version_of(spark: SparkSession, name: str) -> int:
    """The table's newest Delta version; -1 for a table that does not exist."""
    if not exists(spark, name):
        return -1
    return int(DeltaTable.forPath(spark, path_of(name)).history(1).collect()[0]["version"])


def versions_of(spark: SparkSession, names: Iterable[str]) -> dict[str, int]:
    """The newest version of each table that exists."""
    return {name: version for name in names if (version := version_of(spark, name)) >= 0}


def commits(spark: SparkSession, name: str) -> list[Commit]:
    """Every commit of a table that its log still tells of, newest first."""
    if not exists(spark, name):
        return []
    history = (
        DeltaTable.forPath(spark, path_of(name))
        .history()
        .select("version", "operation", "userMetadata")
    )
    return [
        Commit(row["version"], row["operation"], row["userMetadata"] or "")
        for row in history.collect()
    ]


def read(spark: SparkSession, name: str, version: int | None = None) -> DataFrame:
    """A table, at its newest version or at the one asked for; a missing optional table reads as empty."""
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
        job = contract(name).written_by
        raise UserMistake(
            f"table {name} has no rows for ds={ds}; run `python -m jobs.{job} --ds {ds}` first"
        )
    return day


def in_contract_columns(spark: SparkSession, name: str, frame: DataFrame) -> DataFrame:
    """The frame with exactly the contract's columns, in its order and types; a missing optional one is null."""
    table, given = contract(name), frame.columns
    missing = [c for c in table.required if c not in given]
    extra = [c for c in given if c not in table.columns]
    if missing or extra:
        raise Rejected(
            f"table {name}: columns missing {missing}, columns not in the contract {extra}"
        )
    fields = schema_of(spark, name).fields
    return frame.select(
        *(
            (F.col(f.name) if f.name in given else F.lit(None)).cast(f.dataType).alias(f.name)
            for f in fields
        )
    )


def append(spark: SparkSession, name: str, frame: DataFrame, note: str = "") -> None:
    """Add rows to a log table in one commit; it gets the columns that its contract has got since it was made."""
    ensure(spark, name)
    writer = (
        in_contract_columns(spark, name, frame)
        .write.format("delta")
        .mode("append")
        .option("mergeSchema", "true")
    )
    writer.option("userMetadata", note).save(path_of(name))


def replace_day(
    spark: SparkSession,
    name: str,
    ds: date,
    frame: DataFrame,
    note: str = "",
    rows: int | None = None,
) -> int:
    """Replace one day's partition in one commit, and say how many rows it has now.

    An empty frame is refused, because it would erase the day. To know that, the frame is computed and kept in memory
    before it is written, unless the caller knows how many `rows` it has.
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
    """The same with one tick's partition."""
    return _replace(spark, name, tick_key(tick), frame, note, rows)


def _replace(
    spark: SparkSession, name: str, key: Key, frame: DataFrame, note: str, rows: int | None
) -> int:
    part = in_contract_columns(
        spark,
        name,
        frame.drop(*key).withColumns({column: F.lit(value) for column, value in key.items()}),
    )
    try:
        rows = part.persist().count() if rows is None else rows
        if not rows:
            raise NothingToWrite(
                f"table {name}: nothing to write for {partition_text(key)}; the partition was left as it was"
            )
        ensure(spark, name)
        in_file = PAGE_ROWS_IN_FILE if "cells" in contract(name).columns else ROWS_IN_FILE
        few = part.coalesce(
            1 + rows // in_file
        )  # only now: before the count it would make one task of the work
        writer = few.write.format("delta").mode("overwrite").option("replaceWhere", predicate(key))
        writer.option("userMetadata", note).save(path_of(name))
        return rows
    finally:
        part.unpersist()


def forget_day(spark: SparkSession, name: str, ds: date) -> None:
    """Delete one day's partition; nothing where the table or the day does not exist."""
    if exists(spark, name):
        DeltaTable.forPath(spark, path_of(name)).delete(predicate(day_key(ds)))


def forget_tick(spark: SparkSession, name: str, tick: Tick) -> None:
    """The same with one tick's partition."""
    if exists(spark, name):
        DeltaTable.forPath(spark, path_of(name)).delete(predicate(tick_key(tick)))


def content_hash(frame: DataFrame) -> str:
    """An order-free hash of a frame's rows: equal content gives equal text, whatever the files look like."""
    columns = [_hashable(frame, name) for name in sorted(frame.columns)]
    total = F.sum(F.xxhash64(*columns).cast("decimal(38,0)"))
    row = frame.agg(F.count("*").alias("n"), total.alias("h")).collect()[0]
    return f"{row['n']}:{(int(row['h'] or 0)) % 2**64:016x}"


def _hashable(frame: DataFrame, name: str) -> "F.Column":
    is_map = isinstance(frame.schema[name].dataType, MapType)
    return F.array_sort(F.map_entries(name)) if is_map else F.col(name)
