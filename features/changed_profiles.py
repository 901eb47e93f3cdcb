"""What a tick takes in: of whom something was learned since the tick before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.contracts import columns
from features.labels import plays

COUNTS = ("events_count", "late_count", "future_count", "unknown_count")


@dataclass(frozen=True)
class TickSpan:
    """What is new: learned after `since` and by `as_of`, or come in with the `landings` whenever it was learned."""

    since: datetime
    as_of: datetime
    landings: Sequence[str] = ()

    @property
    def landed(self) -> Column:
        """Whether a record came in with one of the landings."""
        return F.col("landing_id").isin(*self.landings) if self.landings else F.lit(False)

    def between(self, instant: str) -> Column:
        """Whether an instant is after `since` and not after `as_of`."""
        return (F.col(instant) > F.lit(self.since)) & (F.col(instant) <= F.lit(self.as_of))


def changed_profiles(
    events: DataFrame, profiles: DataFrame, titles: DataFrame, span: TickSpan
) -> DataFrame:
    """One row for each profile with something new: what changed, the events taken in, and COUNTS of events.

    Columns: profile_id, changed, event_at and known_at of what was learned last, taken, and the counts. Records that
    happen or are learned after `as_of` are counted and left: once they have come about, a later tick takes them in.
    A profile with nothing but such records has nothing in `changed`.
    """
    learned = _events(events, titles, span).unionByName(
        _settings(profiles, span), allowMissingColumns=True
    )
    pair = F.struct("known_at", "event_at")
    is_event = F.col("what") != "settings"
    return learned.groupBy("profile_id").agg(
        F.array_sort(F.collect_set("what")).alias("changed"),
        F.max(F.when(is_event, F.col("event_at"))).alias("event_at"),
        F.max(F.when(F.col("what").isNotNull(), F.col("known_at"))).alias("known_at"),
        _in_order(F.array_sort(F.collect_list(F.when(is_event, pair)))).alias("taken"),
        *(F.sum(name).alias(name) for name in COUNTS),
    )


def _events(events: DataFrame, titles: DataFrame, span: TickSpan) -> DataFrame:
    """New events; `what` is null for those that are left for later."""
    moment = F.lit(span.as_of)
    ripe = span.between("event_at") & (
        F.col("known_at") <= F.lit(span.since)
    )  # it was learned of too early
    new = events.where(span.between("known_at") | span.landed | ripe)
    later = (F.col("known_at") > moment) | (F.col("event_at") > moment)
    late = ~later & span.landed & (F.col("known_at") <= F.lit(span.since))
    named = new.join(
        F.broadcast(titles.select("title_id", F.lit(True).alias("there"))), "title_id", "left"
    )
    return named.select(
        "profile_id",
        "event_at",
        "known_at",
        F.when(later, None).when(plays(), "plays").otherwise("other").alias("what"),
        (~later).cast("bigint").alias("events_count"),
        late.cast("bigint").alias("late_count"),
        later.cast("bigint").alias("future_count"),
        (~later & F.col("there").isNull()).cast("bigint").alias("unknown_count"),
    )


def _settings(profiles: DataFrame, span: TickSpan) -> DataFrame:
    learned = span.between("known_at") | (span.landed & (F.col("known_at") <= F.lit(span.as_of)))
    none = (F.lit(0).cast("bigint").alias(name) for name in COUNTS)
    return profiles.where(learned).select(
        "profile_id", "known_at", F.lit("settings").alias("what"), *none
    )


def _in_order(pairs: Column) -> Column:
    entries = F.transform(
        pairs, lambda p: F.struct(p["event_at"].alias("event_at"), p["known_at"].alias("known_at"))
    )
    return entries.cast(columns()["taken"].type)
