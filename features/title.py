"""What was known of each title at an instant.

A new feature is one more column in `title_features` (of a sum in `_sums`, where it needs one) and
its description in `conf/tables/title_features.yaml`.
"""

# Tested by tests/features/test_oracle.py.

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.days import COUNT_WINDOWS, PRIOR_STARS, TREND_DAYS
from features.asof import days_before, newest_versions
from features.newcomers import bounded_counts
from features.trend import country_plays, earlier, in_season, trend, window_sum

PLAY_COUNTS = (*(f"title_plays_count_{w}d" for w in COUNT_WINDOWS), "title_plays_count_all")
SUSPECT_COUNTS = (  # for the audit: what was told, and what the bound on newcomers left out
    "records_count_1d",
    "newcomers_count_1d",
    "uncounted_count_1d",
    "uncounted_count_7d",
)
ZERO_WITHOUT_PLAYS = (
    *PLAY_COUNTS,
    *SUSPECT_COUNTS,
    "trend_count",
    "stars_count",
    "stars_milli_sum",
)


def title_features(counts: DataFrame, titles: DataFrame, as_of: datetime) -> DataFrame:
    """One row for each title known at `as_of`, played or not; columns as in `title_features`.

    `counts` are complete daily partials up to `as_of`; windows are UTC days that end with the day
    of `as_of`. Of each day newcomers count only so far as `bounded_counts` lets them.
    """
    counts = bounded_counts(counts)
    sums = _sums(counts, as_of).join(country_plays(counts, as_of), "title_id")
    newest = newest_versions(titles, ["title_id"], as_of)
    catalogue = newest.select("title_id", "year", "launched_at")
    mean_milli = F.try_divide(F.sum("stars_milli_sum"), F.sum("stars_count"))
    mean_stars = mean_milli / 1000
    overall = counts.agg(mean_stars.alias("overall"))
    joined = catalogue.join(sums, "title_id", "left").crossJoin(F.broadcast(overall))
    joined = joined.na.fill(0, list(ZERO_WITHOUT_PLAYS))
    year_age = F.lit(as_of.year) - F.col("year")
    season_share = F.when(F.col("earlier") > 0, F.col("seasonal") / F.col("earlier"))
    return joined.select(
        "title_id",
        *PLAY_COUNTS,
        trend("title_plays_count_7d", "trend_count", 4).alias("title_trend_7d"),
        trend("title_plays_count_30d", "title_plays_count_90d", 2).alias("title_trend_30d"),
        _days_since(as_of, "first_day").alias("title_first_play_age_days"),
        _days_since(as_of, "last_day").alias("title_last_play_age_days"),
        days_before(as_of, "launched_at").alias("title_launch_age_days"),
        year_age.cast("double").alias("title_year_age"),
        season_share.alias("title_season_share"),
        _shrunk_stars().alias("title_stars_mean"),
        F.col("stars_count").alias("title_stars_count"),
        "country_plays",
        *SUSPECT_COUNTS,
    )


def _sums(counts: DataFrame, as_of: datetime) -> DataFrame:
    """The partials of each title, added up."""
    count = F.col("plays_count")
    day_with_plays = F.when(F.col("records_count") > 0, F.col("event_day"))
    is_earlier = earlier(as_of)
    is_seasonal = is_earlier & in_season(as_of)
    earlier_plays = F.when(is_earlier, count).otherwise(0)
    seasonal_plays = F.when(is_seasonal, count).otherwise(0)
    windows = [window_sum(as_of, w).alias(f"title_plays_count_{w}d") for w in COUNT_WINDOWS]
    return counts.groupBy("title_id").agg(
        *windows,
        window_sum(as_of, 1, "records_count").alias("records_count_1d"),
        window_sum(as_of, 1, "newcomers_count").alias("newcomers_count_1d"),
        window_sum(as_of, 1, "uncounted_count").alias("uncounted_count_1d"),
        window_sum(as_of, 7, "uncounted_count").alias("uncounted_count_7d"),
        window_sum(as_of, TREND_DAYS).alias("trend_count"),
        F.sum(count).alias("title_plays_count_all"),
        F.min(day_with_plays).alias("first_day"),
        F.max(day_with_plays).alias("last_day"),
        F.sum(earlier_plays).alias("earlier"),
        F.sum(seasonal_plays).alias("seasonal"),
        F.sum("stars_count").alias("stars_count"),
        F.sum("stars_milli_sum").alias("stars_milli_sum"),
    )


def _days_since(as_of: datetime, day: str) -> Column:
    return F.datediff(F.lit(as_of.date()), F.col(day)).cast("double")


def _shrunk_stars() -> Column:
    """The mean of a title's stars with PRIOR_STARS ratings of the overall mean added."""
    stars_sum = F.col("stars_milli_sum") / 1000
    prior_sum = F.col("overall") * PRIOR_STARS
    ratings_count = F.col("stars_count") + PRIOR_STARS
    return (stars_sum + prior_sum) / ratings_count
