"""Features of past days made again from the log as it is now, beside those that were stored each night.

They are the same where nothing is read that was not known on the day. A leak is planted too: records
taken as known when they happened, which late records are not.
"""
# Tested by tests/benchmarks/experiments/test_backfill.py.

import math
from datetime import date
from typing import Any

import psutil
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.days import end_of
from features.profile import profile_features
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables

TABLE = "profile_features"


def backfill_figures(spark: SparkSession, most_days: int = 5) -> dict[str, Any]:
    """E1 and E2: of the oldest days that are stored, of which something was learned later."""
    table = arrow_tables.open_table(TABLE)
    days = (
        sorted({date.fromisoformat(part["ds"]) for part in table.partitions()})[:most_days]
        if table
        else []
    )
    events, profiles = tables.read(spark, "events"), tables.read(spark, "profiles")
    leaky = events.withColumn("known_at", F.col("event_at"))
    same, caught, count, began = 0, 0, 0, cpu_seconds()
    for ds in days:
        stored = by_profile(tables.read_day(spark, TABLE, ds))
        made = by_profile(profile_features(events, profiles, end_of(ds)))
        same += equal_profiles(stored, made)
        count += len(stored)
    spent = cpu_seconds() - began
    for ds in days:
        stored = by_profile(tables.read_day(spark, TABLE, ds))
        made = by_profile(profile_features(leaky, profiles, end_of(ds)))
        caught += len(stored) - equal_profiles(stored, made)
    return {
        "feature_backfill_profile_days": count,
        "feature_backfill_profile_days_per_cpu_s": count / spent if spent else math.nan,
        "logged_equals_regenerated": same / count if count else math.nan,
        "leak_caught": caught > 0,
        "leak_profile_days": caught,
    }


def by_profile(features: DataFrame) -> dict[str, dict[str, Any]]:
    """The features of each profile, without the day."""
    rows = features.drop("ds").toArrow().to_pylist()
    return {row["profile_id"]: dict(sorted(row.items())) for row in rows}


def equal_profiles(stored: dict[str, dict[str, Any]], made: dict[str, dict[str, Any]]) -> int:
    """How many profiles have the same features, to the last bit; one that is on one side alone has not."""
    return sum(repr(row) == repr(made.get(name)) for name, row in stored.items())


def cpu_seconds() -> float:
    """Of this process and all below it."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    times = [process.cpu_times() for process in processes]
    return sum(spent.user + spent.system for spent in times)
