"""The profiles with new events or settings since the tick before."""

# Tested by tests/jobs/test_compute_overlays.py.

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
    """What is new at a tick.

    Records learned after `since` and by `as_of`, and those that came in with the `landings`
    whenever they were learned.
    """

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
    """One row for each profile with a new record: what changed, the events taken in, and COUNTS.

    Columns: profile_id, changed, event_at and known_at of what was learned last, taken, and COUNTS
    of events. Records that happen or are learned after `as_of` are counted and left: once they have
    come about, a later tick takes them in. A profile with nothing but such records has nothing in
    `changed`.
    """
    new_events = _new_events(events, titles, span)
    records = new_events.unionByName(_new_settings(profiles, span), allowMissingColumns=True)
    is_event = F.col("what") != "settings"
    is_taken_in = F.col("what").isNotNull()
    instants = F.when(is_event, F.struct("known_at", "event_at"))
    return records.groupBy("profile_id").agg(
        F.array_sort(F.collect_set("what")).alias("changed"),
        F.max(F.when(is_event, F.col("event_at"))).alias("event_at"),
        F.max(F.when(is_taken_in, F.col("known_at"))).alias("known_at"),
        _taken_entries(F.array_sort(F.collect_list(instants))).alias("taken"),
        *(F.sum(name).alias(name) for name in COUNTS),
    )


def _new_events(events: DataFrame, titles: DataFrame, span: TickSpan) -> DataFrame:
    """New events; `what` is null for those that are left for later."""
    known_before = F.col("known_at") <= F.lit(span.since)
    # it was learned of too early, before it had happened
    now_happened = span.between("event_at") & known_before
    new = events.where(span.between("known_at") | span.landed | now_happened)
    as_of = F.lit(span.as_of)
    in_future = (F.col("known_at") > as_of) | (F.col("event_at") > as_of)
    is_late = ~in_future & span.landed & known_before
    catalogue = titles.select("title_id", F.lit(True).alias("in_catalogue"))
    joined = new.join(F.broadcast(catalogue), "title_id", "left")
    is_unknown = ~in_future & F.col("in_catalogue").isNull()
    what = F.when(in_future, None).when(plays(), "plays").otherwise("other")
    return joined.select(
        "profile_id",
        "event_at",
        "known_at",
        what.alias("what"),
        (~in_future).cast("bigint").alias("events_count"),
        is_late.cast("bigint").alias("late_count"),
        in_future.cast("bigint").alias("future_count"),
        is_unknown.cast("bigint").alias("unknown_count"),
    )


def _new_settings(profiles: DataFrame, span: TickSpan) -> DataFrame:
    known = F.col("known_at") <= F.lit(span.as_of)
    is_new = span.between("known_at") | (span.landed & known)
    zeros = [F.lit(0).cast("bigint").alias(name) for name in COUNTS]
    what = F.lit("settings").alias("what")
    return profiles.where(is_new).select("profile_id", "known_at", what, *zeros)


def _taken_entries(instants: Column) -> Column:
    """Pairs of (known_at, event_at) as entries of the column `taken`."""

    def entry(pair: Column) -> Column:
        """The two instants in the order of the contract."""
        return F.struct(pair["event_at"].alias("event_at"), pair["known_at"].alias("known_at"))

    return F.transform(instants, entry).cast(columns()["taken"].type)
