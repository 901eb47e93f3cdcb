"""Daily partials: the sums that every window adds up, so that no window rescans the log."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from features.asof import known_records
from features.labels import plays, rating_stars

SUMS = ("plays_count", "watched_seconds_sum", "stars_count", "stars_milli_sum")


def daily_counts(events: DataFrame) -> DataFrame:
    """Plays and stars by the day they were learned (ds), the day they happened, title and country ("" if unknown).

    Keyed by both days, partials stay exact under late data: a record learned late lands in a later `ds`, and the
    partials of earlier days never change. All sums are integers, so they do not depend on the order of rows.
    """
    is_play = plays()
    milli = F.when(rating_stars().isNotNull(), F.round(rating_stars() * 1000).cast("bigint"))
    return (
        events.where(is_play | rating_stars().isNotNull())
        .withColumn("event_day", F.to_date("event_at"))
        .withColumn("country", F.coalesce("country", F.lit("")))
        .groupBy("ds", "event_day", "title_id", "country")
        .agg(
            F.count(F.when(is_play, 1)).alias("plays_count"),
            F.coalesce(F.sum(F.when(is_play, F.col("watched_seconds"))), F.lit(0)).alias(
                "watched_seconds_sum"
            ),
            F.count(milli).alias("stars_count"),
            F.coalesce(F.sum(milli), F.lit(0)).alias("stars_milli_sum"),
        )
    )


def complete_counts(events: DataFrame, stored: DataFrame, as_of: datetime) -> DataFrame:
    """The daily partials up to `as_of`: stored where they are complete, else summed here from the log.

    A day is taken from `stored` only if it counts as many plays and stars as the log does, so that a run needs no
    other day's run before it and a partition left stale by a late landing is not believed.
    """
    by_day = [F.sum("plays_count").alias("p"), F.sum("stars_count").alias("s")]
    have = stored.where(F.col("ds") <= F.lit(as_of.date()))
    log = known_records(events, as_of)
    wanted = log.groupBy("ds").agg(
        F.count(F.when(plays(), 1)).alias("p"), F.count(rating_stars()).alias("s")
    )
    good = have.groupBy("ds").agg(*by_day).join(wanted, ["ds", "p", "s"], "inner").select("ds")
    fresh = daily_counts(log.join(F.broadcast(good), "ds", "left_anti"))
    return have.join(F.broadcast(good), "ds", "left_semi").unionByName(fresh)
