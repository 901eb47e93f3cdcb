"""Published pages as arrays: what a client reads of `homepage_rows`, and the texts of each cell."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from conf.errors import UserMistake
from simulator.arrays import I32, I64, PageArrays
from simulator.browsing import no_pages
from simulator.truth import World

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
_MOST_POSITIONS = 2**20  # in a list


@dataclass(frozen=True)
class ServedPages:
    """Pages, and the texts of their rows and cells as they were published, in the same order."""

    pages: PageArrays
    rows: pa.StructArray
    cells: pa.StructArray
    row_of_cell: I64  # (cells,)


def served_pages(world: World, index: I64, table: pa.Table | None) -> ServedPages:
    """The published pages of the profiles `index`; profiles without one have no rows.

    `table` has the columns of PAGES; its cells may have more fields.

    Raises UserMistake for a title that the world does not have.
    """
    if table is None or not len(table):
        no_rows, no_cells = pa.array([], ROW), pa.array([], CELL)
        return ServedPages(no_pages(len(index)), no_rows, no_cells, np.zeros(0, np.int64))
    lists = _lists_of_profiles(index, table)
    rows, row_first = _flat_entries(lists)
    rows, _ = _by_position(rows, "row_position", row_first)
    cells, cell_first = _flat_entries(rows.field("cells"))
    cells, row_of_cell = _by_position(cells, "column_position", cell_first)
    title = _title_indices(world, cells.field("title_id"))
    artwork = _artwork_indices(world, cells.field("artwork_id"))
    pages = PageArrays(row_first, cell_first, title, artwork)
    return ServedPages(pages, rows, cells, row_of_cell)


def _lists_of_profiles(index: I64, table: pa.Table) -> pa.ListArray:
    """One list of rows for each profile, null where nothing is published for it."""
    lists, table_index = table["rows"].combine_chunks(), table["index"].to_numpy()
    if np.array_equal(table_index, index):
        return lists
    return lists.take(pc.index_in(pa.array(index), value_set=pa.array(table_index)))


def _flat_entries(lists: pa.ListArray) -> tuple[pa.StructArray, I64]:
    """The entries of all lists, and where each list begins among them."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    return lists.flatten(), np.concatenate([[0], np.cumsum(lengths.astype(np.int64))])


def _by_position(entries: pa.StructArray, name: str, first: I64) -> tuple[pa.StructArray, I64]:
    """The entries by list and position, and the list of each.

    Entries that are in order already are not copied.
    """
    owner = np.repeat(np.arange(len(first) - 1), np.diff(first))
    key = owner * _MOST_POSITIONS + entries.field(name).to_numpy(zero_copy_only=False)
    if (np.diff(key) > 0).all():
        return entries, owner
    order = np.argsort(key, kind="stable")
    return entries.take(pa.array(order)), owner


def _title_indices(world: World, title_ids: pa.Array) -> I32:
    world_ids = pa.array(world.title_ids, pa.string())
    indices = pc.index_in(title_ids.cast(pa.string()), value_set=world_ids)
    if indices.null_count:
        unknown = title_ids.filter(pc.is_null(indices))[0].as_py()
        raise UserMistake(f"the page names a title the world does not know: {unknown!r}")
    # a copy that may be written, as compiled loops expect
    return indices.to_numpy().astype(np.int32)


def _artwork_indices(world: World, artwork_ids: pa.Array) -> I32:
    """The artwork of each cell, -1 for none and for one that the world does not have."""
    if artwork_ids.null_count == len(artwork_ids):
        return np.full(len(artwork_ids), -1, np.int32)
    world_ids = pa.array(world.artwork_ids, pa.string())
    indices = pc.index_in(artwork_ids.cast(pa.string()), value_set=world_ids)
    return pc.fill_null(indices, -1).to_numpy().astype(np.int32)
