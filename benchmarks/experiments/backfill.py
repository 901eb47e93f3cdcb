"""Features of past days made again from the log as it is now, beside those that were stored each night.

They are the same where nothing is read that was not known on the day. Two leaks are planted too: records
taken as known when they happened, which late ones are not, and the next day's taken for the day's last.
"""
# Tested by tests/benchmarks/experiments/test_backfill.py.

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import psutil
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.days import end_of
from features.profile import profile_features
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables

TABLE = "profile_features"
Features = dict[str, dict[str, Any]]  # by profile
# records with it, and which it lets in
Leak = Callable[[DataFrame, datetime], tuple[DataFrame, Column]]


def backfill_figures(spark: SparkSession, most_days: int = 5) -> dict[str, Any]:
    """E1 and E2: of the oldest days that are stored, of which something was learned later."""
    table = arrow_tables.open_table(TABLE)
    days = (
        sorted({date.fromisoformat(part["ds"]) for part in table.partitions()})[:most_days]
        if table
        else []
    )
    events, profiles = tables.read(spark, "events"), tables.read(spark, "profiles")
    stored: dict[date, Features] = {}
    same, began = 0, cpu_seconds()
    for ds in days:
        stored[ds] = by_profile(tables.read_day(spark, TABLE, ds))
        made = by_profile(profile_features(events, profiles, end_of(ds)))
        same += equal_profiles(stored[ds], made)
    spent = cpu_seconds() - began
    count = sum(map(len, stored.values()))
    leaks = {name: leaked(events, profiles, stored, leak) for name, leak in LEAKS.items()}
    planted = [changed for records, changed in leaks.values() if records]
    return {
        "feature_backfill_profile_days": count,
        "feature_backfill_profile_days_per_cpu_s": count / spent if spent else math.nan,
        "logged_equals_regenerated": same / count if count else math.nan,
        "leak_caught": all(planted) if planted else "nothing to leak on these days",
        "leaks": {
            name: {"records": records, "profile_days": changed}
            for name, (records, changed) in leaks.items()
        },
    }


def late(events: DataFrame, end: datetime) -> tuple[DataFrame, Column]:
    """Records that were not known at the end of a day when they had happened, as if they were."""
    unknown = (F.col("event_at") <= F.lit(end)) & (F.col("known_at") > F.lit(end))
    return _dated(events.withColumn("known_at", F.col("event_at"))), unknown


def of_the_next_day(events: DataFrame, end: datetime) -> tuple[DataFrame, Column]:
    """Records of the day after, as if they had happened and were known as the day ended."""
    after = F.col("event_at") > F.lit(end)
    is_next = after & (F.col("event_at") <= F.lit(end + timedelta(days=1)))
    moved = {
        name: F.when(is_next, F.lit(end)).otherwise(F.col(name))
        for name in ("event_at", "known_at")
    }
    return _dated(events.withColumns(moved)), is_next


def _dated(events: DataFrame) -> DataFrame:
    """The records in the partitions of the days on which they are known: these are asked as well."""
    return events.withColumn("ds", F.to_date("known_at"))


LEAKS: dict[str, Leak] = {"late": late, "next_day": of_the_next_day}


def leaked(
    events: DataFrame, profiles: DataFrame, stored: Mapping[date, Features], leak: Leak
) -> tuple[int, int]:
    """How many records a leak lets in on these days, and the features of how many profiles' days change."""
    records, changed = 0, 0
    for ds, features in stored.items():
        leaky, is_leaked = leak(events, end_of(ds))
        found = events.where(is_leaked).count()
        if found:
            made = by_profile(profile_features(leaky, profiles, end_of(ds)))
            changed += len(features) - equal_profiles(features, made)
        records += found
    return records, changed


def by_profile(features: DataFrame) -> Features:
    """The features of each profile, without the day."""
    rows = features.drop("ds").toArrow().to_pylist()
    return {row["profile_id"]: dict(sorted(row.items())) for row in rows}


def equal_profiles(stored: Features, made: Features) -> int:
    """How many profiles have the same features, to the last bit; one that is on one side alone has not."""
    return sum(repr(row) == repr(made.get(name)) for name, row in stored.items())


def cpu_seconds() -> float:
    """Of this process and all below it."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    times = [process.cpu_times() for process in processes]
    return sum(spent.user + spent.system for spent in times)
