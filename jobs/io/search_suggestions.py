"""The table `search_suggestions` of a day, written from its published pages."""

# Tested by tests/jobs/io/test_search_suggestions.py.

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from conf.errors import Rejected
from conf.pages import pages
from conf.rows import Rows
from jobs.io.experiments.added_kinds import reader_rows
from jobs.io.published.receipts import PUBLISHED
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import arrow_writes, worker_writes
from jobs.io.tables.parquet_file import leaf_path
from jobs.io.tables.ranges import (
    FIRST,
    TableDay,
    bounds_of,
    open_files,
    range_begins,
    row_count,
    table_day,
)
from models.page.suggestions import offered

TABLE = "search_suggestions"
IN_PROCESS = 100_000  # rows of pages, that are read sooner than workers are started
MOST = 12  # of a profile: a screen shows eight, and some may not be seen any more by then
COLUMNS = ["profile_id", "row_position", "row_id", "row_kind"]  # and of each cell its title
LIST = pa.schema(
    [
        ("profile_id", pa.string()),
        ("list_position", pa.int32()),
        ("title_id", pa.string()),
        ("offered_by", pa.string()),
        ("row_id", pa.string()),
        ("column_position", pa.int32()),
    ]
)


def write_suggestions(
    spark: SparkSession, ds: date, version: int, in_process: int = IN_PROCESS
) -> int:
    """Write the day's partition, for the pages of a version of `homepage_rows`; how many rows.

    Pages of more rows than `in_process` are read by Spark's tasks, a range of profiles each.
    Rejected where a list breaks a rule of the table's contract: then the day keeps what it had.
    """
    day = table_day(PUBLISHED, ds, version)
    kinds = reader_rows()
    if row_count(day) > in_process:
        return _written_by_workers(spark, day, version, kinds)
    lists = list(_lists_of_range(day, version, kinds, FIRST, None))
    whole = pa.concat_tables(lists) if lists else LIST.empty_table()
    if whole.num_rows:
        arrow_writes.replace_day_rows(TABLE, ds, whole)
    return whole.num_rows


