"""The days that a log covers, and the run dates to build of them."""
# Tested by tests/jobs/io/landing/test_files.py.

from datetime import date, timedelta

from conf.errors import UserMistake
from conf.schedule import interval_start
from jobs.io.tables import arrow as arrow_tables

DAYS = 3  # how many days of pages are built: the last ones of the log


def planned(first: date, last: date, most: int = DAYS) -> dict[str, list[date]]:
    """The run dates to build of a log's days: the last ones, and before them one week's training,
    if one fits.
    """
    days = [last - timedelta(days=ago) for ago in range(min(most, (last - first).days + 1))][::-1]
    sunday = days[0] - timedelta(days=days[0].isoweekday())
    weeks = (
        {"rankers_weekly": [sunday]}
        if interval_start("rankers_weekly", sunday).date() >= first
        else {}
    )
    return {**weeks, "homepage_daily": days}


def days_of_log() -> tuple[date, date]:
    """The first and the last UTC day on which something happened, of what has been landed."""
    found = arrow_tables.sql(
        "SELECT CAST(min(event_at) AS DATE) AS low, CAST(max(event_at) AS DATE) AS high FROM events"
    )
    (row,) = found.to_pylist()
    if row["low"] is None:
        raise UserMistake(
            "table events has no rows: every record was refused; `frontrow query` on quarantine tells why"
        )
    return row["low"], row["high"]


def days_in(table: str) -> set[date]:
    """The days a table has; none for one that was never written."""
    if arrow_tables.newest_version(table) < 0:
        return set()
    return {row["ds"] for row in arrow_tables.sql(f"SELECT DISTINCT ds FROM {table}").to_pylist()}
