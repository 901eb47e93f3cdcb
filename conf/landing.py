"""The landing contract: what a landed file may hold, table by table, and the limits of a record."""
# Tested by tests/cli/reference/test_landing.py.

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache

from conf.contracts import contract, table_names

FORMATS = ("csv", "jsonl", "parquet")
# made by landing, never read from a file
LANDING_COLUMNS = ("event_id", "source", "landing_id", "ds", "held")
# required in the table, optional in the file; of the other tables known_at alone
OPTIONAL_IN_FILES = {"events": ("known_at", "kind")}
# when a fact happened, in logs of facts; the other tables hold versions of a key
FACT_TIMES = {"events": "event_at", "impressions": "shown_at"}
DEFAULT_KIND = "play"
# of the tables of versions: whom a record is about, and what of it restricts what is shown
ABOUT = {
    "profiles": "profile_id",
    "titles": "title_id",
    "availability": "title_id",
    "artwork": "title_id",
}
RESTRICTING = {
    "profiles": ("maturity_limit", "kids", "blocked_titles"),
    "titles": ("maturity", "launched_at"),
    "availability": ("until_at",),
    "artwork": ("maturity",),
}

ID_LENGTH = 1_000
TEXT_LENGTH = 10_000
RECORD_LENGTH = 1_000_000
RAW_LENGTH = 1_000  # of a quarantined record
# a CSV record with quoted line breaks ends within so many lines, else its quote was never closed
RECORD_LINES = 50
CHUNK_BYTES = 16_000_000

# known_at of the first version of a key: known for as long as anybody asks
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
# no launch is later: that of a title whose launch could not be read
NEVER = datetime(2100, 1, 1, tzinfo=UTC)

# a landing stops when more than this share of the records of one file is refused (--most-refused)
MOST_REFUSED = 0.01
# nothing is learned later than this after the clock of the landing (--now); clocks of devices differ
AHEAD = timedelta(days=1)
# events more than so many days after all others, and no more than this share of the log, are taken
# for those of a wrong clock: nothing that has no date gets theirs
FAR_DAYS = 60
FAR_SHARE = 0.005


@cache
def landed_tables() -> tuple[str, ...]:
    """The tables that files feed: the required ones first."""
    tables = [name for name in table_names() if contract(name).landing]
    return tuple(sorted(tables, key=lambda name: (name not in ("events", "titles"), name)))


def file_columns(table: str) -> tuple[str, ...]:
    """Columns that a file of the table may have."""
    return tuple(name for name in contract(table).columns if name not in LANDING_COLUMNS)


def required_columns(table: str) -> tuple[str, ...]:
    """Columns that may not be empty where a record has them, and that the first record of a key has."""
    optional = OPTIONAL_IN_FILES.get(table, ("known_at",))
    without = {*LANDING_COLUMNS, *optional}
    return tuple(name for name in contract(table).required if name not in without)


def header_columns(table: str) -> tuple[str, ...]:
    """Columns that a file of the table must have; what a version leaves out stays as it was."""
    if table in FACT_TIMES:
        return required_columns(table)
    return version_keys(table)


def content_columns(table: str) -> tuple[str, ...]:
    """Columns that make a record what it is: all that a file may give, but when we learned of it."""
    return tuple(name for name in file_columns(table) if name != "known_at")


def version_keys(table: str) -> tuple[str, ...]:
    """What a version of the table is a version of."""
    return tuple(name for name in contract(table).keys if name != "known_at")


def plausible_last(counts: Mapping[date, int]) -> date | None:
    """The last day of a log, by its records on each day, that is not far after all others.

    >>> plausible_last({date(2026, 1, 1): 400, date(2037, 6, 1): 1})
    datetime.date(2026, 1, 1)
    """
    days = sorted(day for day, count in counts.items() if count)
    most = FAR_SHARE * sum(counts.values())
    after = 0
    last = days[-1] if days else None
    for earlier, day in zip(days[-2::-1], days[:0:-1], strict=True):
        after += counts[day]
        if after > most:
            break
        if (day - earlier).days > FAR_DAYS:
            last = earlier
    return last
