"""A stored page as arrays, and its rows placed again by the rules: what the online step works on."""
# Tested by tests/models/page/online/test_assemble.py.

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.compiled import inner_njit, njit
from conf.evidence import language_of_rows
from models.page.layout.placement import (
    PageScratch,
    PlacedRows,
    RowToPlace,
    Rules,
    cells_that_fit,
    count_repeats,
    empty_rows,
    page_scratch,
    place_row,
)
from models.page.online.catalogue_view import CatalogueView
from models.ragged import Ragged

I64 = NDArray[np.int64]
UNKNOWN = -1  # of a title that the catalogue does not have
StoredRow = tuple[
    int, I64
]  # the index of a record, and those of its cells in the page's flat arrays


@dataclass(frozen=True)
class StoredPage:
    """A page of one profile: `rows` are those to show, in order; records that are not among them
    are left out.
    """

    records: pa.Table  # of `homepage_rows`, without their cells
    cells: pa.StructArray  # (c,) of all records, one after another
    title: I64  # (c,) catalogue index of each cell, or UNKNOWN
    kind: tuple[str, ...]  # of each record
    rows: list[StoredRow]

    def with_rows(self, rows: list[StoredRow]) -> "StoredPage":
        """The same page with other rows to show."""
        return replace(self, rows=rows)

    @property
    def language(self) -> str:
        """The language that the page is in, which may no longer be its reader's."""
        return page_language(self.records)

    @property
    def shown_cells(self) -> I64:
        """The cells that are in a row to show, in reading order."""
        return np.concatenate([np.zeros(0, np.int64), *(cells for _, cells in self.rows)])

    def order_of(self, record: int, view: CatalogueView) -> str:
        """The order in which the titles of a record stand."""
        return view.kinds.kinds[self.kind[record]].order


class UnplacedRows(NamedTuple):
    """Rows of a page to be placed: the titles of row r are title[offsets[r]:offsets[r + 1]]."""

    title: NDArray[np.int32]
    offsets: I64  # (r + 1,)
    kind: I64  # (r,) index of the kind
    is_placed: NDArray[np.bool_]  # (r,)


def page_from_records(records: pa.Table, view: CatalogueView) -> StoredPage:
    """The page of one profile from its records of `homepage_rows`, in any order."""
    position = records["row_position"].to_numpy()
    if (position[1:] < position[:-1]).any():  # sorting copies every cell
        records = records.take(pa.array(np.argsort(position, kind="stable")))
    records = records.combine_chunks()
    lists = cells_of(records)
    cells = lists.flatten()
    title_ids = cells.field("title_id").dictionary_encode()  # most titles stand in several rows
    index = view.title_index
    distinct = [index.get(title_id, UNKNOWN) for title_id in title_ids.dictionary.to_pylist()]
    title = np.array(distinct, np.int64)[title_ids.indices.to_numpy(zero_copy_only=False)]
    ends = Ragged.from_arrow(lists).offsets
    rows = [(record, np.arange(ends[record], ends[record + 1])) for record in range(len(lists))]
    kinds = tuple(records["row_kind"].to_pylist())
    return StoredPage(records.drop(["cells"]), cells, title, kinds, rows)


def page_language(records: pa.Table) -> str:
    """The language that records of one page are in."""
    kinds, names = records["row_kind"].to_pylist(), records["row_title"].to_pylist()
    return language_of_rows(zip(kinds, names, strict=True))


def cells_of(records: pa.Table) -> pa.ListArray:
    """The column of cells in one piece, also where there are no records."""
    if not records.num_rows:
        return pa.array([], records.schema.field("cells").type)
    return records["cells"].combine_chunks()


def placed_records(page: StoredPage, view: CatalogueView, device: str | None) -> pa.Table:
    """The rows by the rules of a device, filled from their reserves, as records with positions from
    1.
    """
    rules = view.rules_of(device)
    kinds = np.array([view.kind_index[page.kind[record]] for record, _ in page.rows], np.int64)
    cells = page.shown_cells
    lists = Ragged.from_counts(np.array([len(cells) for _, cells in page.rows], np.int64))
    title = page.title[cells].astype(np.int32)
    rows = UnplacedRows(title, lists.offsets, kinds, np.zeros(len(kinds), np.bool_))
    out = empty_rows(len(kinds), len(cells))
    _place(page_scratch(title, rules), rules, out, rows)
    count = int(out.rows[0])
    order = [page.rows[row][0] for row in out.offer[:count]]
    records = page.records.take(pa.array(order, pa.int64()))
    placed_cells = cells[out.cells[: out.ends[count]]]
    return _numbered(records, page.cells.take(pa.array(placed_cells)), out.ends[: count + 1])


@njit()
def _place(scratch: PageScratch, rules: Rules, out: PlacedRows, rows: UnplacedRows) -> None:
    """Put at each position the first row left that fits there."""
    for row in range(len(rows.kind)):
        titles = rows.title[rows.offsets[row] : rows.offsets[row + 1]]
        count_repeats(scratch, rules, titles, rows.kind[row], 0)
    for position in range(1, rules.rows + 1):
        if not _place_next(scratch, rules, out, rows, position):
            return


@inner_njit()
def _place_next(
    scratch: PageScratch, rules: Rules, out: PlacedRows, rows: UnplacedRows, position: int
) -> bool:
    """Put the first row that fits at a position; False where none does."""
    for row in range(len(rows.kind)):
        if rows.is_placed[row]:
            continue
        first = rows.offsets[row]
        titles = rows.title[first : rows.offsets[row + 1]]
        to_place = RowToPlace(rows.kind[row], 0, position, row, first)
        count = cells_that_fit(scratch, rules, titles, to_place)
        if count:
            place_row(scratch, rules, out, titles, to_place, count)
            rows.is_placed[row] = True
            return True
    return False


def _numbered(records: pa.Table, cells: pa.StructArray, ends: I64) -> pa.Table:
    """The records with these cells, `ends` (r + 1,) cutting them into rows; both numbered from 1."""
    lists = Ragged(ends)
    column = lists.index_within + 1
    fields = [
        pa.array(column, field.type) if field.name == "column_position" else cells.field(field.name)
        for field in cells.type
    ]
    structs = pa.StructArray.from_arrays(fields, fields=list(cells.type))
    position_type = records.schema.field("row_position").type
    position = pa.array(np.arange(1, lists.list_count + 1), position_type)
    columns = {name: records[name] for name in records.column_names}
    columns |= {"row_position": position, "cells": lists.to_arrow(structs)}
    return pa.table(columns)
