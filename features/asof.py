"""The only as-of: what had happened *and* was known at an instant (two times for each fact)."""

# Tested by tests/features/test_asof.py.

from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from conf.days import DAY_S


def known_records(log: DataFrame, as_of: datetime) -> DataFrame:
    """The records of a log that had happened and were learned by `as_of`, both ends included.

    `log` has `known_at` and, where its facts happen at an instant, `event_at` or `shown_at`. Late
    records and later corrections have a later `known_at`, so they cannot change what an old as-of
    sees.
    """
    records = log.where(F.col("known_at") <= F.lit(as_of))
    for instant in ("event_at", "shown_at"):
        if instant in log.columns:
            records = records.where(F.col(instant) <= F.lit(as_of))
    if "ds" in log.columns:
        # the same condition once more, on the partition, so that files are skipped
        records = records.where(F.col("ds") <= F.lit(as_of.date()))
    return records


def newest_versions(log: DataFrame, keys: Sequence[str], as_of: datetime) -> DataFrame:
    """The newest version of each key known at `as_of`.

    Of versions learned at the same instant, the one with the greater landing_id.
    """
    newest_first = [F.col("known_at").desc(), F.col("landing_id").desc()]
    versions = Window.partitionBy(*keys).orderBy(*newest_first)
    numbered = known_records(log, as_of).withColumn("_version", F.row_number().over(versions))
    return numbered.where("_version = 1").drop("_version")


def days_before(as_of: datetime, instant: str) -> Column:
    """Days, with fractions, from a timestamp column to `as_of`; null where the column is null."""
    return (F.lit(as_of.timestamp()) - F.col(instant).cast("double")) / DAY_S
