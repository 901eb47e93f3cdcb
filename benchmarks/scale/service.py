"""A made service written into tables of its own: by the tables' contracts, without landing.

Landing is measured apart (benchmarks/scale/landing.py). Everything was learned as it happened.
"""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.scale.catalogue import Titles, title_tables, titles_of
from benchmarks.scale.plays import (
    Batches,
    Service,
    event_batches,
    impression_batches,
    profile_batches,
    tick_batches,
)
from conf.days import start_of
from conf.ticks import Tick
from features.labels import plays, rating_stars
from jobs.io.tables import spark as tables

PROFILES_AT_ONCE = 2000  # of a batch, and so of a draw: the service does not depend on the tasks
TICK_MINUTES = 10


def write_service(spark: SparkSession, service: Service, say: Callable[[str], None]) -> None:
    """Write titles, profiles, events, impressions and the daily counts of the days before the last."""
    titles = titles_of(service.titles, service.seed)
    for name, table in title_tables(titles, service.ds, service.seed).items():
        tables.append(spark, name, spark.createDataFrame(table).coalesce(1))
    say("profiles, events, impressions")
    tables.append(spark, "profiles", _drawn(spark, service, "profiles", profile_batches(service)))
    for name, batches in (
        ("events", event_batches(service, titles)),
        ("impressions", impression_batches(service, titles)),
    ):
        by_day = _drawn(spark, service, name, batches).hint("rebalance", F.col("ds"))
        tables.append(spark, name, by_day)
    tables.append(spark, "daily_counts", _counts(spark, service))


def write_tick(spark: SparkSession, service: Service, share: float) -> Tick:
    """Add three events of a share of the profiles, in the first minutes after the last day."""
    titles: Titles = titles_of(service.titles, service.seed)
    touched = _drawn(spark, service, "events", tick_batches(service, titles), share)
    tables.append(spark, "events", touched.coalesce(1))
    after = start_of(service.ds + timedelta(days=1))
    return Tick(after + timedelta(minutes=TICK_MINUTES))


def _drawn(
    spark: SparkSession, service: Service, table: str, batches: Batches, share: float = 1.0
) -> DataFrame:
    """Rows drawn in the workers, whole batches of profiles each; of a share of them, evenly apart."""
    step = round(1 / share)
    numbers = range(0, service.members, step)
    count = len(numbers)
    tasks = -(-count // PROFILES_AT_ONCE)
    starts = spark.range(0, tasks, 1, tasks)
    every = F.sequence(
        F.col("id") * PROFILES_AT_ONCE,
        F.least((F.col("id") + 1) * PROFILES_AT_ONCE, F.lit(count)) - 1,
    )
    ids = starts.select(F.explode(every).alias("number"))
    ids = ids.select((F.col("number") * step).alias("id"))
    return ids.mapInArrow(batches, tables.schema_of(spark, table))


def _counts(spark: SparkSession, service: Service) -> DataFrame:
    """`daily_counts` of all days but the last: each play and rating counts.

    The rules that leave some out (of newcomers, of a title played again) are not applied, so that
    the past of a large service is written in seconds. Only the last day's counts are built by the job.
    """
    events = tables.read(spark, "events").where(plays() | rating_stars().isNotNull())
    rated = rating_stars().isNotNull()
    stars = F.when(rated, F.round(rating_stars() * 1000)).otherwise(0).cast("bigint")
    by_key = events.groupBy("ds", F.col("ds").alias("event_day"), "title_id", "country").agg(
        F.sum(plays().cast("bigint")).alias("plays_count"),
        F.sum(rated.cast("bigint")).alias("stars_count"),
        F.sum(stars).alias("stars_milli_sum"),
    )
    of_day = {row["ds"]: row["count"] for row in events.groupBy("ds").count().collect()}
    days = sorted(of_day)
    until = np.cumsum([of_day[day] for day in days]).tolist()
    log = spark.createDataFrame(list(zip(days, until, strict=True)), "ds date, log_count bigint")
    counts = by_key.join(F.broadcast(log), "ds").where(F.col("ds") < F.lit(service.ds))
    return counts.withColumns(
        {"newcomers_count": F.lit(0).cast("bigint"), "records_count": F.col("plays_count")}
    ).coalesce(2)
