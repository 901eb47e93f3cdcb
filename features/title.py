"""What was known of each title at a moment."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.windows import COUNT_WINDOWS, PRIOR_STARS, TREND_DAYS
from features.asof import days_before, newest_versions
from features.trend import country_plays, earlier, in_season, trend, window_sum


def title_features(counts: DataFrame, titles: DataFrame, as_of: datetime) -> DataFrame:
    """One row for each title of the catalogue known at `as_of`, played or not; columns as in `title_features`.

    `counts` are complete daily partials up to `as_of`; windows are UTC days that end with the day of `as_of`.
    """
    sums = _sums(counts, as_of).join(country_plays(counts, as_of), "title_id")
    catalogue = newest_versions(titles, ["title_id"], as_of).select(
        "title_id", "year", "launched_at"
    )
    overall = counts.agg(
        (F.try_divide(F.sum("stars_milli_sum"), F.sum("stars_count")) / 1000).alias("overall")
    )
    joined = catalogue.join(sums, "title_id", "left").crossJoin(F.broadcast(overall))
    counts_named = (*(f"title_plays_count_{w}d" for w in COUNT_WINDOWS), "title_plays_count_all")
    joined = joined.na.fill(0, [*counts_named, "_count_35d", "stars_count", "stars_milli_sum"])
    return joined.select(
        "title_id",
        *counts_named,
        trend("title_plays_count_7d", "_count_35d", 4).alias("title_trend_7d"),
        trend("title_plays_count_30d", "title_plays_count_90d", 2).alias("title_trend_30d"),
        _days_since(as_of, "first_day").alias("title_first_play_age_days"),
        _days_since(as_of, "last_day").alias("title_last_play_age_days"),
        days_before(as_of, "launched_at").alias("title_launch_age_days"),
        (F.lit(as_of.year) - F.col("year")).cast("double").alias("title_year_age"),
        F.when(F.col("earlier") > 0, F.col("seasonal") / F.col("earlier")).alias(
            "title_season_share"
        ),
        _shrunk_stars().alias("title_stars_mean"),
        F.col("stars_count").alias("title_stars_count"),
        "country_plays",
    )


def _sums(counts: DataFrame, as_of: datetime) -> DataFrame:
    day, n = F.col("event_day"), F.col("plays_count")
    windows = [window_sum(as_of, w).alias(f"title_plays_count_{w}d") for w in COUNT_WINDOWS]
    return counts.groupBy("title_id").agg(
        *windows,
        window_sum(as_of, TREND_DAYS).alias("_count_35d"),
        F.sum(n).alias("title_plays_count_all"),
        F.min(F.when(n > 0, day)).alias("first_day"),
        F.max(F.when(n > 0, day)).alias("last_day"),
        F.sum(F.when(earlier(as_of), n).otherwise(0)).alias("earlier"),
        F.sum(F.when(earlier(as_of) & in_season(as_of), n).otherwise(0)).alias("seasonal"),
        F.sum("stars_count").alias("stars_count"),
        F.sum("stars_milli_sum").alias("stars_milli_sum"),
    )


def _days_since(as_of: datetime, day: str) -> Column:
    return F.datediff(F.lit(as_of.date()), F.col(day)).cast("double")


def _shrunk_stars() -> Column:
    total = F.col("stars_milli_sum") / 1000 + F.col("overall") * PRIOR_STARS
    return total / (F.col("stars_count") + PRIOR_STARS)
