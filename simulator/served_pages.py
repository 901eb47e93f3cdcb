"""Published pages as arrays: what a client reads of `homepage_rows`, and where each cell's words are found again."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.errors import UserMistake
from simulator.browsing import Pages, no_pages
from simulator.truth import World

I64 = NDArray[np.int64]
CELL = pa.struct(
    {
        "column_position": pa.int32(),
        "title_id": pa.string(),
        "artwork_id": pa.string(),
        "policy": pa.string(),
        "propensity": pa.float64(),
    }
)
ROW = pa.struct(
    {
        "row_id": pa.string(),
        "row_position": pa.int32(),
        "page_id": pa.string(),
        "cells": pa.list_(CELL),
    }
)
PAGES = pa.schema({"index": pa.int64(), "rows": pa.list_(ROW)})


@dataclass(frozen=True)
class Served:
    """Pages, and the words of their rows and cells as they were published, in the order of the arrays."""

    pages: Pages
    rows: pa.StructArray
    cells: pa.StructArray
    row_of_cell: I64


def served(world: World, index: I64, table: pa.Table | None) -> Served:
    """The published pages (columns of PAGES, cells may have more) of the profiles `index`; none where there is none."""
    if table is None or not len(table):
        none = pa.array([], ROW)
        return Served(no_pages(len(index)), none, pa.array([], CELL), np.zeros(0, np.int64))
    lists = _in_order_of(index, table)
    rows, row_first = _flat(lists)
    rows, _ = _sorted(rows, "row_position", row_first)
    cells, cell_first = _flat(rows.field("cells"))
    cells, row_of_cell = _sorted(cells, "column_position", cell_first)
    pages = Pages(
        row_first, cell_first, _titles(world, cells.field("title_id")), _pictures(world, cells)
    )
    return Served(pages, rows, cells, row_of_cell)


def _in_order_of(index: I64, table: pa.Table) -> pa.ListArray:
    """One list of rows for each profile, null where nothing is published for it."""
    lists, given = table["rows"].combine_chunks(), table["index"].to_numpy()
    if np.array_equal(given, index):
        return lists
    return lists.take(pc.index_in(pa.array(index), value_set=pa.array(given)))


def _flat(lists: pa.ListArray) -> tuple[pa.StructArray, I64]:
    """The entries of all lists, and where each list begins among them."""
    lengths = (
        pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    )
    return lists.flatten(), np.concatenate([[0], np.cumsum(lengths)])


def _sorted(entries: pa.StructArray, position: str, first: I64) -> tuple[pa.StructArray, I64]:
    """The entries by list and position, and the list of each; entries that are in order already are not copied."""
    belongs = np.repeat(np.arange(len(first) - 1), np.diff(first))
    key = belongs * 2**20 + entries.field(position).to_numpy(zero_copy_only=False)
    if (np.diff(key) > 0).all():
        return entries, belongs
    return entries.take(pa.array(np.argsort(key, kind="stable"))), belongs


def _titles(world: World, title_ids: pa.Array) -> NDArray[np.int32]:
    found = pc.index_in(
        title_ids.cast(pa.string()), value_set=pa.array(world.title_ids, pa.string())
    )
    if found.null_count:
        unknown = title_ids.filter(pc.is_null(found))[0].as_py()
        raise UserMistake(f"the page names a title the world does not know: {unknown!r}")
    return found.to_numpy().astype(np.int32)  # a copy that may be written, as compiled loops expect


def _pictures(world: World, cells: pa.StructArray) -> NDArray[np.int32]:
    """The picture of each cell, -1 for none and for one that the world does not have."""
    shown = cells.field("artwork_id")
    if shown.null_count == len(shown):
        return np.full(len(shown), -1, np.int32)
    found = pc.index_in(shown.cast(pa.string()), value_set=pa.array(world.artwork_ids, pa.string()))
    return pc.fill_null(found, -1).to_numpy().astype(np.int32)
