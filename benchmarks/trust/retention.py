"""Days of every table around the end of its time: which are there after the weekly upkeep."""

# Tested by tests/benchmarks/trust/test_retention.py.

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from deltalake import DeltaTable

from benchmarks.trust.made import own_home, rows, write
from conf.contracts import contract, table_names
from jobs.io.session import open_session
from jobs.io.tables import arrow as arrow_tables
from jobs.maintain_tables import maintain_tables

Say = Callable[[str], None]
NOW = date(2026, 3, 1)
AROUND = (-2, -1, 0, 1)  # days from the first that is to be kept
FEW = 3  # rows of a day


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
            whole = [name for name in names if _is_kept_for_good(name)]
            wrong = [name for name in names if _days(name) != _days_to_keep(name)]
        finally:
            spark.stop()
    return {
        "retention_tables": len(names),
        "retention_kept": len(set(names) - {*wrong, *whole}),
        "retention_not_enforced": [name for name in whole if name not in wrong],
        "retention_wrong": wrong,
    }


def _days_written(name: str) -> list[date]:
    first = NOW - timedelta(days=contract(name).retention_days)
    return [*(first + timedelta(days=n) for n in AROUND), NOW]


def _write_days(name: str) -> None:
    random = Random(name)
    for day in _days_written(name):
        write(name, rows(name, day, random, FEW))


def _days_to_keep(name: str) -> dict[date, int]:
    """Rows by day."""
    table = contract(name)
    days = _days_written(name)
    if "ds" not in table.columns:
        return {NOW: FEW * len(days)}
    first = NOW - timedelta(days=table.retention_days)
    return {day: FEW for day in days if _is_kept_for_good(name) or day >= first}


def _is_kept_for_good(name: str) -> bool:
    """What was landed is deleted by nobody, and what has no days cannot be."""
    table = contract(name)
    return bool(table.landing) or "ds" not in table.partition


def _days(name: str) -> dict[date, int]:
    """Rows by day as deltalake reads them; of a table without days all under one."""
    there = DeltaTable(arrow_tables.deltalake_path(name)).to_pyarrow_table()
    if "ds" not in there.column_names:
        return {NOW: there.num_rows}
    counts = there.group_by("ds").aggregate([([], "count_all")])
    return dict(zip(counts["ds"].to_pylist(), counts["count_all"].to_pylist(), strict=True))
