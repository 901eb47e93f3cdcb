"""The days that a log covers, and the run dates to build of them."""
# Tested by tests/jobs/io/landing/test_files.py.

from datetime import date, timedelta

from conf.errors import UserMistake
from conf.landing import plausible_first, plausible_last
from conf.schedule import interval_start
from jobs.io.tables import arrow as arrow_tables

LIVING_DAYS = 7  # after so many days without events a log has ended
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
    """The first and the last UTC day on which something happened, of what has been landed.

    Events that lie far before or after all others are those of a wrong clock, and no days are
    planned for them.
    """
    query = "SELECT CAST(event_at AS DATE) AS day, count(*) AS events FROM events GROUP BY 1"
    counts = {row["day"]: row["events"] for row in arrow_tables.sql(query).to_pylist()}
    first, last = plausible_first(counts), plausible_last(counts)
    if first is None or last is None:
        raise UserMistake(
            "table events has no rows: every record was refused; `frontrow query` on quarantine tells why"
        )
    return first, last


def end_of_ended_log(today: date) -> date | None:
    """The last day of a log that ended a week ago or earlier; None of one that lives, or of none."""
    if not arrow_tables.has_rows("events"):
        return None
    last = days_of_log()[1]
    return last if last < today - timedelta(days=LIVING_DAYS) else None


def days_in(table: str) -> set[date]:
    """The days a table has; none for one that was never written."""
    if arrow_tables.newest_version(table) < 0:
        return set()
    return {row["ds"] for row in arrow_tables.sql(f"SELECT DISTINCT ds FROM {table}").to_pylist()}
