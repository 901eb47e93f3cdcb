"""What the records of one table in a landing look like as a whole: how many are sound, by file and
by day, before any table changes.
"""
# Tested by tests/jobs/test_ingest_events.py.

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.errors import UserMistake
from conf.landing import FACT_TIMES, plausible_last
from jobs.io.landing.records import BROKEN_FILE
from jobs.io.tables import arrow as arrow_tables


@dataclass(frozen=True)
class Summary:
    """The records of one table: sound ones by the day they were learned, and from when they are."""

    happened_from: date | None
    days: Mapping[date, int]
    newest: Mapping[date, datetime]  # when the last of each day was learned
    broken: bool = field(default=False)


def summary_of(rows: DataFrame, table: str) -> Summary:
    """The summary of shaped rows; a file that cannot be read to its end stops the landing."""
    is_sound = F.col("reason").isNull()
    learned_on = F.when(is_sound, F.to_date("known_at")).alias("day")
    happened = F.when(is_sound, F.to_date(FACT_TIMES.get(table, "known_at")))
    groups = rows.groupBy(learned_on, is_sound.alias("sound")).agg(
        F.count("*").alias("count"),
        F.min(happened).alias("happened_from"),
        F.max(F.when(is_sound, F.unix_micros("known_at"))).alias("newest"),
    )
    found = groups.collect()
    broken = any(not group["sound"] for group in found)
    if broken:
        _refuse_broken_file(rows)
    dated = [group for group in found if group["day"] is not None]
    return Summary(
        min((group["happened_from"] for group in dated), default=None),
        {group["day"]: group["count"] for group in dated},
        {group["day"]: _instant(group["newest"]) for group in dated},
        broken,
    )


def _refuse_broken_file(rows: DataFrame) -> None:
    for row in rows.where(F.col("line") == BROKEN_FILE).select("file", "raw").take(1):
        raise UserMistake(f"{row['file']}: cannot be read to its end ({row['raw']})")


def _instant(micros: int) -> datetime:
    return datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)


@dataclass(frozen=True)
class Newest:
    """Until when a log goes, landed and to be landed: the moment, and what lies far after all else."""

    moment: datetime | None
    far_count: int = 0
    far_last: date | None = None


def newest_event(landed_now: Summary | None) -> Newest:
    """The newest moment at which an event was learned that is not far after all others: what "now"
    means to a log.
    """
    counts = Counter(_stored_counts())
    newest: Mapping[date, datetime] = {}
    if landed_now:
        counts.update(landed_now.days)
        newest = landed_now.newest
    last = plausible_last(counts)
    if last is None:
        return Newest(None)
    far = {day: count for day, count in counts.items() if day > last}
    moments = [newest[last]] if last in newest else []
    if arrow_tables.was_written("events"):
        query = f"SELECT max(known_at) AS newest FROM events WHERE ds = DATE '{last}'"
        stored = arrow_tables.sql(query)["newest"].to_pylist()
        moments += [moment for moment in stored if moment is not None]
    in_utc = [moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in moments]
    return Newest(max(in_utc, default=None), sum(far.values()), max(far, default=None))


def _stored_counts() -> dict[date, int]:
    """Events by the day they were learned, as the table's log counts them."""
    table = arrow_tables.open_table("events")
    if table is None:
        return {}
    files = pa.table(table.get_add_actions(flatten=True))
    counts: Counter[date] = Counter()
    days = files["partition.ds"].cast(pa.date32()).to_pylist()
    for day, count in zip(days, files["num_records"].to_pylist(), strict=True):
        counts[day] += count or 0
    return dict(counts)
