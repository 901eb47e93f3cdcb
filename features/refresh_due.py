"""Profiles whose page is rebuilt during the day.

They are those with new events, and those likely to visit soon.
"""

from datetime import datetime, timedelta
from math import pi

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.contracts import columns
from conf.experiments import CELLS
from conf.nearline import ROW, nearline_settings
from conf.pages import SETTINGS
from conf.ticks import Tick
from features.resume import left_to_watch

FRESH, BASE = "fresh", "base"


def due_profiles(
    overlays: DataFrame, published: DataFrame, profiles: DataFrame, tick: Tick, since: datetime
) -> DataFrame:
    """One row for each profile that is due at a tick, with its settings.

    Columns besides: what it `played`; what of that it went on with after the end of the run date,
    `since`, and is not through with (`begun`, newest first); the `rows` of its newest overlay, null
    where it has none; `level`, `visit_at`, and `due_at`, when it is likely to come.

    `overlays` are those since the run date that pages stand on, up to the tick, `published` the
    homepage_updates of the ticks between, `profiles` the profile_features of that run date. Changed
    are the profiles whose newest overlay no update knows: at most ticks those of which it learned
    something, and those that an earlier tick had no time for.
    """
    newest = overlays.groupBy("profile_id").agg(F.max("as_of").alias("as_of"))
    changed = _changed(newest, published).withColumn("visit_at", F.lit(tick.until))
    visitors = expected_visitors(profiles, tick)
    visitors = F.broadcast(visitors.join(F.broadcast(changed), "profile_id", "left_anti"))
    ahead = timedelta(minutes=nearline_settings().rhythm.ahead_minutes)
    visit_hour = F.lit(tick.until + ahead)
    visit = {"visit_at": visit_hour, "hour": visit_hour}
    with_overlay = newest.join(visitors.select("profile_id"), "profile_id", "left_semi")
    with_overlay = with_overlay.withColumns(visit)
    overlay_ids = F.broadcast(with_overlay.select("profile_id"))
    without_overlay = visitors.join(overlay_ids, "profile_id", "left_anti").withColumns(visit)
    wanted = changed.unionByName(with_overlay, allowMissingColumns=True)
    fresh = _overlays_of(overlays, wanted, since).withColumn("level", F.lit(FRESH))
    base = without_overlay.withColumnRenamed("hour", "due_at").withColumn("level", F.lit(BASE))
    return fresh.unionByName(base, allowMissingColumns=True)


def _changed(newest: DataFrame, published: DataFrame) -> DataFrame:
    """Profiles and the instants of their newest overlays, of which no update knows."""
    updates = published.groupBy("profile_id").agg(F.max("as_of").alias("published_as_of"))
    updated_at = F.col("published_as_of")
    is_newer = updated_at.isNull() | (updated_at < F.col("as_of"))
    return newest.join(updates, "profile_id", "left").where(is_newer)


def first_to_come(due: DataFrame, most: int) -> DataFrame:
    """The `most` due profiles that are likely to come first; those without a `due_at` come last."""
    return due.orderBy(F.col("due_at").asc_nulls_last(), "profile_id").limit(most)


def with_base_rows(due: DataFrame, pages: DataFrame) -> DataFrame:
    """The due profiles with `base_rows`, the rows of the night's page in order, and its
    `experiment_cells`; null without.
    """
    due_pages = pages.join(F.broadcast(due.select("profile_id")), "profile_id", "left_semi")
    other_columns = [name for name in ROW if name != "row_position"]
    rows = F.array_sort(F.collect_list(F.struct("row_position", *other_columns)))
    in_order = F.transform(rows, lambda row: F.struct(*(row[name].alias(name) for name in ROW)))
    base_rows = in_order.cast(columns()["rows"].type).alias("base_rows")
    has_cells = CELLS in pages.columns  # older tables have not
    cells = F.first(CELLS) if has_cells else F.lit(None).cast(columns()[CELLS].type)
    of_page = due_pages.groupBy("profile_id").agg(base_rows, cells.alias(CELLS))
    return due.join(of_page, "profile_id", "left")


def expected_visitors(profiles: DataFrame, tick: Tick) -> DataFrame:
    """profile_id and settings of those whose usual hour begins `ahead_minutes` after the tick."""
    ahead = timedelta(minutes=nearline_settings().rhythm.ahead_minutes)
    first_hour = _hour_of_day(tick.since + ahead)
    hours = (tick.until - tick.since) / timedelta(hours=1)
    inside = F.pmod(usual_hour() - F.lit(first_hour), F.lit(24.0)) < F.lit(hours)
    return profiles.where(inside).select("profile_id", *SETTINGS)


def usual_hour() -> Column:
    """The circular mean of the hours of a profile's plays, 0 to 24 UTC; null without plays."""
    angle = F.atan2("profile_hour_mean_sin", "profile_hour_mean_cos")
    return F.pmod(angle, F.lit(2 * pi)) * (24 / (2 * pi))


def _overlays_of(overlays: DataFrame, wanted: DataFrame, since: datetime) -> DataFrame:
    """The overlays `wanted` by profile and as-of; rows are heavy, so only theirs are moved."""
    title_ids = F.transform("history", _title_id)
    going_on = F.filter("history", lambda entry: _went_on_since(entry, since))
    states = overlays.select(
        "profile_id",
        "as_of",
        *SETTINGS,
        "rows",
        "due_at",
        title_ids.alias("played"),
        F.transform(going_on, _title_id).alias("begun"),
    )
    visits = F.broadcast(wanted.select("profile_id", "as_of", "visit_at", "hour"))
    joined = states.join(visits, ["profile_id", "as_of"])
    due_at = F.coalesce("hour", "due_at").alias("due_at")
    return joined.select("profile_id", *SETTINGS, "rows", "played", "begun", "visit_at", due_at)


def _title_id(entry: Column) -> Column:
    return entry["title_id"]


def _went_on_since(entry: Column, since: datetime) -> Column:
    return (entry["last_at"] > F.lit(since)) & left_to_watch(entry)


def _hour_of_day(instant: datetime) -> float:
    return instant.hour + instant.minute / 60 + instant.second / 3600
