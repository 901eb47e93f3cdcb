"""Whose page is made anew between two nights: those of whom something was learned, and those whose hour is near."""

from datetime import datetime, timedelta
from math import pi

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.contracts import columns
from conf.nearline import ROW, nearline_settings
from conf.pages import SETTINGS
from conf.ticks import Tick
from features.resume import left_to_watch

FRESH, BASE = "fresh", "base"


def due_profiles(
    overlays: DataFrame, published: DataFrame, profiles: DataFrame, tick: Tick, since: datetime
) -> DataFrame:
    """One row for each profile that is due at a tick: its settings, what it `played`, what of that it went on with
    after the end of the run date, `since`, and is not through with (`begun`, newest first), the `rows` of its newest
    overlay, null where it has none, `level`, `visit_at`, and `due_at`, when it is likely to come.

    `overlays` are those since the run date that pages stand on, up to the tick, `published` the homepage_updates of the
    ticks between, `profiles` the profile_features of that run date. Changed is whose newest overlay no update knows: at
    most ticks those of whom it learned something, and those whom an earlier tick had no time for.
    """
    newest = overlays.groupBy("profile_id").agg(F.max("as_of").alias("as_of"))
    known = published.groupBy("profile_id").agg(F.max("as_of").alias("published_as_of"))
    unknown = F.col("published_as_of").isNull() | (F.col("published_as_of") < F.col("as_of"))
    changed = (
        newest.join(known, "profile_id", "left")
        .where(unknown)
        .withColumn("visit_at", F.lit(tick.until))
    )
    turning = F.broadcast(
        expected_visitors(profiles, tick).join(F.broadcast(changed), "profile_id", "left_anti")
    )
    hour = F.lit(tick.until + timedelta(minutes=nearline_settings().rhythm.ahead_minutes))
    at_hour = {"visit_at": hour, "hour": hour}
    earlier = newest.join(turning.select("profile_id"), "profile_id", "left_semi").withColumns(
        at_hour
    )
    rest = turning.join(
        F.broadcast(earlier.select("profile_id")), "profile_id", "left_anti"
    ).withColumns(at_hour)
    wanted = changed.unionByName(earlier, allowMissingColumns=True)
    fresh = _made(overlays, wanted, since).withColumn("level", F.lit(FRESH))
    based = rest.withColumnRenamed("hour", "due_at").withColumn("level", F.lit(BASE))
    return fresh.unionByName(based, allowMissingColumns=True)


def first_to_come(due: DataFrame, most: int) -> DataFrame:
    """The `most` due profiles that are likely to come first; those of whom nobody knows it come last."""
    return due.orderBy(F.col("due_at").asc_nulls_last(), "profile_id").limit(most)


def with_base_rows(due: DataFrame, pages: DataFrame) -> DataFrame:
    """The same with the rows of each profile's page of the night in order (`base_rows`), null where it has none."""
    mine = pages.join(F.broadcast(due.select("profile_id")), "profile_id", "left_semi")
    rows = F.array_sort(
        F.collect_list(F.struct("row_position", *(name for name in ROW if name != "row_position")))
    )
    in_order = F.transform(rows, lambda row: F.struct(*(row[name].alias(name) for name in ROW)))
    based = mine.groupBy("profile_id").agg(in_order.cast(columns()["rows"].type).alias("base_rows"))
    return due.join(based, "profile_id", "left")


def expected_visitors(profiles: DataFrame, tick: Tick) -> DataFrame:
    """profile_id and settings of those whose usual hour begins `ahead_minutes` after a minute of the tick."""
    ahead = timedelta(minutes=nearline_settings().rhythm.ahead_minutes)
    since = _hours(tick.since + ahead)
    length = (tick.until - tick.since) / timedelta(hours=1)
    inside = F.pmod(usual_hour() - F.lit(since), F.lit(24.0)) < F.lit(length)
    return profiles.where(inside).select("profile_id", *SETTINGS)


def usual_hour() -> Column:
    """The circular mean of the hours of a profile's plays, 0 to 24 UTC; null without plays."""
    angle = F.atan2("profile_hour_mean_sin", "profile_hour_mean_cos")
    return F.pmod(angle, F.lit(2 * pi)) * (24 / (2 * pi))


def _made(overlays: DataFrame, wanted: DataFrame, since: datetime) -> DataFrame:
    """The overlays that are `wanted` by profile and as-of: rows are heavy, so only those of these are moved."""
    played = F.transform("history", lambda entry: entry["title_id"]).alias("played")
    on = F.filter("history", lambda entry: (entry["last_at"] > F.lit(since)) & left_to_watch(entry))
    begun = F.transform(on, lambda entry: entry["title_id"]).alias("begun")
    made = overlays.select("profile_id", "as_of", *SETTINGS, "rows", "due_at", played, begun)
    found = made.join(
        F.broadcast(wanted.select("profile_id", "as_of", "visit_at", "hour")),
        ["profile_id", "as_of"],
    )
    due_at = F.coalesce("hour", "due_at").alias("due_at")
    return found.select("profile_id", *SETTINGS, "rows", "played", "begun", "visit_at", due_at)


def _hours(moment: datetime) -> float:
    return moment.hour + moment.minute / 60 + moment.second / 3600
