"""overlays, ticks -> freshness: how long it took from each event of a tick to the rows that know of it."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.special import bdtrc

from conf.errors import Rejected, UserMistake
from conf.nearline import nearline_settings
from conf.ticks import Tick
from jobs.io.published import ticks
from jobs.io.step import plain_tick_job
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import arrow_writes

LONG_AFTER = timedelta(
    days=1
)  # a tick done so long after its end is of a backfill, and says nothing of readers
COLUMNS = ["taken", "rows"]
BY_CHANCE = 0.01  # probability under which so many events over the objective are no chance: one late event is none
Ages = list[
    tuple[float, float]
]  # of each event: seconds until its rows were there, and until it was learned


def measure_freshness(tick: Tick) -> str:
    """Write the partition of the tick, none where nothing happened or in a backfill; an objective missed is an error.

    An event counts for a kind of row where its profile's page has such a row, since each was made knowing of it.
    """
    receipt = ticks.tick_receipt(tick)
    if receipt is None:
        raise UserMistake(
            f"{tick} was not done; run `python -m jobs.compute_overlays --until {tick}` first"
        )
    if receipt["finished_at"] - tick.until > LONG_AFTER:
        arrow_writes.delete_tick("freshness", tick)
        return f"done at {receipt['finished_at']:%Y-%m-%d %H:%M}, long after its end: not measured"
    found = [
        _record(kind, ages, receipt, tick)
        for kind, ages in sorted(_ages(tick, receipt["finished_at"]).items())
    ]
    arrow_writes.write_tick("freshness", tick, found)
    missed = [one for one in found if one["breached"]]
    if missed:
        raise Rejected("; ".join(map(_told, missed)))
    worst = max((one["age_p95_s"] for one in found), default=0.0)
    lag = _lag(receipt, tick)
    return (
        f"{len(found)} kinds of row, 95 of 100 events in {worst:.0f} s at most,"
        f" {lag:.0f} s of it ours"
    )


def _ages(tick: Tick, finished_at: datetime) -> dict[str, Ages]:
    """The ages of the tick's events by kind of row."""
    mine, found = arrow_tables.tick_rows("overlays", tick, COLUMNS), defaultdict[str, Ages](list)
    if mine is None:
        return found
    kinds = [set(rows.field("row_kind").to_pylist()) for rows in map(_struct, mine["rows"])]
    for of_profile, taken in zip(kinds, mine["taken"].to_pylist(), strict=True):
        ages = [
            (
                (finished_at - one["event_at"]).total_seconds(),
                (one["known_at"] - one["event_at"]).total_seconds(),
            )
            for one in taken
        ]
        for kind in of_profile:
            found[kind] += ages
    return {kind: ages for kind, ages in found.items() if ages}


def _struct(rows: pa.ListScalar) -> pa.StructArray:
    return rows.values


def _record(kind: str, ages: Ages, receipt: dict[str, Any], tick: Tick) -> dict[str, Any]:
    (age_p50, lag_p50), (age_p95, lag_p95) = np.quantile(
        np.array(ages), [0.5, 0.95], axis=0
    ).tolist()
    objective = nearline_settings().objective(kind)
    missed = sum(age > objective for age, _ in ages)
    return {
        "row_kind": kind,
        "events_count": len(ages),
        "missed_count": missed,
        "age_p50_s": age_p50,
        "age_p95_s": age_p95,
        "data_lag_p50_s": lag_p50,
        "data_lag_p95_s": lag_p95,
        "compute_lag_s": _lag(receipt, tick),
        "objective_s": objective,
        "breached": _breached(missed, len(ages)),
    }


def _breached(missed: int, events: int) -> bool:
    """Whether more than 5 of 100 events miss their objective, told from the few of a tick (binomial, one-sided)."""
    return bool(bdtrc(missed - 1, events, 0.05) < BY_CHANCE)


def _lag(receipt: dict[str, Any], tick: Tick) -> float:
    return float((receipt["finished_at"] - tick.until).total_seconds())


def _told(one: dict[str, Any]) -> str:
    age, lag, objective = (
        round(one[name]) for name in ("age_p95_s", "data_lag_p95_s", "objective_s")
    )
    return (
        f"breach: {one['row_kind']} rows knew of 95 of 100 events after {age} s, {lag} s of it until we learned of"
        f" them; {one['missed_count']} of {one['events_count']} missed the objective of {objective} s"
    )


if __name__ == "__main__":
    plain_tick_job("measure_freshness", __doc__, measure_freshness)
