"""What was known of each profile at an instant: its history, its rhythm and its settings.

A new feature is one more aggregate in `by_history`, or in `_by_profile` of a partial in `title_sums`,
which features/continued.py then has to go on with, and its description in
`conf/tables/profile_features.yaml`.
"""

# Tested by tests/features/test_oracle.py.

from datetime import datetime
from math import pi

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.contracts import columns
from conf.days import start_of, window_start
from conf.pages import SETTINGS
from features.asof import days_before, known_records, newest_versions
from features.labels import plays, rating_stars, thumbs
from features.my_list import my_list
from features.resume import PAIR, viewing
from features.sittings import distinct_plays, sitting_starts

ENTRY = (  # of a history, as columns.yaml has them
    "title_id",
    "last_at",
    "plays_count",
    "stars",
    "first_at",
    "thumb",
    "resume_seconds",
    "duration_seconds",
    "finished_count",
    "episode",
    "next_episode",
    "device",
)
PLAY_COUNTS = ("profile_plays_count_7d", "profile_plays_count_30d", "profile_plays_count_all")
WINDOWS = (7, 30)
CLOCK_SUMS = ("micro_sin", "micro_cos", "weekend_plays_count")
MICRO = 1_000_000  # sines are summed as whole millionths, so that row order makes no difference


def profile_features(
    events: DataFrame, profiles: DataFrame, as_of: datetime, only: DataFrame | None = None
) -> DataFrame:
    """One row for each profile that played or was created by `as_of`.

    Columns as in `profile_features`.

    With `only`, of these profile_ids alone, few enough for every worker to hold; of the others
    nothing is computed but which episodes they played, since that tells what the next one is.
    Plays are counted as sittings, by the instant at which they begin. Window counts are plays in UTC
    days ending with the day of `as_of`; hours and weekdays are UTC.
    """
    everybodys_events = known_records(events, as_of)
    if only is not None:
        profile_ids = F.broadcast(only.select("profile_id"))
        events = events.join(profile_ids, "profile_id", "left_semi")
        profiles = profiles.join(profile_ids, "profile_id", "left_semi")
    settings = newest_settings(profiles, as_of)
    log = distinct_plays(known_records(events, as_of))
    partials = by_title(log, everybodys_events, as_of).where("plays_count > 0")
    return with_settings(settings, _by_profile(partials, as_of), my_list(log))


def with_settings(settings: DataFrame, by_profile: DataFrame, lists: DataFrame) -> DataFrame:
    """The features of all who have settings, plays or a list."""
    features = settings.join(by_profile, "profile_id", "full")
    features = features.join(lists, "profile_id", "full")
    features = features.na.fill(dict.fromkeys(PLAY_COUNTS, 0))
    return features.withColumn("history", F.coalesce("history", _no_history()))


def newest_settings(profiles: DataFrame, as_of: datetime) -> DataFrame:
    """The settings of each profile."""
    return newest_versions(profiles, ["profile_id"], as_of).select("profile_id", *SETTINGS)


def by_title(log: DataFrame, everybodys_log: DataFrame, as_of: datetime) -> DataFrame:
    """Partials of (profile, title): what the profile adds up, and how far it came.

    `log` are distinct plays and whatever else was known.
    """
    return title_sums(log, as_of).join(viewing(log, everybodys_log), list(PAIR), "left")


def title_sums(log: DataFrame, as_of: datetime) -> DataFrame:
    """Partials of (profile, title): the history's entries, and sums that the profile adds up."""
    is_play = plays()
    has_stars = rating_stars().isNotNull()
    has_thumb = thumbs().isNotNull()
    log = sitting_starts(log.where(is_play | has_stars | has_thumb))
    played_at = F.when(is_play, F.col("event_at"))
    is_start = F.col("starts_sitting")
    plays_count = F.count(F.when(is_start, 1))
    hour_angle = F.hour("event_at") * (2 * pi / 24)
    micro_sin = F.round(F.sin(hour_angle) * MICRO).cast("bigint")
    micro_cos = F.round(F.cos(hour_angle) * MICRO).cast("bigint")
    at_weekend = F.dayofweek("event_at").isin(1, 7)
    return log.groupBy("profile_id", "title_id").agg(
        F.max(played_at).alias("last_at"),
        F.min(played_at).alias("first_at"),
        plays_count.cast("int").alias("plays_count"),
        _newest_value(rating_stars()).alias("stars"),
        _newest_value(thumbs()).alias("thumb"),
        *(plays_since(as_of, days).alias(f"plays_count_{days}d") for days in WINDOWS),
        F.sum(F.when(is_start, micro_sin)).alias("micro_sin"),
        F.sum(F.when(is_start, micro_cos)).alias("micro_cos"),
        F.count(F.when(is_start & at_weekend, 1)).alias("weekend_plays_count"),
    )


def _by_profile(partials: DataFrame, as_of: datetime) -> DataFrame:
    """The profile's features, summed over the titles that it played."""
    sums = [F.sum(name).alias(name) for name in CLOCK_SUMS]
    counts = [
        F.sum(f"plays_count_{days}d").alias(f"profile_plays_count_{days}d") for days in WINDOWS
    ]
    return with_clock(by_history(partials, as_of, *counts, *sums))


def by_history(entries: DataFrame, as_of: datetime, *more: Column) -> DataFrame:
    """The features that hang on the entries of a profile's history alone, and the history."""
    first_play_age_days = F.max(days_before(as_of, "first_at"))
    last_play_age_days = F.min(days_before(as_of, "last_at"))
    return entries.groupBy("profile_id").agg(
        F.sum("plays_count").alias("profile_plays_count_all"),
        first_play_age_days.alias("profile_first_play_age_days"),
        last_play_age_days.alias("profile_last_play_age_days"),
        _newest_first().alias("history"),
        *more,
    )


def with_clock(features: DataFrame) -> DataFrame:
    """The features with the means of CLOCK_SUMS over a profile's plays in their place."""
    count = F.col("profile_plays_count_all")
    means = {
        "profile_hour_mean_sin": F.col("micro_sin") / count / MICRO,
        "profile_hour_mean_cos": F.col("micro_cos") / count / MICRO,
        "profile_weekend_share": F.col("weekend_plays_count") / count,
    }
    return features.withColumns(means).drop(*CLOCK_SUMS)


def _newest_value(value: Column) -> Column:
    """The value of the newest event that has one."""
    order = F.struct("event_at", "event_id")
    return F.max_by(value, F.when(value.isNotNull(), order))


def _newest_first() -> Column:
    """The entries of a history, by last play and then title."""
    sort_key = (-F.unix_micros("last_at")).alias("order")
    entries = F.sort_array(F.collect_list(F.struct(sort_key, *ENTRY)))

    def without_key(entry: Column) -> Column:
        """The entry without the key that it was sorted by."""
        return F.struct(*(entry[name].alias(name) for name in ENTRY))

    return F.transform(entries, without_key)


def _no_history() -> Column:
    return F.array().cast(columns()["history"].type)


def plays_since(as_of: datetime, days: int) -> Column:
    """How many plays began in so many days that end with the day of `as_of`."""
    first_instant = start_of(window_start(as_of, days))
    inside = F.col("event_at") >= F.lit(first_instant)
    return F.count(F.when(F.col("starts_sitting") & inside, 1))
