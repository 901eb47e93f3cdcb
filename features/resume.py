"""How far each profile came with each title.

Where to resume it, and which episode is next (N-040, N-609).
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.resumes import viewing_settings
from features.labels import plays

PAIR = ("profile_id", "title_id")
EPISODES_IN_SEASON = 100_000  # more than any season has: S02E05 is number 200005


def left_to_watch(entry: Column) -> Column:
    """Whether a title of a history is half watched, or its next episode is due."""
    next_episode_due = (entry["finished_count"] > 0) & entry["next_episode"].isNotNull()
    return (entry["resume_seconds"] > 0) | next_episode_due


def viewing(log: DataFrame, everybodys_log: DataFrame | None = None) -> DataFrame:
    """One row for each profile and title played in `log`, the distinct plays known at an instant.

    `resume_seconds` into the film or episode played last is where it goes on: 0 at its beginning or
    after its end, null where the log has no watch times. `finished_count` counts a film's ends, or
    the episodes that were finished. `next_episode` is the one to play next where nothing is half
    watched: the known episode after a finished one; null where nobody played a later one yet, so
    that a series without an end in sight is not promised one. Where `log` is cut down to some
    profiles, `everybodys_log` is the whole of it, which tells the episodes that there are.
    """
    sittings = log.where(plays())
    all_sittings = sittings if everybodys_log is None else everybodys_log.where(plays())
    state = F.struct("episode", "number", "position", "duration_seconds", "ends", "device")
    states = (
        _by_episode(sittings)
        .groupBy(*PAIR)
        .agg(
            F.max_by(state, "newest").alias("now"),
            F.sum("finished").alias("finished_count"),
        )
    )
    with_episodes = states.join(F.broadcast(known_episodes(all_sittings)), "title_id", "left")
    return with_episodes.select(
        *PAIR,
        F.col("now.position").alias("resume_seconds"),
        F.col("now.duration_seconds").alias("duration_seconds"),
        F.col("finished_count").cast("int").alias("finished_count"),
        F.col("now.episode").alias("episode"),
        _next_episode().alias("next_episode"),
        F.col("now.device").alias("device"),
    )


def _by_episode(sittings: DataFrame) -> DataFrame:
    """Watch times summed over the sittings of each film or episode.

    `ends` are the whole ends, `position` is what was watched beyond the last one.
    """
    settings = viewing_settings()
    newest = F.struct("event_at", "event_id")
    sums = sittings.groupBy(*PAIR, "episode").agg(
        F.sum("watched_seconds").alias("watched"),
        F.max("duration_seconds").alias("duration_seconds"),
        F.max(newest).alias("newest"),
        F.max_by("device", newest).alias("device"),
    )
    watched, length = F.col("watched"), F.col("duration_seconds")
    ends = F.floor(watched / length + (1 - settings.finished_share))
    beyond = watched - ends * length
    hardly_begun = beyond < settings.least_seconds
    position = F.when(beyond.isNull(), None).when(hardly_begun, 0).otherwise(beyond)
    episode_finished = F.when(ends > 0, 1).when(ends.isNotNull(), 0)
    finished = F.when(F.col("episode").isNull(), ends).otherwise(episode_finished)
    return sums.select(
        *PAIR,
        "episode",
        "newest",
        "duration_seconds",
        "device",
        episode_number(F.col("episode")).alias("number"),
        position.cast("bigint").alias("position"),
        ends.alias("ends"),
        finished.alias("finished"),
    )


def episode_number(label: Column) -> Column:
    """The number of an episode in its series: S02E05 is 200005, a plain 7 is 7.

    Null for other labels.
    """
    season_and_episode = r"(?i)^s(\d{1,4})\s*e(\d{1,5})$"
    season = F.regexp_extract(label, season_and_episode, 1)
    episode = F.regexp_extract(label, season_and_episode, 2)
    plain = F.regexp_extract(label, r"^(\d{1,9})$", 1)
    first_of_season = season.try_cast("bigint") * EPISODES_IN_SEASON
    with_season = F.when(season != "", first_of_season + episode.try_cast("bigint"))
    return with_season.otherwise(F.when(plain != "", plain.try_cast("bigint")))


def known_episodes(sittings: DataFrame) -> DataFrame:
    """The episodes of each series that anybody played, in their order.

    They are few, so they are sent to every worker.
    """
    # the number's condition says this too, but only this one lets files without episodes be skipped
    of_series = sittings.where(F.col("episode").isNotNull())
    number = episode_number(F.col("episode")).alias("number")
    numbered = of_series.select("title_id", number, "episode")
    numbered = numbered.where(F.col("number").isNotNull()).distinct()
    in_order = F.array_sort(F.collect_set(F.struct("number", "episode")))
    return numbered.groupBy("title_id").agg(in_order.alias("known"))


def _next_episode() -> Column:
    """After a finished episode the first known one with a greater number.

    The same episode again where it was hardly begun.
    """
    later = F.filter("known", lambda episode: episode["number"] > F.col("now.number"))
    first_later = F.get(later, F.lit(0))["episode"]
    following = F.when(F.col("now.ends") > 0, first_later).otherwise(F.col("now.episode"))
    nothing_half_watched = (F.col("now.position") == 0) & (F.col("finished_count") > 0)
    return F.when(nothing_half_watched, following)
