"""Daily partials: the sums that every window adds up, so that no window rescans the log.

The partials of a day say what was new on it: who came to count for a title as far as the log was
known by its end. They depend on no other partials, so that days can be built in any order.
"""

# Tested by tests/features/test_oracle.py and tests/features/test_daily.py.

from collections.abc import Collection
from datetime import date, datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from conf.resumes import popularity_settings, viewing_settings
from features.asof import known_records
from features.labels import plays, rating_stars
from features.resume import PAIR

KEY = ("ds", "event_day", "title_id", "country")
SUMS = ("plays_count", "newcomers_count", "records_count", "stars_count", "stars_milli_sum")


def daily_counts(log: DataFrame, days: Collection[date] | None = None) -> DataFrame:
    """Plays and stars by the day they were learned (ds), the day they happened, title and country.

    Of the days `ds` in `days`, else of all days of the log. `log` goes back to its first record. A
    record that was learned before it happened is of the day on which it happened. The country is ""
    where it is unknown. Keyed by both days, partials stay exact under late data: a record learned
    late changes a later `ds` alone. All sums are integers, so the order of rows makes no difference.

    A title counts for a profile at most once in `count_days`; see `_first_plays`. Of a profile's
    stars for a title the newest count: where newer ones are learned, those before are taken off.
    """
    counted = _counted_records(log)
    return _partials(counted, _held(_log_by_day(counted)), days)


def complete_counts(events: DataFrame, stored: DataFrame, as_of: datetime) -> DataFrame:
    """The daily partials up to `as_of`: stored where they are complete, else summed from the log.

    A day is taken from `stored` only if the log up to its end had as many records when it was
    built, so that a run needs no other day's run before it and a partition left stale by a late
    landing is not believed, nor one built on the days before it as they were.
    """
    counted = _counted_records(known_records(events, as_of))
    until_day = _held(_log_by_day(counted))
    log_counts = until_day.select("ds", "log_count")
    stored_counts = stored.select("ds", "log_count").distinct()
    complete = _days_of(stored_counts.join(log_counts, ["ds", "log_count"]))
    missing = _days_of(log_counts) - complete
    fresh = _partials(counted, until_day, missing)
    return stored.where(F.col("ds").isin(*complete)).unionByName(fresh)


def learned_on() -> Column:
    """The day by whose end an event had happened and was known."""
    return F.greatest(F.col("ds"), F.to_date("event_at"))


def _partials(counted: DataFrame, until_day: DataFrame, days: Collection[date] | None) -> DataFrame:
    """The partials of `daily_counts`; `until_day` comes from `_log_by_day`.

    What is new on a day of a profile and a title hangs on the records of these two alone, but for
    newcomers, who are told by all that the profile played.
    """
    played = counted.where(plays())
    if days is not None:
        of_days = counted.where(F.col("ds").isin(*days))
        counted = counted.join(of_days.select(*PAIR).distinct(), list(PAIR), "left_semi")
        profile_ids = of_days.select("profile_id").distinct()
        played = played.join(profile_ids, "profile_id", "left_semi")
    records = counted.where(plays()).select(*KEY, F.lit(1).alias("records_count"))
    days_played = played.groupBy("profile_id", "event_day").agg(F.min("ds").alias("ds"))
    first_plays = _first_plays(counted, days_played, until_day)
    parts = records.unionByName(first_plays, allowMissingColumns=True)
    parts = parts.unionByName(_newest_stars(counted), allowMissingColumns=True)
    if days is not None:
        parts = parts.where(F.col("ds").isin(*days))
    sums = [F.coalesce(F.sum(name), F.lit(0)).cast("bigint").alias(name) for name in SUMS]
    partials = parts.groupBy(*KEY).agg(*sums)
    log_count = F.broadcast(until_day.select("ds", "log_count"))
    return partials.join(log_count, "ds").select(*KEY, *SUMS, "log_count")


def _held(days: DataFrame) -> DataFrame:
    """The same few rows, one for each day, as the driver holds them.

    What follows joins them many times, and a plan that reads the log again for each of these joins
    takes longer to be made than to be run.
    """
    return days.sparkSession.createDataFrame(days.toArrow(), days.schema)


def _days_of(frame: DataFrame) -> set[date]:
    return {row["ds"] for row in frame.select("ds").collect()}


def _counted_records(log: DataFrame) -> DataFrame:
    """The plays and stars of a log, with the days and the country that they count for."""
    counted = log.where(plays() | rating_stars().isNotNull())
    country = F.coalesce("country", F.lit(""))
    days = {"ds": learned_on(), "event_day": F.to_date("event_at")}
    return counted.withColumns(days | {"country": country})


