"""Upkeep of tables: what is past its time, small files, and files that no commit names."""

# Tested by tests/jobs/test_maintain_tables.py.

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from delta.tables import DeltaTable
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from conf.days import start_of
from jobs.io.published.receipts import UPKEEP_NOTE
from jobs.io.tables import seals
from jobs.io.tables import spark as tables
from jobs.io.tables.sole_writer import sole_writer

NOTE_OPTION = "spark.databricks.delta.commitInfo.userMetadata"


def forget_before(spark: SparkSession, name: str, first: date) -> int:
    """Delete the days of a table before one; returns how many there were.

    The commit has a note by which readers of published tables know that nothing was published.
    """
    is_old = F.col("ds") < F.lit(first)
    days = tables.read(spark, name).where(is_old).select("ds").distinct().count()
    if days:
        _delete(spark, name, is_old)
    return days


def forget_landings_before(spark: SparkSession, name: str, first: date) -> int:
    """Delete the rows of a table that came with landings before a day; of how many landings."""
    is_old = F.col("landed_at") < F.lit(start_of(first))
    landings = tables.read(spark, "landings").where(is_old).select("landing_id")
    rows = tables.read(spark, name).join(landings, "landing_id", "left_semi")
    ids = [row["landing_id"] for row in rows.select("landing_id").distinct().collect()]
    if ids:
        _delete(spark, name, F.col("landing_id").isin(ids))
    return len(ids)


def _delete(spark: SparkSession, name: str, condition: Column) -> None:
    with _noted(spark, UPKEEP_NOTE), sole_writer(spark, tables.path_of(name)):
        DeltaTable.forPath(spark, tables.path_of(name)).delete(condition)
    seals.seal(name)


def join_files(spark: SparkSession, name: str) -> None:
    """Join the small files of each partition; no row changes."""
    with sole_writer(spark, tables.path_of(name)):
        DeltaTable.forPath(spark, tables.path_of(name)).optimize().executeCompaction()
    seals.seal(name)


def remove_unnamed_files(spark: SparkSession, name: str) -> None:
    """Remove files that no version of the last week names: replaced ones, and those of attempts of
    tasks that failed.
    """
    seals.seal(name)
    with sole_writer(spark, tables.path_of(name)):
        DeltaTable.forPath(spark, tables.path_of(name)).vacuum()
    seals.seal(name)


@contextmanager
def _noted(spark: SparkSession, note: str) -> Iterator[None]:
    """The commits of a block have a note."""
    spark.conf.set(NOTE_OPTION, note)
    try:
        yield
    finally:
        spark.conf.unset(NOTE_OPTION)
