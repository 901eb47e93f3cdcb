"""How far each profile came with each title: where it would go on, and which episode comes next (N-040, N-609)."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.viewing import viewing_settings
from features.labels import plays

PAIR = ("profile_id", "title_id")


def left_to_watch(entry: Column) -> Column:
    """Whether something of a title of a history is left to go on with: half watched, or the next episode is due."""
    return (entry["resume_seconds"] > 0) | (
        (entry["finished_count"] > 0) & entry["next_episode"].isNotNull()
    )


def viewing(log: DataFrame, everybodys: DataFrame | None = None) -> DataFrame:
    """One row for each profile and title played in `log`, which holds what was known at a moment.

    `resume_seconds` into the film or episode played last is where it goes on: 0 at its beginning or after its end,
    null where the log has no watch times. `finished_count` counts a film's ends, or the episodes that were finished.
    `next_episode` is the one to play next where nothing is half watched: the known episode after a finished one; null
    where nobody played a later one yet, so that a series without an end in sight is not promised one. Where `log` is
    cut down to some profiles, `everybodys` is the whole of it, which tells the episodes that there are.
    """
    sittings = log.where(plays())
    now = F.max_by(
        F.struct("episode", "number", "position", "duration_seconds", "ends", "device"), "newest"
    )
    state = (
        _by_episode(sittings)
        .groupBy(*PAIR)
        .agg(now.alias("now"), F.sum("finished").alias("finished_count"))
    )
    known = state.join(
        F.broadcast(_known_episodes(sittings if everybodys is None else everybodys.where(plays()))),
        "title_id",
        "left",
    )
    return known.select(
        *PAIR,
        F.col("now.position").alias("resume_seconds"),
        F.col("now.duration_seconds").alias("duration_seconds"),
        F.col("finished_count").cast("int").alias("finished_count"),
        F.col("now.episode").alias("episode"),
        _next_episode().alias("next_episode"),
        F.col("now.device").alias("device"),
    )


def _by_episode(sittings: DataFrame) -> DataFrame:
    """Watch times summed over the sittings of each film or episode: whole ends, and what lies behind the last one."""
    settings = viewing_settings()
    watched, length = F.col("watched"), F.col("duration_seconds")
    ends = F.floor(watched / length + (1 - settings.finished_share))
    behind = watched - ends * length
    position = (
        F.when(behind.isNull(), None).when(behind < settings.least_seconds, 0).otherwise(behind)
    )
    sums = sittings.groupBy(*PAIR, "episode").agg(
        F.sum("watched_seconds").alias("watched"),
        F.max("duration_seconds").alias("duration_seconds"),
        F.max(F.struct("event_at", "event_id")).alias("newest"),
        F.max_by("device", F.struct("event_at", "event_id")).alias("device"),
    )
    finished = F.when(F.col("episode").isNull(), ends).otherwise(
        F.when(ends > 0, 1).when(ends.isNotNull(), 0)
    )
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
    """Where an episode stands in its series: S02E05 is 200005, a plain 7 is 7; null for any other label."""
    season, episode = (
        F.regexp_extract(label, r"(?i)^s(\d{1,4})\s*e(\d{1,5})$", group) for group in (1, 2)
    )
    plain = F.regexp_extract(label, r"^(\d{1,9})$", 1)
    number = F.when(season != "", season.try_cast("bigint") * 100_000 + episode.try_cast("bigint"))
    return number.otherwise(F.when(plain != "", plain.try_cast("bigint")))


def _known_episodes(sittings: DataFrame) -> DataFrame:
    """The episodes of each series that anybody played, in their order; few, so that they are sent to every worker."""
    number = episode_number(F.col("episode"))
    there = sittings.where(
        F.col("episode").isNotNull()
    )  # said twice, once so that files without any are skipped
    named = (
        there.select("title_id", number.alias("number"), "episode")
        .where(number.isNotNull())
        .distinct()
    )
    return named.groupBy("title_id").agg(
        F.array_sort(F.collect_set(F.struct("number", "episode"))).alias("known")
    )


def _next_episode() -> Column:
    """After a finished episode the first known one with a greater number; the same again where it was hardly begun."""
    later = F.filter("known", lambda e: e["number"] > F.col("now.number"))
    after = F.when(F.col("now.ends") > 0, F.get(later, F.lit(0))["episode"]).otherwise(
        F.col("now.episode")
    )
    return F.when((F.col("now.position") == 0) & (F.col("finished_count") > 0), after)
