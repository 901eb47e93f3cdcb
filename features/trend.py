"""Trends of titles: short windows against the title's own baseline before them (N-030 to N-032)."""

# Tested by tests/features/test_oracle.py.

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.days import (
    EARLIER_DAYS,
    SEASON_DAYS,
    TREND_DAYS,
    TREND_WINDOWS,
    YEAR_DAYS,
    start_of,
    window_start,
)
from features.asof import known_records
from features.labels import plays


def trend(recent: str, longer: str, ratio: float) -> Column:
    """log((recent + 1) / (baseline + 1)), with baseline = (longer - recent) / ratio.

    `recent` and `longer` name count columns of nested windows that end together; `ratio` is how
    many recent windows the rest of the longer one holds, so that the baseline is scaled to the
    recent window. Above 0 is rising; adding one keeps rare titles near 0.
    """
    baseline = (F.col(longer) - F.col(recent)) / F.lit(ratio)
    return F.log((F.col(recent) + 1.0) / (baseline + 1.0))


def country_plays(counts: DataFrame, as_of: datetime) -> DataFrame:
    """title_id and `country_plays`: an entry for each country that the title was played in.

    `counts` are those of `bounded_counts`; windows are UTC days that end with the day of `as_of`.
    `plays_before` are those of the 28 days before the last 7, `season_plays` those of
    `earlier_plays` that fell in this season.
    """
    count = F.col("plays_count")
    is_earlier = earlier(as_of)
    is_seasonal = is_earlier & in_season(as_of)
    window_names = [f"plays_{days}d" for days in TREND_WINDOWS]
    windows = [window_sum(as_of, days).alias(f"plays_{days}d") for days in TREND_WINDOWS]
    plays_before = window_sum(as_of, TREND_DAYS) - window_sum(as_of, TREND_WINDOWS[-1])
    sums = counts.groupBy("title_id", "country").agg(
        *windows,
        plays_before.alias("plays_before"),
        F.sum(F.when(is_seasonal, count).otherwise(0)).alias("season_plays"),
        F.sum(F.when(is_earlier, count).otherwise(0)).alias("earlier_plays"),
    )
    entry = F.struct("country", *window_names, "plays_before", "season_plays", "earlier_plays")
    by_country = F.array_sort(F.collect_list(entry))
    return sums.groupBy("title_id").agg(by_country.alias("country_plays"))


def window_sum(as_of: datetime, days: int, count: str = "plays_count") -> Column:
    """Plays, or another count, of the window of `days` UTC days that ends with the day of `as_of`."""
    inside = F.col("event_day") >= F.lit(window_start(as_of, days))
    return F.sum(F.when(inside, F.col(count)).otherwise(0))


def earlier(as_of: datetime) -> Column:
    """Whether a partial is of an earlier year's season: at least 300 days old."""
    return F.col("event_day") < F.lit(window_start(as_of, EARLIER_DAYS))


def in_season(as_of: datetime) -> Column:
    """Whether a partial's day of the year is within 15 days of that of `as_of`."""
    apart = F.abs(F.dayofyear("event_day") - as_of.timetuple().tm_yday)
    return F.least(apart, F.lit(YEAR_DAYS) - apart) <= SEASON_DAYS


def learning_lag_hours(events: DataFrame, as_of: datetime, share: float) -> DataFrame:
    """`hours`, in one row: the delay after which `share` of a week's plays were learned (N-032).

    A daily page cannot show a trend younger than this lag and the time until the next page
    together.
    """
    since = start_of(window_start(as_of, TREND_WINDOWS[-1]))
    recent = known_records(events, as_of).where(plays() & (F.col("event_at") >= F.lit(since)))
    lag = F.col("known_at").cast("double") - F.col("event_at").cast("double")
    return recent.agg((F.percentile(lag, F.lit(share)) / 3600).alias("hours"))