def _written_by_workers(spark: SparkSession, day: TableDay, version: int, kinds: Rows) -> int:
    bounds = bounds_of(range_begins(day))
    ranges = spark.createDataFrame(bounds, "begin string, end string")
    in_order = ranges.repartitionByRange(len(bounds), "begin").sortWithinPartitions("begin")

    def lists(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
        """The lists of some ranges, in the order of profiles."""
        for batch in batches:
            for bound in batch.to_pylist():
                yield from _lists_of_range(day, version, kinds, bound["begin"], bound["end"])

    return worker_writes.replace_day(spark, TABLE, day.ds, in_order, lists)


def _lists_of_range(
    day: TableDay, version: int, known: Rows, begin: str, end: str | None
) -> Iterator[pa.Table]:
    """The lists of a range of profiles, in their order, some hundred pages at a time."""
    for part in _pages(day, begin, end):
        page_rows = part.sort_by([("profile_id", "ascending"), ("row_position", "ascending")])
        made = suggested(page_rows, known)
        refuse_broken(made, page_rows)
        versions = pa.repeat(pa.scalar(version, pa.int64()), made.num_rows)
        yield made.append_column("table_version", versions)


def version_of(ds: date) -> int | None:
    """The version of `homepage_rows` that the lists of a day were made of; None where there are none."""
    rows = arrow_tables.filtered_rows(TABLE, [("ds", "=", ds)], ["table_version"])
    return rows["table_version"][0].as_py() if rows.num_rows else None


def suggested(page_rows: pa.Table, known: Rows) -> pa.Table:
    """The lists of whole pages; `page_rows` have COLUMNS and the list `titles`, by profile and position.

    Rows of a kind that is not `known` are passed by.
    """
    profiles, kinds, row_ids = (
        page_rows[name].to_pylist() for name in ("profile_id", "row_kind", "row_id")
    )
    lists = page_rows["titles"].combine_chunks()
    offsets, titles = lists.offsets.to_numpy(), lists.values
    codes = titles.dictionary_encode() if not pa.types.is_dictionary(titles.type) else titles
    code, words = codes.indices.to_numpy(zero_copy_only=False), codes.dictionary
    records: list[tuple[str, int, int, str, str, int]] = []
    for first, end in pairwise(_firsts(profiles)):
        of_rows = [code[offsets[row] : offsets[row + 1]] for row in range(first, end)]
        for place, cell in enumerate(offered(kinds[first:end], of_rows, known, pages(), MOST), 1):
            title = of_rows[cell.row][cell.column]
            row_id = row_ids[first + cell.row]
            records.append((profiles[first], place, title, cell.source, row_id, cell.column + 1))
    if not records:
        return LIST.empty_table()
    columns = [list(column) for column in zip(*records, strict=True)]
    columns[2] = words.cast(pa.string()).take(pa.array(columns[2], pa.int64()))
    return pa.table(columns, schema=LIST)


def refuse_broken(lists: pa.Table, page_rows: pa.Table) -> None:
    """Rejected where a list is not of the profile's own page, behind its first screen, in order.

    Looked up again in the page, by names and positions and not by what made the lists.
    """
    screen = _first_screens(page_rows)
    shown = lists.join(screen, ["profile_id", "title_id"], join_type="left semi")
    by_title = lists.group_by(["profile_id", "title_id"]).aggregate([([], "count_all")])
    by_list = lists.group_by("profile_id").aggregate(
        [([], "count_all"), ("list_position", "max"), ("list_position", "count_distinct")]
    )
    faults = {
        "suggestions_of_own_page": lists.num_rows - _found(lists, page_rows),
        "suggestions_behind_the_screen": shown.num_rows
        + by_title.filter(pc.field("count_all") > 1).num_rows,
        "suggestions_numbered_from_one": by_list.filter(
            (pc.field("count_all") != pc.field("list_position_max"))
            | (pc.field("count_all") != pc.field("list_position_count_distinct"))
        ).num_rows,
    }
    broken = [f"{rule} ({count})" for rule, count in faults.items() if count]
    if broken:
        raise Rejected(f"table {TABLE}: lists of what a search offers break {', '.join(broken)}")


def _found(lists: pa.Table, page_rows: pa.Table) -> int:
    """How many titles of lists stand in the cell that is named, of the profile's own page."""
    titles = page_rows["titles"].combine_chunks()
    offsets = titles.offsets.to_numpy()
    ends = pa.table(
        {
            "profile_id": page_rows["profile_id"].cast(pa.string()),
            "row_id": page_rows["row_id"].cast(pa.string()),
            "begin": pa.array(offsets[:-1]),
            "end": pa.array(offsets[1:]),
        }
    )
    cells = lists.join(ends, ["profile_id", "row_id"], join_type="inner")
    place = pc.subtract(pc.add(cells["begin"], cells["column_position"]), 1)
    inside = pc.and_(pc.less(place, cells["end"]), pc.greater(cells["column_position"], 0))
    there = titles.values.take(place.filter(inside).combine_chunks()).cast(pa.string())
    return pc.sum(pc.equal(there, cells["title_id"].filter(inside))).as_py() or 0


def _first_screens(page_rows: pa.Table) -> pa.Table:
    """The titles that the first screen of each page shows."""
    widths = pages().screen
    on_screen = page_rows.filter(pc.field("row_position") <= len(widths))
    titles = on_screen["titles"].combine_chunks()
    row = pc.list_parent_indices(titles).to_numpy()
    column = np.arange(len(row)) - np.append(0, np.cumsum(pc.list_value_length(titles)))[row]
    in_view = column < np.array(widths)[on_screen["row_position"].to_numpy()[row] - 1]
    profiles = on_screen["profile_id"].cast(pa.string()).take(pa.array(row[in_view]))
    shown = titles.flatten().cast(pa.string()).filter(pa.array(in_view))
    return pa.table({"profile_id": profiles, "title_id": shown})


def _firsts(profiles: Sequence[str]) -> list[int]:
    """Where each profile's rows begin, and where all end."""
    begins = [row for row, name in enumerate(profiles) if not row or name != profiles[row - 1]]
    return [*begins, len(profiles)]


def _pages(day: TableDay, begin: str, end: str | None) -> Iterator[pa.Table]:
    """The rows of whole pages of a range, some thousands at a time; a page's rows are stored together."""
    rest: pa.Table | None = None
    for source in open_files(day, begin, end):
        stored = pq.ParquetFile(source)
        title = leaf_path(stored.schema, "cells", "title_id")
        for group in range(stored.num_row_groups):
            read = _with_titles(stored.read_row_group(group, columns=[*COLUMNS, title]))
            whole = read if rest is None else pa.concat_tables([rest, read])
            last = _firsts(whole["profile_id"].to_pylist())[-2]
            if last:
                yield whole.slice(0, last)
            rest = whole.slice(last)
    if rest is not None:
        yield rest


def _with_titles(read: pa.Table) -> pa.Table:
    """Rows with the list of their titles in place of cells."""
    cells = read["cells"].combine_chunks()
    inside = cells.flatten()
    titles = inside.field("title_id") if isinstance(inside, pa.StructArray) else inside
    offsets = pa.array(cells.offsets.to_numpy() - cells.offsets[0].as_py(), pa.int32())
    lists = pa.ListArray.from_arrays(offsets, titles.cast(pa.string()))
    return read.select(COLUMNS).append_column("titles", lists)
