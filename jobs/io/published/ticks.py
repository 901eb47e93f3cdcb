"""Receipts of ticks: which are finished, where a tick begins, and which landings are new to it.

Needs no Spark.
"""

# Tested by tests/jobs/test_compute_overlays.py.

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from conf.days import end_of
from conf.errors import UserMistake
from conf.ticks import Tick, tick_named
from jobs.io.published import homepage
from jobs.io.published.receipts import published_days
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import arrow_writes
from jobs.io.tables.fences import Fence

RECEIPTS = "ticks"
LOGS = ("events", "profiles")  # what ticks learn from


@dataclass(frozen=True)
class TickStart:
    """What a tick builds on and begins after."""

    built_on: date  # the run date of its base pages
    since: datetime
    landings_after: int  # version of the table `landings` that the tick before knew
    landings_now: int
    landings: tuple[str, ...]  # those of LOGS that are new to the tick


def finished_ticks() -> list[Tick]:
    """The ticks that have receipts, earliest first."""
    table = arrow_tables.open_table(RECEIPTS)
    keys = [] if table is None else table.partitions()
    return sorted(tick_named(date.fromisoformat(key["ds"]), key["tick"]) for key in keys)


def tick_receipt(tick: Tick) -> dict[str, Any] | None:
    """The receipt of a tick; None where it is not finished."""
    rows = arrow_tables.tick_rows(RECEIPTS, tick)
    return rows.to_pylist()[0] if rows else None


def write_receipt(tick: Tick, record: dict[str, Any], fence: Fence | None = None) -> None:
    """Write the receipt of a tick, its last step: until then readers know nothing of it."""
    arrow_writes.write_tick(RECEIPTS, tick, [record], fence)


def start_of_tick(tick: Tick) -> TickStart:
    """The start of a tick: the end of the newest finished one before it, else that of its base day.

    Ticks that were left out leave no gap, since the next one begins earlier, but not before the end
    of the day whose pages it builds on: they know all that was landed then, and landings are told
    apart by the version of their table and not by a clock. A tick that is run again takes in what
    it did before.
    """
    base = newest_base(tick)
    newest_landings = arrow_tables.newest_version("landings")
    own = tick_receipt(tick)
    if own is not None:
        after, until = own["landings_after"], _landings_version(own)
        return TickStart(base, own["since"], after, until, new_landings(after, until))
    earlier = [each for each in finished_ticks() if each < tick]
    last = tick_receipt(earlier[-1]) if earlier else None
    if last is not None:
        since, after = max(last["as_of"], end_of(base)), _landings_version(last)
        landings = new_landings(after, newest_landings)
        return TickStart(base, since, after, newest_landings, landings)
    return TickStart(base, end_of(base), newest_landings, newest_landings, ())


def _landings_version(receipt: dict[str, Any]) -> int:
    """The version of the table `landings` that a tick knew."""
    return int(dict(receipt["input_versions"])["landings"])


def newest_base(tick: Tick) -> date:
    """The newest run date before the tick's whose pages were published."""
    receipts = homepage.publication_receipts()
    days = [day for day in published_days(receipts) if day < tick.ds]
    if not days:
        raise UserMistake(
            f"no page was published for a day before {tick.ds}, on which {tick} could stand"
        )
    return max(days)


def new_landings(after: int, now: int) -> tuple[str, ...]:
    """Landings of LOGS added to the table `landings` after one version and by another, sorted."""
    if now <= after:
        return ()
    return tuple(sorted(_landings(now) - _landings(after)))


def _landings(version: int) -> set[str]:
    if version < 0:  # there were none yet
        return set()
    columns = ["landing_id", "target_table"]
    rows = arrow_tables.whole_table("landings", columns, version).to_pylist()
    return {row["landing_id"] for row in rows if row["target_table"] in LOGS}
