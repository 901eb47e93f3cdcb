"""What was known of each profile at a moment: its history, its rhythm and its settings."""

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
MICRO = 1_000_000  # sines are summed as whole millionths, so that a sum does not depend on the order of rows


def profile_features(
    events: DataFrame, profiles: DataFrame, as_of: datetime, only: DataFrame | None = None
) -> DataFrame:
    """One row for each profile that played or was made by `as_of`; columns as in `profile_features`.

    With `only`, of these profile_ids alone, few enough for every worker to hold; of the others nothing is computed but
    which episodes they played, since that tells what the next one is.
    Window counts are plays in UTC days ending with the day of `as_of`; hours and weekdays are UTC.
    """
    everybodys = known_records(events, as_of)
    if only is not None:
        theirs = F.broadcast(only.select("profile_id"))
        events, profiles = (
            log.join(theirs, "profile_id", "left_semi") for log in (events, profiles)
        )
    settings = newest_versions(profiles, ["profile_id"], as_of).select("profile_id", *SETTINGS)
    log = known_records(events, as_of)
    rhythm = _by_profile(
        _by_title(log, as_of).join(viewing(log, everybodys), list(PAIR), "left"), as_of
    )
    return (
        settings.join(rhythm, "profile_id", "full")
        .join(my_list(log), "profile_id", "full")
        .na.fill(
            {
                "profile_plays_count_7d": 0,
                "profile_plays_count_30d": 0,
                "profile_plays_count_all": 0,
            }
        )
        .withColumn("history", F.coalesce("history", _no_history()))
    )


def _by_title(log: DataFrame, as_of: datetime) -> DataFrame:
    """Partials of (profile, title): the history's entries, and sums that the profile adds up."""
    log = log.where(plays() | rating_stars().isNotNull() | thumbs().isNotNull())
    at, is_play = F.col("event_at"), plays()
    hour = F.hour("event_at") * (2 * pi / 24)
    return log.groupBy("profile_id", "title_id").agg(
        F.max(F.when(is_play, at)).alias("last_at"),
        F.min(F.when(is_play, at)).alias("first_at"),
        F.count(F.when(is_play, 1)).cast("int").alias("plays_count"),
        F.max_by(
            rating_stars(), F.when(rating_stars().isNotNull(), F.struct("event_at", "event_id"))
        ).alias("stars"),
        F.max_by(thumbs(), F.when(thumbs().isNotNull(), F.struct("event_at", "event_id"))).alias(
            "thumb"
        ),
        _count_since(as_of, 7).alias("n7"),
        _count_since(as_of, 30).alias("n30"),
        F.sum(F.when(is_play, F.round(F.sin(hour) * MICRO).cast("bigint"))).alias("sin"),
        F.sum(F.when(is_play, F.round(F.cos(hour) * MICRO).cast("bigint"))).alias("cos"),
        F.count(F.when(is_play & F.dayofweek(at).isin(1, 7), 1)).alias("weekend"),
    )


def _by_profile(partials: DataFrame, as_of: datetime) -> DataFrame:
    played = partials.where("plays_count > 0")
    n = F.sum("plays_count")
    return played.groupBy("profile_id").agg(
        F.sum("n7").alias("profile_plays_count_7d"),
        F.sum("n30").alias("profile_plays_count_30d"),
        n.alias("profile_plays_count_all"),
        F.max(days_before(as_of, "first_at")).alias("profile_first_play_age_days"),
        F.min(days_before(as_of, "last_at")).alias("profile_last_play_age_days"),
        (F.sum("sin") / n / MICRO).alias("profile_hour_mean_sin"),
        (F.sum("cos") / n / MICRO).alias("profile_hour_mean_cos"),
        (F.sum("weekend") / n).alias("profile_weekend_share"),
        _newest_first().alias("history"),
    )


def _newest_first() -> Column:
    entry = F.struct((-F.unix_micros("last_at")).alias("order"), *ENTRY)
    return F.transform(
        F.sort_array(F.collect_list(entry)),
        lambda e: F.struct(*(e[name].alias(name) for name in ENTRY)),
    )


def _no_history() -> Column:
    return F.array().cast(columns()["history"].type)


def _count_since(as_of: datetime, days: int) -> Column:
    inside = F.col("event_at") >= F.lit(start_of(window_start(as_of, days)))
    return F.count(F.when(plays() & inside, 1))
