"""Published pages as grids of title numbers, some members at a time: what metrics are computed from, without Spark."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.errors import UserMistake
from experiments.metrics.page import Grid, page_grid
from jobs.io.published import homepage

COLUMNS = ["profile_id", "row_position", "row_kind", "builder", "cells"]
ROWS_AT_ONCE = 8_000


@dataclass(frozen=True)
class PageGrids:
    """The pages of some members: `grid` (p, rows, columns) of title numbers, -1 for no cell and for unknown titles."""

    profile_ids: NDArray[np.object_]  # (p,)
    builder: NDArray[np.object_]  # (p,)
    kinds: NDArray[np.object_]  # (p, rows) kind of each row, "" for none
    grid: Grid


def stored_pages(ds: date, title_ids: list[str], rows: int, columns: int) -> Iterator[PageGrids]:
    """All pages of a day, cut to rows x columns, in the order they are stored: a member's rows stand together."""
    table, _ = homepage.trusted_table(homepage.publication_receipts(), ds)
    day = table.to_pyarrow_dataset(file_pruning_predicate=[("ds", "=", ds.isoformat())])
    left, seen = None, False
    for batch in day.to_batches(columns=COLUMNS, batch_size=ROWS_AT_ONCE):
        part = pa.Table.from_batches([batch])
        part = part if left is None else pa.concat_tables([left, part])
        whole, left = _split(part)
        seen = True
        if whole.num_rows:
            yield _pages(whole, title_ids, rows, columns)
    if not seen:
        raise UserMistake(
            f"no page was published for {ds}; `frontrow tables` shows which days there are"
        )
    if left is not None and left.num_rows:
        yield _pages(left, title_ids, rows, columns)


def _split(part: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The rows of members that are whole, and those of the last one, who may go on in the next batch."""
    if not part.num_rows:
        return part, part
    last = part["profile_id"][-1]
    mine = pc.equal(part["profile_id"], last)
    return part.filter(pc.invert(mine)), part.filter(mine)


def _pages(part: pa.Table, title_ids: list[str], rows: int, columns: int) -> PageGrids:
    part = part.sort_by([("profile_id", "ascending"), ("row_position", "ascending")])
    profile = part["profile_id"].to_numpy(zero_copy_only=False).astype(object)
    first = np.flatnonzero(np.append(True, profile[1:] != profile[:-1]))
    row_first = np.append(first, len(profile))
    cells = part["cells"].combine_chunks()
    flat = cells.flatten().field("title_id").cast(pa.string())
    title = (
        pc.fill_null(pc.index_in(flat, pa.array(title_ids, pa.string())), -1)
        .to_numpy()
        .astype(np.int32)
    )
    cell_first = np.concatenate([[0], np.cumsum(pc.list_value_length(cells).to_numpy())]).astype(
        np.int64
    )
    kinds = np.full((len(first), rows), "", object)
    place = np.arange(len(profile)) - np.repeat(first, np.diff(row_first))
    owner = np.repeat(np.arange(len(first)), np.diff(row_first))
    inside = place < rows
    kinds[owner[inside], place[inside]] = part["row_kind"].to_numpy(zero_copy_only=False)[inside]
    made = page_grid(row_first.astype(np.int64), cell_first, title, rows, columns)
    return PageGrids(
        profile[first], part["builder"].to_numpy(zero_copy_only=False)[first], kinds, made
    )
