"""Published pages as grids of title indices, some profiles at a time, for metrics."""

# Tested by tests/cli/test_metrics.py.

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow.dataset import Dataset

from conf.errors import UserMistake
from experiments.metrics.page import Grid, page_grid
from jobs.io.published import homepage
from jobs.io.tables.parquet_file import leaf_path
from models.ragged import Ragged

COLUMNS = ["profile_id", "row_position", "row_kind", "builder"]  # and of each cell its title
ROWS_AT_ONCE = 8_000


@dataclass(frozen=True)
class PageGrids:
    """The pages of p profiles; `grid` has (p, rows, columns) indices of titles.

    An index is -1 where there is no cell, and for titles that are not known.
    """

    profile_ids: NDArray[np.object_]  # (p,)
    builder: NDArray[np.object_]  # (p,)
    kinds: NDArray[np.object_]  # (p, rows) kind of each row, "" for none
    grid: Grid


def stored_pages(ds: date, title_ids: list[str], rows: int, columns: int) -> Iterator[PageGrids]:
    """All pages of a day, cut to rows x columns, in the order in which they are stored.

    The rows of a profile are stored together. Raises UserMistake where no page was published.
    """
    table, _ = homepage.trusted_table(homepage.publication_receipts(), ds)
    day = table.to_pyarrow_dataset(file_pruning_predicate=[("ds", "=", ds.isoformat())])
    rest: pa.Table | None = None
    for batch in _batches(day):
        part = pa.Table.from_batches([batch])
        if rest is not None:
            part = pa.concat_tables([rest, part])
        whole, rest = _split(part)
        if whole.num_rows:
            yield grids_of(whole, title_ids, rows, columns)
    if rest is None:
        raise UserMistake(
            f"no page was published for {ds}; `frontrow tables` shows which days there are"
        )
    if rest.num_rows:
        yield grids_of(rest, title_ids, rows, columns)


def _batches(day: Dataset) -> Iterator[pa.RecordBatch]:
    """The columns of a day's files, in their order, of each cell its title alone: the rest of a cell
    is ten times as much, and a dataset reads all of it.
    """
    for fragment in day.get_fragments():
        with fragment.filesystem.open_input_file(fragment.path) as file:
            parquet = pq.ParquetFile(file)
            title = leaf_path(parquet.schema, "cells", "title_id")
            yield from parquet.iter_batches(ROWS_AT_ONCE, columns=[*COLUMNS, title])


def _split(part: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The rows of profiles that are complete, and those of the last one.

    The last one may go on in the next batch.
    """
    if not part.num_rows:
        return part, part
    of_last = pc.equal(part["profile_id"], part["profile_id"][-1])
    return part.filter(pc.invert(of_last)), part.filter(of_last)


def grids_of(part: pa.Table, title_ids: list[str], rows: int, columns: int) -> PageGrids:
    """The pages of rows with COLUMNS and cells, cut to rows x columns, by profile."""
    part = part.sort_by([("profile_id", "ascending"), ("row_position", "ascending")])
    profile = _objects(part["profile_id"])
    first_row = np.flatnonzero(np.append(True, profile[1:] != profile[:-1]))
    row_offsets = np.append(first_row, len(profile)).astype(np.int64)
    cells = part["cells"].combine_chunks()
    cell_titles = cells.flatten().field("title_id").cast(pa.string())
    index = pc.index_in(cell_titles, pa.array(title_ids, pa.string()))
    title = pc.fill_null(index, -1).to_numpy().astype(np.int32)
    cell_offsets = Ragged.from_counts(pc.list_value_length(cells).to_numpy()).offsets
    row_counts = np.diff(row_offsets)
    page = np.repeat(np.arange(len(first_row)), row_counts)
    row_index = np.arange(len(profile)) - np.repeat(first_row, row_counts)
    kinds = np.full((len(first_row), rows), "", object)
    inside = row_index < rows
    kinds[page[inside], row_index[inside]] = _objects(part["row_kind"])[inside]
    grid = page_grid(row_offsets, cell_offsets, title, rows, columns)
    return PageGrids(profile[first_row], _objects(part["builder"])[first_row], kinds, grid)


def _objects(column: pa.ChunkedArray) -> NDArray[np.object_]:
    return column.to_numpy(zero_copy_only=False).astype(object)
