"""The landing contract: what a landed file may hold, table by table, and the limits of a record."""

from datetime import UTC, datetime
from functools import cache

import yaml

from conf.contracts import contract, table_names
from conf.errors import UserMistake
from conf.settings import ROOT, Frozen

FORMATS = ("csv", "jsonl", "parquet")
ADDED = ("event_id", "source", "landing_id", "ds")  # made by landing, never read from a file
DEFAULTED = {
    "events": ("known_at", "kind")
}  # required in the table, optional in the file; elsewhere known_at alone
HAPPENED = {
    "events": "event_at",
    "impressions": "shown_at",
}  # logs of facts; the other tables hold versions of a key
DEFAULT_KIND = "play"

ID_LENGTH = 1_000
TEXT_LENGTH = 10_000
RECORD_LENGTH = 1_000_000
RAW_LENGTH = 1_000  # of a quarantined record
RECORD_LINES = 50  # a CSV record with quoted line breaks ends within so many lines, else its quote was never closed
CHUNK_BYTES = 16_000_000

ALWAYS = datetime(
    1970, 1, 1, tzinfo=UTC
)  # known_at of the first version of a key: known for as long as anybody asks
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(
    2100, 1, 1, tzinfo=UTC
)  # no fact is later, unless --known-at says so more strictly


class Dataset(Frozen):
    """A data set that can be landed by name.

    `files` maps tables to the files of its wheel; `adapter` is the module of features/sources that
    reads it, by default the one of its own name.
    """

    about: str
    wheel: str = ""
    files: dict[str, str] | None = None
    adapter: str = ""
    terms: str = ""


@cache
def datasets() -> dict[str, Dataset]:
    """The data sets of conf/sources.yaml by name."""
    listed = yaml.safe_load((ROOT / "conf" / "sources.yaml").read_text(encoding="utf-8"))[
        "datasets"
    ]
    return {name: Dataset.model_validate(entry) for name, entry in listed.items()}


def dataset(name: str) -> Dataset:
    """One data set; an unknown name lists the known ones."""
    if name not in datasets():
        raise UserMistake(f"unknown data set {name!r}; the data sets are: {', '.join(datasets())}")
    return datasets()[name]


@cache
def landed_tables() -> tuple[str, ...]:
    """The tables that files feed: the required ones first."""
    tables = [name for name in table_names() if contract(name).landing]
    return tuple(sorted(tables, key=lambda name: (name not in ("events", "titles"), name)))


def file_columns(table: str) -> tuple[str, ...]:
    """Columns that a file of the table may have."""
    return tuple(name for name in contract(table).columns if name not in ADDED)


def required_columns(table: str) -> tuple[str, ...]:
    """Columns that a file of the table must have."""
    given = DEFAULTED.get(table, ("known_at",))
    return tuple(name for name in contract(table).required if name not in (*ADDED, *given))


def content_columns(table: str) -> tuple[str, ...]:
    """Columns that make a record what it is: all that a file may give, but when we learned of it."""
    return tuple(name for name in file_columns(table) if name != "known_at")


def version_keys(table: str) -> tuple[str, ...]:
    """What a version of the table is a version of."""
    return tuple(name for name in contract(table).keys if name != "known_at")
