"""The landing contract: what a landed file may hold, table by table, and the limits of a record."""
# Tested by tests/cli/reference/test_landing.py.

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Literal

from pydantic import Field

from conf.contracts import contract, table_names
from conf.settings import ROOT, Frozen, load_yaml

# what the end of a file's name tells: how it is read, and how it is packed
FORMATS = {
    **dict.fromkeys(("csv", "tsv", "txt", "dat", "psv"), "csv"),
    **dict.fromkeys(("jsonl", "json", "ndjson"), "jsonl"),
    **dict.fromkeys(("parquet", "parq", "pq"), "parquet"),
}
COMPRESSIONS = {"gz": "gz", "gzip": "gz", "zst": "zst", "zstd": "zst", "bz2": "bz2", "xz": "xz"}
# made by landing, never read from a file
LANDING_COLUMNS = ("event_id", "source", "landing_id", "ds", "held")
# required in the table, optional in the file; of the other tables known_at alone
OPTIONAL_IN_FILES = {"events": ("known_at", "kind")}
# when a fact happened, in logs of facts; the other tables hold versions of a key
FACT_TIMES = {"events": "event_at", "impressions": "shown_at"}
DEFAULT_KIND = "play"
USUAL_STARS = 5
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


class Plays(Frozen):
    """When a rating counts as a play; see `conf/landing.yaml`."""

    ratings: Literal["alone", "always", "never"]
    least_share: float = Field(ge=0, le=1)


class Scales(Frozen):
    """The most stars that a rating may have, and how many ratings may lie beyond."""

    scales: tuple[float, ...] = Field(min_length=1)
    beyond_share: float = Field(ge=0, lt=1)
    few_ratings: int = Field(ge=0)


class Notices(Frozen):
    """Shares from which on a landing warns of something."""

    unknown_titles: float
    unknown_profiles: float
    unordered_episodes: float
    without_genres: float
    joined_genres: float


class LandingSettings(Frozen):
    """What is a play, what a like, and what a landing warns of."""

    plays: Plays
    likes: Scales
    notices: Notices


@cache
def landing_settings() -> LandingSettings:
    """The settings as configured."""
    return load_yaml(LandingSettings, ROOT / "conf" / "landing.yaml")


def scale_of(counts: Mapping[float, int]) -> float | None:
    """The most stars that a rating of a log can have, by its ratings' values and how many there are.

    >>> scale_of({4.0: 300, 8.5: 100}), scale_of({4.0: 1000, 50.0: 1}), scale_of({})
    (10, 5, None)
    """
    total = sum(counts.values())
    if not total:
        return None
    settings = landing_settings().likes
    for scale in settings.scales:
        if scale < USUAL_STARS and total < settings.few_ratings:
            continue
        beyond = sum(count for value, count in counts.items() if abs(value) > scale)
        if beyond <= settings.beyond_share * total:
            return scale
    return max(counts)


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
    return _plausible_end(counts, sorted((day for day in counts if counts[day]), reverse=True))


def plausible_first(counts: Mapping[date, int]) -> date | None:
    """The first day of a log that is not far before all others.

    >>> plausible_first({date(1970, 1, 1): 1, date(2026, 1, 1): 400})
    datetime.date(2026, 1, 1)
    """
    return _plausible_end(counts, sorted(day for day in counts if counts[day]))


def _plausible_end(counts: Mapping[date, int], days: Sequence[date]) -> date | None:
    """The first of `days`, or the one behind a gap that few records lie before."""
    most = FAR_SHARE * sum(counts.values())
    passed = 0
    end = days[0] if days else None
    for day, inner in pairwise(days):
        passed += counts[day]
        if passed > most:
            break
        if abs((day - inner).days) > FAR_DAYS:
            end = inner
    return end
