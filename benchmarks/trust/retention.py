"""Days of every table around the end of its time: which are there after the weekly upkeep."""

# Tested by tests/benchmarks/trust/test_retention.py.

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import pyarrow as pa
from deltalake import DeltaTable

from benchmarks.trust.made import own_home, rows, write
from conf.contracts import contract, table_names
from conf.days import start_of
from jobs.io.session import open_session
from jobs.io.tables import arrow as arrow_tables
from jobs.maintain_tables import maintain_tables

Say = Callable[[str], None]
NOW = date(2026, 3, 1)
AROUND = (-2, -1, 0, 1)  # days from the first that is to be kept
GOOD = 4_000  # days: what is kept for good is kept for at least so long
FEW = 3  # rows of a day
REJECTED = "quarantine"  # has no days: as old as its landings
LANDED = "landed"  # how the id of a landing begins, before its day


def figures(say: Say) -> dict[str, object]:
    """How many tables have exactly the days that their contracts keep."""
    with own_home():
        spark = open_session("trust")
        try:
            names = table_names()
            for name in names:
                _write_days(name)
            say(f"upkeep of {len(names)} tables")
            maintain_tables(spark, NOW)
            wrong = [name for name in names if _days(name) != _days_to_keep(name)]
        finally:
            spark.stop()
    ends = {name for name in names if contract(name).retention_days is not None}
    return {
        "retention_tables": len(ends),
        "retention_kept": len(ends - set(wrong)),
        "retention_for_good": sorted(set(names) - ends),
        "retention_wrong": wrong,
    }


def _first(name: str) -> date:
    """The first day that is to be kept."""
    days = contract(name).retention_days
    return NOW - timedelta(days=GOOD if days is None else days)


def _days_written(name: str) -> list[date]:
    return [*(_first(name) + timedelta(days=n) for n in AROUND), NOW]


def _days_to_keep(name: str) -> dict[str, int]:
    """Rows by day."""
    kept = Counter({str(day): FEW for day in _days_written(name) if _is_kept(name, day)})
    if name == "landings":
        kept.update(str(day) for day in _days_written(REJECTED))
    return dict(kept)


def _is_kept(name: str, day: date) -> bool:
    return contract(name).retention_days is None or day >= _first(name)


def _write_days(name: str) -> None:
    """Rows of each day; of rejected records also the receipts of their landings."""
    random = Random(name)
    for day in _days_written(name):
        write(name, _of_day(rows(name, day, random, FEW), day))
        if name == REJECTED:
            write("landings", _of_day(rows("landings", day, random, 1), day))


def _of_day(table: pa.Table, day: date) -> pa.Table:
    """The rows with what tells of which day they are: their day, or the landing that they came with."""
    noon = start_of(day) + timedelta(hours=12)
    told = {"landing_id": f"{LANDED} {day}", "landed_at": noon}
    records = [
        row | {name: value for name, value in told.items() if name in row}
        for row in table.to_pylist()
    ]
    return pa.Table.from_pylist(records, table.schema)


def _days(name: str) -> dict[str, int]:
    """Rows by day as deltalake reads them."""
    there = DeltaTable(arrow_tables.deltalake_path(name)).to_pyarrow_table()
    column = "ds" if "ds" in contract(name).columns else "landing_id"
    return dict(
        Counter(str(value).removeprefix(f"{LANDED} ") for value in there[column].to_pylist())
    )
