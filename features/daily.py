"""Daily partials: the sums that every window adds up, so that no window rescans the log."""

# Tested by tests/features/test_oracle.py.

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from features.asof import known_records
from features.labels import plays, rating_stars


def daily_counts(events: DataFrame) -> DataFrame:
    """Plays and stars by the day they were learned (ds), the day they happened, title and country.

    The country is "" where it is unknown. Keyed by both days, partials stay exact under late data:
    a record learned late lands in a later `ds`, and the partials of earlier days never change. All
    sums are integers, so they do not depend on the order of rows.
    """
    is_play = plays()
    has_stars = rating_stars().isNotNull()
    stars_milli = F.when(has_stars, F.round(rating_stars() * 1000).cast("bigint"))
    watched_seconds = F.sum(F.when(is_play, F.col("watched_seconds")))
    counted = events.where(is_play | has_stars)
    counted = counted.withColumn("event_day", F.to_date("event_at"))
    counted = counted.withColumn("country", F.coalesce("country", F.lit("")))
    return counted.groupBy("ds", "event_day", "title_id", "country").agg(
        F.count(F.when(is_play, 1)).alias("plays_count"),
        F.coalesce(watched_seconds, F.lit(0)).alias("watched_seconds_sum"),
        F.count(stars_milli).alias("stars_count"),
        F.coalesce(F.sum(stars_milli), F.lit(0)).alias("stars_milli_sum"),
    )


def complete_counts(events: DataFrame, stored: DataFrame, as_of: datetime) -> DataFrame:
    """The daily partials up to `as_of`: stored where they are complete, else summed from the log.

    A day is taken from `stored` only if it counts as many plays and stars as the log does, so that
    a run needs no other day's run before it and a partition left stale by a late landing is not
    believed.
    """
    log = known_records(events, as_of)
    log_sums = log.groupBy("ds").agg(
        F.count(F.when(plays(), 1)).alias("plays"), F.count(rating_stars()).alias("stars")
    )
    stored = stored.where(F.col("ds") <= F.lit(as_of.date()))
    stored_sums = stored.groupBy("ds").agg(
        F.sum("plays_count").alias("plays"), F.sum("stars_count").alias("stars")
    )
    complete = stored_sums.join(log_sums, ["ds", "plays", "stars"], "inner").select("ds")
    complete_days = F.broadcast(complete)
    fresh = daily_counts(log.join(complete_days, "ds", "left_anti"))
    return stored.join(complete_days, "ds", "left_semi").unionByName(fresh)
