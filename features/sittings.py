"""What one play is: a sitting, however many records a player sends of it.

Two records of one profile, title, episode and instant are one record, told again. A record that
begins soon after the one before goes on with its sitting; their watch times add up. Where they are
running totals, what each adds to the one before it does.
"""

# Tested by tests/features/test_sittings.py and tests/features/test_oracle.py.

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from conf.resumes import viewing_settings
from features import watch_times
from features.labels import plays

EPISODE = ("profile_id", "title_id", "episode")


def distinct_plays(log: DataFrame) -> DataFrame:
    """The log with one record of each play's profile, title, episode and instant: the newest.

    `log` holds what was known at an instant. A player that tells again how far it came by now
    replaces what it told before: of records learned at the same instant, the one with the most
    watched counts, then the greater event_id. `watched_seconds` is what a record adds to those
    before it. Other events stay as they are.
    """
    newest_first = [
        F.col("known_at").desc(),
        F.col("watched_seconds").desc_nulls_last(),
        F.col("event_id").desc(),
    ]
    records = Window.partitionBy(*EPISODE, "event_at", "kind").orderBy(*newest_first)
    numbered = log.withColumn("_record", F.row_number().over(records))
    return _with_what_each_adds(numbered.where(~plays() | (F.col("_record") == 1)).drop("_record"))


def _with_what_each_adds(log: DataFrame) -> DataFrame:
    """Distinct plays with the seconds that each adds (features/watch_times.py)."""
    before = watch_times.before("CAST(event_at AS DOUBLE)")
    then = {name: F.expr(sql) for name, sql in before.items()}
    added = log.withColumns(then).withColumn("watched_seconds", F.expr(watch_times.added()))
    return added.drop(*then)


def sitting_starts(log: DataFrame) -> DataFrame:
    """The log with `starts_sitting`: whether a record is a play that no other one leads on to.

    It begins a sitting where no play of the same profile, title and episode began less than
    `sitting_gap_hours` before it. `log` holds distinct plays.
    """
    in_order = Window.partitionBy(*EPISODE, "kind").orderBy("event_at")
    seconds_since = F.col("event_at").cast("double") - F.lag("event_at").over(in_order).cast(
        "double"
    )
    gap = viewing_settings().sitting_gap_hours * 3600
    goes_on = F.coalesce(seconds_since < gap, F.lit(False))
    return log.withColumn("starts_sitting", plays() & ~goes_on)


def whole_sittings(log: DataFrame) -> DataFrame:
    """One record of each sitting of a log of distinct plays: its first, with all of its watch time.

    `watched_seconds` is the sum of its records, `duration_seconds` the longest that one of them
    told.
    """
    starts = sitting_starts(log.where(plays()))
    so_far = Window.partitionBy(*EPISODE).orderBy("event_at")
    sitting = F.sum(F.col("starts_sitting").cast("int")).over(so_far)
    all_of_it = Window.partitionBy(*EPISODE, "_sitting")
    whole = {
        "watched_seconds": F.sum("watched_seconds").over(all_of_it),
        "duration_seconds": F.max("duration_seconds").over(all_of_it),
    }
    sittings = starts.withColumn("_sitting", sitting).withColumns(whole)
    return sittings.where("starts_sitting").drop("starts_sitting", "_sitting")
