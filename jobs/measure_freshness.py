"""overlays, ticks -> freshness: the delay from each event of a tick to the rows that know of it, and
from settings to the readers that obey them.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from scipy.special import bdtrc

from conf.errors import Rejected, UserMistake
from conf.nearline import nearline_settings
from conf.settings import load_settings
from conf.ticks import Tick
from jobs.io.published import ticks
from jobs.io.serving import releases
from jobs.io.step import plain_tick_job
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import arrow_writes

# a tick finished so long after its end is of a backfill, and tells nothing of readers
LONG_AFTER = timedelta(days=1)
COLUMNS = ["taken", "rows"]
MISS_SHARE = 0.05  # of the events, the share that may miss the objective
SETTINGS = "settings"  # stands in for a kind of row, in the table and in conf/nearline.yaml
MOST_COUNTED = 10_000  # records of one landing: they all waited as long
BY_CHANCE = 0.01  # probability under which so many misses are no chance: one late event is none


class Age(NamedTuple):
    """Seconds from an event until its rows were there, and until it was learned of."""

    rows_s: float
    learned_s: float


def measure_freshness(tick: Tick) -> str:
    """Write the tick's partition, none without events or in a backfill.

    An event counts for a kind of row where its profile's page has such a row, since each was built
    knowing of it. Raises Rejected where an objective was missed.
    """
    receipt = ticks.tick_receipt(tick)
    if receipt is None:
        raise UserMistake(
            f"{tick} was not done; run `python -m jobs.compute_overlays --until {tick}` first"
        )
    finished_at = receipt["finished_at"]
    if finished_at - tick.until > LONG_AFTER:
        arrow_writes.delete_tick("freshness", tick)
        return f"done at {finished_at:%Y-%m-%d %H:%M}, long after its end: not measured"
    compute_s = float((finished_at - tick.until).total_seconds())
    ages_by_kind = sorted((_ages(tick, finished_at) | _ages_of_settings(tick)).items())
    records = [_record(kind, ages, compute_s) for kind, ages in ages_by_kind]
    arrow_writes.write_tick("freshness", tick, records)
    breaches = [_breach(record) for record in records if record["breached"]]
    if breaches:
        raise Rejected("; ".join(breaches))
    worst_s = max((record["age_p95_s"] for record in records), default=0.0)
    return (
        f"{len(records)} kinds of row, 95 of 100 events in {worst_s:.0f} s at most,"
        f" {compute_s:.0f} s of it ours"
    )


def _ages(tick: Tick, finished_at: datetime) -> dict[str, list[Age]]:
    """The ages of the tick's events by kind of row."""
    ages_by_kind = defaultdict[str, list[Age]](list)
    for batch in arrow_tables.tick_batches("overlays", tick, COLUMNS):
        for page_rows, events in zip(batch["rows"], batch["taken"].to_pylist(), strict=True):
            ages = [_age(event, finished_at) for event in events]
            for kind in set(page_rows.values.field("row_kind").to_pylist()):
                ages_by_kind[kind] += ages
    return {kind: ages for kind, ages in ages_by_kind.items() if ages}


def _ages_of_settings(tick: Tick) -> dict[str, list[Age]]:
    """The ages of the settings that came with the releases made during a tick, as far as they are
    kept: from their landing until the last reader has looked for a new release.
    """
    settings = load_settings()
    look_s = nearline_settings().look_seconds
    begins = tick.until - timedelta(minutes=nearline_settings().every_minutes)
    ages: list[Age] = []
    for release in releases.kept_releases(releases.folder_of(settings.home_path)):
        if begins < release.made_at <= tick.until:
            for wait in release.waits:
                ages += [Age(wait.seconds + look_s, 0.0)] * min(wait.records, MOST_COUNTED)
    return {SETTINGS: ages} if ages else {}


def _age(event: dict[str, datetime], finished_at: datetime) -> Age:
    event_at = event["event_at"]
    rows_s = (finished_at - event_at).total_seconds()
    learned_s = (event["known_at"] - event_at).total_seconds()
    return Age(rows_s, learned_s)


def _record(kind: str, ages: list[Age], compute_s: float) -> dict[str, Any]:
    """The row of `freshness` of one kind of row."""
    median, p95 = np.quantile(np.array(ages), [0.5, 0.95], axis=0).tolist()
    objective_s = nearline_settings().objective(kind)
    missed_count = sum(age.rows_s > objective_s for age in ages)
    return {
        "row_kind": kind,
        "events_count": len(ages),
        "missed_count": missed_count,
        "age_p50_s": median[0],
        "age_p95_s": p95[0],
        "data_lag_p50_s": median[1],
        "data_lag_p95_s": p95[1],
        "compute_lag_s": compute_s,
        "objective_s": objective_s,
        "breached": _breached(missed_count, len(ages)),
    }


def _breached(missed_count: int, events_count: int) -> bool:
    """Whether more than 5 of 100 events miss their objective, judged by the few of a tick.

    One-sided binomial test.
    """
    return bool(bdtrc(missed_count - 1, events_count, MISS_SHARE) < BY_CHANCE)


def _breach(record: dict[str, Any]) -> str:
    age_s = round(record["age_p95_s"])
    lag_s = round(record["data_lag_p95_s"])
    objective_s = round(record["objective_s"])
    if record["row_kind"] == SETTINGS:
        return (
            f"breach: readers obeyed 95 of 100 changes of settings after {age_s} s;"
            f" {record['missed_count']} of {record['events_count']} missed the objective of"
            f" {objective_s} s"
        )
    return (
        f"breach: {record['row_kind']} rows knew of 95 of 100 events after {age_s} s,"
        f" {lag_s} s of it until we learned of them; {record['missed_count']} of"
        f" {record['events_count']} missed the objective of {objective_s} s"
    )


if __name__ == "__main__":
    plain_tick_job("measure_freshness", __doc__, measure_freshness)
