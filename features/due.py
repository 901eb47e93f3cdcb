"""Whose page is made anew between two nights: those of whom something was learned, and those whose hour is near."""

from datetime import datetime, timedelta
from math import pi

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.contracts import columns
from conf.nearline import ROW, nearline_settings
from conf.pages import SETTINGS
from conf.ticks import Tick

FRESH, BASE = "fresh", "base"


def due_pages(overlays: DataFrame, profiles: DataFrame, pages: DataFrame, tick: Tick) -> DataFrame:
    """One row for each profile that is due at a tick: its settings, what it `played`, the `rows` of its newest overlay,
    null where it has none, those of its page of the night (`base_rows`), `level` and `visit_at`.

    `overlays` are those of the tick's day up to the tick, `profiles` the profile_features and `pages` the
    homepage_rows of the run date that they stand on. Nothing is computed of profiles that are not due.
    """
    played = F.transform("history", lambda entry: entry["title_id"]).alias("played")
    newest = overlays.groupBy("profile_id").agg(
        F.max_by(F.struct(*SETTINGS, "rows", "tick", played), "tick").alias("o")
    )
    newest = newest.select("profile_id", "o.*")
    changed = newest.where(F.col("tick") == tick.name).withColumn("visit_at", F.lit(tick.until))
    turning = F.broadcast(turning_profiles(profiles, tick).join(F.broadcast(changed), "profile_id", "left_anti"))
    visit_at = F.lit(tick.until + timedelta(minutes=nearline_settings().rhythm.ahead_minutes))
    earlier = newest.join(turning.select("profile_id"), "profile_id", "left_semi").withColumn("visit_at", visit_at)
    rest = turning.join(F.broadcast(earlier.select("profile_id")), "profile_id", "left_anti")
    wanted = ["profile_id", *SETTINGS, "rows", "played", "visit_at", "level"]
    fresh = changed.unionByName(earlier).withColumn("level", F.lit(FRESH)).select(*wanted)
    based = rest.withColumns({"visit_at": visit_at, "level": F.lit(BASE)})
    everybody = fresh.unionByName(based, allowMissingColumns=True)
    return everybody.join(_rows_of(pages, everybody), "profile_id", "left")


def turning_profiles(profiles: DataFrame, tick: Tick) -> DataFrame:
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


def _rows_of(pages: DataFrame, wanted: DataFrame) -> DataFrame:
    mine = pages.join(F.broadcast(wanted.select("profile_id")), "profile_id", "left_semi")
    rows = F.array_sort(F.collect_list(F.struct("row_position", *(name for name in ROW if name != "row_position"))))
    in_order = F.transform(rows, lambda row: F.struct(*(row[name].alias(name) for name in ROW)))
    return mine.groupBy("profile_id").agg(in_order.cast(columns()["rows"].type).alias("base_rows"))


def _hours(moment: datetime) -> float:
    return moment.hour + moment.minute / 60 + moment.second / 3600