def _log_by_day(counted: DataFrame) -> DataFrame:
    """Of each day `log_count`, the records known by its end, and `began_on`, the log's first day."""
    by_day = counted.groupBy("ds").agg(
        F.count("*").alias("records"), F.min("event_day").alias("first_day")
    )
    until_day = Window.orderBy("ds").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    return by_day.select(
        "ds",
        F.sum("records").over(until_day).alias("log_count"),
        F.min("first_day").over(until_day).alias("began_on"),
    )


def _first_plays(counted: DataFrame, days_played: DataFrame, until_day: DataFrame) -> DataFrame:
    """KEY and `plays_count` or `newcomers_count`, 1 for each profile, title and `count_days`.

    Each profile has its own spans of `count_days` days, so that they do not all begin on one day.
    The play learned first counts; of those learned on one day the earliest. A play that goes on
    with a sitting, told in the hours before it, does not begin another span. A newcomer is a
    profile of which no play was known that was `newcomer_days` older, unless the log itself was
    younger than that. `days_played` are all days on which the profiles played, with the first day
    `ds` by which that was known.
    """
    settings = popularity_settings()
    day_number = F.datediff("event_day", F.lit("1970-01-01"))
    hour_number = F.floor(F.col("event_at").cast("bigint") / 3600)
    hours = (
        counted.where(plays())
        .groupBy("profile_id", "title_id", hour_number.alias("hour"), "ds")
        .agg(F.min(F.struct("event_at", "country")).alias("first"))
        .select("profile_id", "title_id", "hour", "ds", "first.*")
        .withColumn("event_day", F.to_date("event_at"))
    )
    gap = viewing_settings().sitting_gap_hours
    pair = Window.partitionBy(*PAIR)
    hours_before = pair.orderBy("hour").rangeBetween(-gap, -1)
    everything = Window.partitionBy("profile_id").orderBy(day_number)
    long_before = everything.rangeBetween(Window.unboundedPreceding, -settings.newcomer_days)
    goes_on = F.min("ds").over(hours_before) <= F.col("ds")
    established = F.min("ds").over(long_before) <= F.col("ds")
    hours = hours.withColumn("goes_on", goes_on)
    hours = hours.unionByName(days_played, allowMissingColumns=True)
    hours = hours.withColumn("established", established).where(F.col("title_id").isNotNull())
    phase = F.pmod(F.crc32(F.col("profile_id").cast("binary")), F.lit(settings.count_days))
    span = F.floor((day_number + phase) / settings.count_days)
    in_span = Window.partitionBy(*PAIR, span).orderBy("ds", "event_at")
    starts = hours.where(~F.coalesce("goes_on", F.lit(False)))
    first = starts.withColumn("_place", F.row_number().over(in_span)).where("_place = 1")
    first = first.join(F.broadcast(until_day), "ds")
    log_age = F.datediff("event_day", "began_on")
    newcomer = ~F.coalesce("established", F.lit(False)) & (log_age >= settings.newcomer_days)
    return first.select(
        *KEY,
        (~newcomer).cast("int").alias("plays_count"),
        newcomer.cast("int").alias("newcomers_count"),
    )


def _newest_stars(counted: DataFrame) -> DataFrame:
    """KEY, `stars_count` and `stars_milli_sum`: stars on the day they were learned, and off again.

    They are taken off on the day on which newer ones of the same profile and title were learned.
    """
    stars_milli = F.round(rating_stars() * 1000).cast("bigint")
    newest_first = [F.col(name).desc() for name in ("event_at", "known_at", "event_id")]
    newer = Window.partitionBy("profile_id", "title_id").orderBy(*newest_first)
    newer = newer.rowsBetween(Window.unboundedPreceding, -1)
    rated = counted.where(rating_stars().isNotNull())
    rated = rated.withColumns({"milli": stars_milli, "off": F.min("ds").over(newer)})
    rated = rated.where(F.col("off").isNull() | (F.col("off") > F.col("ds")))
    changes = F.array(_change("ds", 1), F.when(F.col("off").isNotNull(), _change("off", -1)))
    rows = rated.select("event_day", "title_id", "country", F.explode(changes).alias("change"))
    return rows.where(F.col("change").isNotNull()).select(
        "event_day", "title_id", "country", "change.*"
    )


def _change(day: str, sign: int) -> Column:
    return F.struct(
        F.col(day).alias("ds"),
        F.lit(sign).alias("stars_count"),
        (F.col("milli") * sign).alias("stars_milli_sum"),
    )
