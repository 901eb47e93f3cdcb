"""Receipts of ticks: which are done, what a tick begins after, and which landings are new to it. Needs no Spark."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from conf.days import end_of
from conf.errors import UserMistake
from conf.ticks import Tick, tick_named
from jobs.io.published import homepage
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import arrow_writes

RECEIPTS = "ticks"
LOGS = ("events", "profiles")  # what ticks learn from


@dataclass(frozen=True)
class TickStart:
    """What a tick stands on and begins after; the `landings` are those new to it, of LOGS."""

    built_on: date
    since: datetime
    landings_after: int
    landings_now: int
    landings: tuple[str, ...]


def finished_ticks() -> list[Tick]:
    """The ticks that have receipts, earliest first."""
    table = arrow_tables.open_table(RECEIPTS)
    keys = [] if table is None else table.partitions()
    return sorted(tick_named(date.fromisoformat(key["ds"]), key["tick"]) for key in keys)


def tick_receipt(tick: Tick) -> dict[str, Any] | None:
    """What the receipt of a tick says; None where it is not done."""
    found = arrow_tables.tick_rows(RECEIPTS, tick)
    return found.to_pylist()[0] if found else None


def write_receipt(tick: Tick, record: dict[str, Any]) -> None:
    """Write the receipt of a tick, its last step: until then readers know nothing of it."""
    arrow_writes.write_tick(RECEIPTS, tick, [record])


def start_of_tick(tick: Tick) -> TickStart:
    """Where a tick begins: where the newest one before it that is done has ended, or else with its base pages.

    Ticks that were left out leave no gap, since the next one begins earlier, but not before the end of the day whose
    pages it stands on: they know all that was landed then, and landings are judged by the version of their table and
    not by a clock. A tick that is done again takes in what it did before.
    """
    base, now = newest_base(tick), arrow_tables.newest_version("landings")
    own, earlier = tick_receipt(tick), [one for one in finished_ticks() if one < tick]
    last = tick_receipt(earlier[-1]) if earlier else None
    if own is not None:
        since, after, now = own["since"], own["landings_after"], _landings_seen(own)
    elif last is not None:
        since, after = max(last["as_of"], end_of(base)), _landings_seen(last)
    else:
        since, after = end_of(base), now
    return TickStart(base, since, after, now, new_landings(after, now))


def _landings_seen(receipt: dict[str, Any]) -> int:
    return int(dict(receipt["input_versions"])["landings"])


def newest_base(tick: Tick) -> date:
    """The newest run date before the tick's whose pages were published."""
    days = [one.ds for one in homepage.publication_receipts() if one.ds < tick.ds]
    if not days:
        raise UserMistake(
            f"no page was published for a day before {tick.ds}, on which {tick} could stand"
        )
    return max(days)


def new_landings(after: int, now: int) -> tuple[str, ...]:
    """Landings of LOGS that came to the table `landings` after one version and by another, sorted."""
    if now <= after:
        return ()
    return tuple(sorted(_landings(now) - _landings(after)))


def _landings(version: int) -> set[str]:
    if version < 0:  # there were none yet
        return set()
    found = arrow_tables.whole_table(
        "landings", ["landing_id", "target_table"], version
    ).to_pylist()
    return {row["landing_id"] for row in found if row["target_table"] in LOGS}
