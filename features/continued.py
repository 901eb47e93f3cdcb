"""What was known of each profile at the end of a day, from the end of the day before.

Equal to `profile_features` of the whole log. What is new touches pairs of profile and title; these
are computed again from all their records, so that late ones, corrections and sittings over midnight
need no rules of their own. Of all other pairs the history stays as it was. Windows are counted anew
from the days that they reach.
"""

# Tested by tests/features/test_continued.py.

from datetime import datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.days import start_of, window_start
from conf.resumes import viewing_settings
from features.asof import known_records
from features.labels import plays
from features.my_list import listed, my_list
from features.profile import (
    CLOCK_SUMS,
    ENTRY,
    MICRO,
    WINDOWS,
    by_history,
    by_title,
    newest_settings,
    plays_since,
    title_sums,
    with_clock,
    with_settings,
)
from features.resume import PAIR, known_episodes
from features.sittings import distinct_plays, sitting_starts


def continued_features(
    events: DataFrame, profiles: DataFrame, stored: DataFrame, before: datetime, as_of: datetime
) -> DataFrame:
    """One row for each profile that played or was created by `as_of`, as `profile_features` has them.

    `stored` are the features as of the end of the day `before`, made of the same log.
    """
    log = known_records(events, as_of)
    is_new = (F.col("known_at") > F.lit(before)) | (F.col("event_at") > F.lit(before))
    entries = stored.select("profile_id", F.inline("history"))
    touched = log.where(is_new).select(*PAIR)
    touched = touched.union(_of_new_episodes(entries, log, log.where(is_new), before)).distinct()
    touched = touched.persist()
    pair_log = log.join(touched, list(PAIR), "left_semi").persist()
    pairs = by_title(distinct_plays(pair_log), log, as_of).where("plays_count > 0").persist()
    pairs_before = title_sums(distinct_plays(known_records(pair_log, before)), before)
    untouched = entries.join(touched, list(PAIR), "left_anti")
    history = by_history(untouched.unionByName(pairs.select("profile_id", *ENTRY)), as_of)
    sums = _clock_sums(stored, pairs, pairs_before.where("plays_count > 0"))
    features = history.join(sums, "profile_id").join(_windows(log, as_of), "profile_id", "left")
    return with_settings(
        newest_settings(profiles, as_of),
        with_clock(features),
        _lists(stored, touched, my_list(distinct_plays(pair_log))),
    )


def _of_new_episodes(
    entries: DataFrame, log: DataFrame, new: DataFrame, before: datetime
) -> DataFrame:
    """The pairs of titles of which new records told an episode that nobody had played before.

    The next episode of whoever played such a title may be another one now.
    """
    title_ids = new.where(plays() & F.col("episode").isNotNull()).select("title_id").distinct()
    of_titles = log.join(F.broadcast(title_ids), "title_id", "left_semi").where(plays())
    now = known_episodes(of_titles)
    then = known_episodes(known_records(of_titles, before)).withColumnRenamed("known", "then")
    is_other = ~F.col("known").eqNullSafe(F.col("then"))
    changed = now.join(then, "title_id", "left").where(is_other).select("title_id")
    return entries.join(F.broadcast(changed), "title_id", "left_semi").select(*PAIR)


def _clock_sums(stored: DataFrame, pairs: DataFrame, pairs_before: DataFrame) -> DataFrame:
    """CLOCK_SUMS of each profile: as they were, less what the touched pairs had, and what they have.

    Sums are whole numbers, which their stored means give back.
    """
    count = F.col("profile_plays_count_all")

    def whole(name: str, unit: int) -> Column:
        """A sum from its mean."""
        return F.round(F.col(name) * count * unit).cast("bigint")

    as_they_were = stored.select(
        "profile_id",
        whole("profile_hour_mean_sin", MICRO).alias("micro_sin"),
        whole("profile_hour_mean_cos", MICRO).alias("micro_cos"),
        whole("profile_weekend_share", 1).alias("weekend_plays_count"),
    )
    less = pairs_before.select("profile_id", *((-F.col(name)).alias(name) for name in CLOCK_SUMS))
    parts = as_they_were.unionByName(less).unionByName(pairs.select("profile_id", *CLOCK_SUMS))
    return parts.groupBy("profile_id").agg(*(F.sum(name).alias(name) for name in CLOCK_SUMS))


def _windows(log: DataFrame, as_of: datetime) -> DataFrame:
    """Plays in the last days, from the records of these days and of one sitting's gap before."""
    gap = timedelta(hours=viewing_settings().sitting_gap_hours)
    since = start_of(window_start(as_of, max(WINDOWS))) - gap
    recent = log.where(plays() & (F.col("event_at") >= F.lit(since)))
    starts = sitting_starts(distinct_plays(recent))
    counts = [plays_since(as_of, days).alias(f"profile_plays_count_{days}d") for days in WINDOWS]
    return starts.groupBy("profile_id").agg(*counts)


def _lists(stored: DataFrame, touched: DataFrame, lists: DataFrame) -> DataFrame:
    """The lists as they were, but for what the touched pairs say of them now."""
    as_they_were = stored.select("profile_id", F.inline("my_list"))
    untouched = as_they_were.join(touched, list(PAIR), "left_anti")
    return listed(untouched.unionByName(lists.select("profile_id", F.inline("my_list"))))
