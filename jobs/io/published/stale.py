"""Published days whose inputs changed since they were built: late events, corrections, new drafts.

A day counts everything that was known by its end. So it is stale where the log got a record since
that would have been known by then. Since when is told by the oldest of the partitions that its pages
were made of: what came later may be missing in one of them. No Spark here.
"""

# Tested by tests/cli/test_stale.py.

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from deltalake.exceptions import DeltaError

from jobs.io.published import homepage
from jobs.io.published.ranker_holds import given_up_ids
from jobs.io.published.receipts import newest_receipt, published_days
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.dimensions import VERSIONED
from jobs.io.tables.local_files import ArrowTable

MADE_OF = ("daily_counts", "title_features", "profile_features", "drafts")
LOGS = ("profiles", *VERSIONED)


class StaleDay(NamedTuple):
    """A published day, why it is stale, and whether a hold keeps it as it is."""

    ds: date
    reasons: list[str]
    on_hold: bool


def stale_days() -> list[StaleDay]:
    """The published days that are stale, earliest first."""
    receipts = homepage.publication_receipts()
    written = {name: arrow_tables.written_at(name) for name in MADE_OF}
    given_up = given_up_ids()
    found = []
    for ds in published_days(receipts):
        receipt = newest_receipt(receipts, ds)
        assert receipt is not None  # it is of a published day
        instants = [by_day[ds] for by_day in written.values() if ds in by_day]
        reasons = []
        if instants:
            began = datetime.fromtimestamp(min(instants) / 1000, UTC)
            reasons += [*_late_events(ds, began), *_later_versions(ds, began)]
        drafts_at = written["drafts"].get(ds)
        published_at = receipt.published_at
        if drafts_at and published_at and drafts_at > published_at.timestamp() * 1000:
            reasons.append("its drafts were built again and not published")
        for ranker_id in sorted(given_up & set((receipt.ranker_id or "").split())):
            reasons.append(f"its pages were ordered by {ranker_id}, which was rolled back")
        if receipt.on_hold:
            reasons.append("it was rolled back and is on hold")
        if reasons:
            found.append(StaleDay(ds, reasons, bool(receipt.on_hold)))
    return found


def _late_events(ds: date, began: datetime) -> Iterator[str]:
    """Events of days up to one that came, or went, since an instant."""
    newest = arrow_tables.newest_version("events")
    before = _version_at("events", newest, began)
    if before == newest:
        return
    then, now = (
        None if version is None else _rows_of_files(ds, version) for version in (before, newest)
    )
    if then is None or now is None:
        if now:
            yield "what its events were is not known any more"
        return
    counts = {
        "came": sum(rows for path, rows in now.items() if path not in then),
        "went": sum(rows for path, rows in then.items() if path not in now),
    }
    for what, count in counts.items():
        if count:
            yield f"{count:,} events up to its end {what} since"


def _version_at(name: str, newest: int, at: datetime) -> int | None:
    """The version that a table had at an instant; None where its log does not know it any more."""
    return newest if newest < 0 else _version_then(arrow_tables.deltalake_path(name), newest, at)


@lru_cache(maxsize=4096)
def _version_then(path: str, newest: int, at: datetime) -> int | None:
    table = ArrowTable(path, version=newest)
    try:
        table.load_as_version(at)
    except DeltaError:
        return None
    return table.version()


def _rows_of_files(ds: date, version: int) -> dict[str, int]:
    """How many events each file of days up to one has, at a version."""
    table = arrow_tables.open_table("events", version)
    if table is None:
        return {}
    files = pa.table(table.get_add_actions(flatten=True))
    until = pc.less_equal(files["partition.ds"].cast(pa.date32()), pa.scalar(ds))
    files = files.filter(until)
    return dict(zip(files["path"].to_pylist(), files["num_records"].to_pylist(), strict=True))


def _later_versions(ds: date, began: datetime) -> Iterator[str]:
    """Records of profiles and titles landed since an instant that were known by a day's end."""
    for name in LOGS:
        newest = arrow_tables.newest_version(name)
        before = _version_at(name, newest, began)
        if before == newest:
            continue
        then = None if before is None else _landings(name, ds, before)
        if then is None:
            yield f"what its {name} were is not known any more"
            continue
        changed = sum(((_landings(name, ds, newest) or Counter()) - then).values())
        if changed:
            yield f"{changed:,} records of {name} known by its end came since"


def _landings(name: str, ds: date, version: int) -> Counter[str] | None:
    """How many records known by the end of a day each landing brought, at a version; None where its
    files are gone.
    """
    try:
        landed = _known_days(name, arrow_tables.deltalake_path(name), version)
    except (DeltaError, FileNotFoundError):
        return None
    counts: Counter[str] = Counter()
    for landing_id, day, count in landed:
        if day <= ds:
            counts[landing_id] += count
    return counts


@lru_cache(maxsize=16)
def _known_days(name: str, path: str, version: int) -> list[tuple[str, date, int]]:
    """Of each landing and day by whose end records were known first, how many: read once for all days."""
    table = arrow_tables.open_table(name, version)
    if table is None:
        return []
    rows = pa.table(table.to_pyarrow_table(columns=["landing_id", "known_at"]))
    days = rows["known_at"].cast(pa.date32())  # end_of is the last microsecond of its day
    keyed = pa.table({"landing": rows["landing_id"].cast(pa.string()), "day": days})
    counts = keyed.group_by(["landing", "day"]).aggregate([([], "count_all")])
    return list(
        zip(*(counts[each].to_pylist() for each in ("landing", "day", "count_all")), strict=True)
    )
