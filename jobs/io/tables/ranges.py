"""A day's pages by ranges of profiles: whole pages, whatever files their rows are in."""

# Tested by tests/jobs/io/tables/test_ranges.py.

from collections.abc import Iterator, Sequence
from datetime import date
from math import inf
from typing import NamedTuple
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.dataset import Dataset

from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import seals
from jobs.io.tables.local_files import ArrowTable

FIRST = ""  # no profile comes before it


class TableDay(NamedTuple):
    """A day of a table at a version, by its path: what other processes open without our settings."""

    path: str
    ds: date
    version: int | None = None


def table_day(name: str, ds: date, version: int | None = None) -> TableDay:
    """A day of a table at its newest version or at another one; Rejected where the table is not as
    it was sealed.
    """
    seals.check(name, version)
    return TableDay(arrow_tables.deltalake_path(name), ds, version)


def row_count(day: TableDay) -> float:
    """How many rows a day has by the statistics of the table's log; infinite where they are not
    known.
    """
    counts = _files(day)["num_records"].to_pylist()
    return inf if None in counts else sum(counts)


def range_begins(day: TableDay) -> list[str]:
    """The profiles at which the ranges of a day begin, the first of all: a file is in one range.

    Files whose profiles overlap, by the statistics of the table's log, are in the same range.
    """
    of_day = _files(day)
    bounds = ("min.profile_id", "max.profile_id")
    if not set(bounds) <= set(of_day.column_names):
        return [FIRST]
    lows, highs = (of_day[name].to_pylist() for name in bounds)
    if None in highs:  # nothing is known of such a file: it may hold anybody
        return [FIRST]
    begins: list[str] = []
    last = FIRST
    for low, high in sorted(zip(lows, highs, strict=True)):
        if not begins or low > last:
            begins.append(low if begins else FIRST)
        last = max(last, high)
    return begins or [FIRST]


def bounds_of(begins: Sequence[str], end: str | None = None) -> list[tuple[str, str | None]]:
    """Of each range where it begins and before which profile it ends; the last one before `end`."""
    return list(zip(begins, [*begins[1:], end], strict=True))


def _files(day: TableDay, table: ArrowTable | None = None) -> pa.Table:
    """The files of a day, with the statistics that the table's log has of them."""
    table = table or ArrowTable(day.path, day.version)
    files = pa.table(table.get_add_actions(flatten=True))
    return files.filter(pc.equal(files["partition.ds"].cast(pa.string()), day.ds.isoformat()))


def _dataset(day: TableDay, table: ArrowTable) -> Dataset:
    """The files of a day, and none of another one."""
    return table.to_pyarrow_dataset(file_pruning_predicate=[("ds", "=", day.ds.isoformat())])


def open_files(
    day: TableDay, begin: str = FIRST, end: str | None = None
) -> Iterator[pa.NativeFile]:
    """The files of a day in the order of their profiles, each open until the next one is asked for.

    Of a range of `range_begins`, those that have its profiles.
    """
    table = ArrowTable(day.path, day.version)
    files, lows = _dataset(day, table), _lows(_files(day, table))
    of_range = files.get_fragments(filter=(pc.field("ds") == day.ds) & _inside(begin, end))
    for fragment in sorted(of_range, key=lambda each: lows.get(unquote(each.path), FIRST)):
        with files.filesystem.open_input_file(fragment.path) as source:
            yield source


def _lows(of_day: pa.Table) -> dict[str, str]:
    """The first profile of each file, by its path in the table, where the log has it."""
    if "min.profile_id" not in of_day.column_names:
        return {}
    lows = zip(of_day["path"].to_pylist(), of_day["min.profile_id"].to_pylist(), strict=True)
    return {unquote(path): low for path, low in lows if low is not None}


def rows_in_range(
    day: TableDay, begin: str, end: str | None, columns: Sequence[str] | None = None
) -> pa.Table:
    """The rows of a day from the profile `begin` up to, but not with, `end`.

    Rows of no profile are in the first range. Files and row groups without a profile of the range
    are not read.
    """
    files = _dataset(day, ArrowTable(day.path, day.version))
    names = [name for name in columns or files.schema.names if name in files.schema.names]
    of_range = (pc.field("ds") == day.ds) & _inside(begin, end)
    return pa.table(files.to_table(columns=names, filter=of_range))


def _inside(begin: str, end: str | None) -> pc.Expression:
    """Whether a row is of the profile `begin` or a later one, before `end`."""
    profile = pc.field("profile_id")
    inside = (profile >= begin) if end is None else (profile >= begin) & (profile < end)
    return inside | profile.is_null() if begin == FIRST else inside
