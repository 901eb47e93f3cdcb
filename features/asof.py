"""The only as-of of the house: what had happened *and* was known at a moment (two times for each fact)."""

from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from conf.days import DAY_S


def known_records(log: DataFrame, as_of: datetime) -> DataFrame:
    """The records of a log that had happened and were learned by `as_of`, both ends included.

    `log` has `known_at` and, where its facts happen at an instant, `event_at` or `shown_at`. Late records and
    later corrections have a later `known_at`, so they cannot change what an old as-of sees.
    """
    moment = F.lit(as_of)
    frame = log.where(F.col("known_at") <= moment)
    for happened in ("event_at", "shown_at"):
        if happened in log.columns:
            frame = frame.where(F.col(happened) <= moment)
    if (
        "ds" in log.columns
    ):  # the same condition once more, on the partition, so that files are skipped
        frame = frame.where(F.col("ds") <= F.lit(as_of.date()))
    return frame


def newest_versions(log: DataFrame, keys: Sequence[str], as_of: datetime) -> DataFrame:
    """The newest version of each key that was known at `as_of`; ties go to the greater landing_id."""
    order = Window.partitionBy(*keys).orderBy(F.col("known_at").desc(), F.col("landing_id").desc())
    ranked = known_records(log, as_of).withColumn("_version", F.row_number().over(order))
    return ranked.where("_version = 1").drop("_version")


def days_before(as_of: datetime, instant: str) -> Column:
    """Days, with fractions, from a timestamp column to `as_of`; null where the column is null."""
    return (F.lit(as_of.timestamp()) - F.col(instant).cast("double")) / DAY_S
