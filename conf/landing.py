"""The landing contract: what a landed file may hold, table by table, and the limits of a record."""
# Tested by tests/cli/reference/test_landing.py.

from datetime import UTC, datetime
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
# no fact is later, unless --known-at says so more strictly
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


@cache
def landed_tables() -> tuple[str, ...]:
    """The tables that files feed: the required ones first."""
    tables = [name for name in table_names() if contract(name).landing]
    return tuple(sorted(tables, key=lambda name: (name not in ("events", "titles"), name)))


def file_columns(table: str) -> tuple[str, ...]:
    """Columns that a file of the table may have."""
    return tuple(name for name in contract(table).columns if name not in LANDING_COLUMNS)


def required_columns(table: str) -> tuple[str, ...]:
    """Columns that a file of the table must have."""
    optional = OPTIONAL_IN_FILES.get(table, ("known_at",))
    without = {*LANDING_COLUMNS, *optional}
    return tuple(name for name in contract(table).required if name not in without)


def content_columns(table: str) -> tuple[str, ...]:
    """Columns that make a record what it is: all that a file may give, but when we learned of it."""
    return tuple(name for name in file_columns(table) if name != "known_at")


def version_keys(table: str) -> tuple[str, ...]:
    """What a version of the table is a version of."""
    return tuple(name for name in contract(table).keys if name != "known_at")
