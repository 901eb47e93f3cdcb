"""A stored page as arrays, and laid again by the rules: what the online step works on."""

from dataclasses import dataclass, replace

import numba
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.compiled import inner_njit
from models.page.layout.placement import (
    RowToPlace,
    cells_that_fit,
    empty_rows,
    page_scratch,
    place_row,
)
from models.page.online.catalogue_view import Shelf
from models.ragged import Ragged

I64 = NDArray[np.int64]
UNKNOWN = -1  # of a title that the catalogue does not have
Line = tuple[int, I64]  # a row, and the places of its cells in the page's flat lists


@dataclass(frozen=True)
class Lines:
    """The rows of a page in the order to be shown; those that are not among `lines` are left out."""

    rows: pa.Table
    cells: pa.StructArray
    title: I64  # of each cell
    kind: tuple[str, ...]  # of each row
    lines: list[Line]

    def having(self, lines: list[Line]) -> "Lines":
        """The same page with other lines."""
        return replace(self, lines=lines)


def opened(rows: pa.Table, shelf: Shelf) -> Lines:
    """The records of `homepage_rows` of one profile."""
    place = rows["row_position"].to_numpy()
    if (place[1:] < place[:-1]).any():  # sorting copies every cell
        rows = rows.take(pa.array(np.argsort(place, kind="stable")))
    rows = rows.combine_chunks()
    lists = (
        rows["cells"].combine_chunks()
        if rows.num_rows
        else pa.array([], rows.schema.field("cells").type)
    )
    flat = lists.flatten()
    ends = Ragged.from_arrow(lists).offsets
    names = flat.field("title_id").dictionary_encode()  # most titles stand in several rows
    known = np.array(
        [shelf.at.get(name, UNKNOWN) for name in names.dictionary.to_pylist()], np.int64
    )
    title = known[names.indices.to_numpy(zero_copy_only=False)]
    lines = [(row, np.arange(ends[row], ends[row + 1])) for row in range(rows.num_rows)]
    return Lines(rows.drop(["cells"]), flat, title, tuple(rows["row_kind"].to_pylist()), lines)


def closed(page: Lines, shelf: Shelf, device: str | None) -> pa.Table:
    """The rows by the rules of a device, filled from their reserves, as records with positions from 1."""
    rules = shelf.rules(device)
    kinds = np.array([shelf.kind_at[page.kind[row]] for row, _ in page.lines], np.int64)
    cells = np.concatenate([np.zeros(0, np.int64), *(cells for _, cells in page.lines)])
    ends = Ragged.from_counts(np.array([len(row) for _, row in page.lines], np.int64)).offsets
    titles = page.title[cells].astype(np.int32)
    out = empty_rows(len(kinds), len(cells))
    _lay(page_scratch(titles, rules), rules, out, titles, ends, kinds)
    count = int(out.rows[0])
    rows = page.rows.take(pa.array([page.lines[line][0] for line in out.offer[:count]], pa.int64()))
    return _records(rows, page.cells, cells[out.cells[: out.ends[count]]], out.ends[: count + 1])


@numba.njit(cache=True)
def _lay(board, rules, out, titles, ends, kinds):  # type: ignore[no-untyped-def]
    """Put at each position the first row left that fits there."""
    done = np.zeros(len(kinds), np.bool_)
    for position in range(1, rules.rows + 1):
        if not _next(board, rules, out, titles, ends, kinds, done, position):
            return


@inner_njit()
def _next(board, rules, out, titles, ends, kinds, done, position):  # type: ignore[no-untyped-def]
    for row in range(len(kinds)):
        if done[row]:
            continue
        mine = titles[ends[row] : ends[row + 1]]
        placed = RowToPlace(kinds[row], 0, position, row, ends[row])
        count = cells_that_fit(board, rules, mine, placed)
        if count:
            place_row(board, rules, out, mine, placed, count)
            done[row] = True
            return True
    return False


def _records(rows: pa.Table, cells: pa.StructArray, chosen: I64, ends: I64) -> pa.Table:
    """The rows with the chosen cells, both numbered from 1."""
    columns = Ragged(ends)
    column = columns.index_within + 1
    shown = cells.take(pa.array(chosen))
    fields = [
        pa.array(column, f.type) if f.name == "column_position" else shown.field(f.name)
        for f in cells.type
    ]
    lists = columns.to_arrow(pa.StructArray.from_arrays(fields, fields=list(cells.type)))
    position = pa.array(
        np.arange(1, columns.list_count + 1), rows.schema.field("row_position").type
    )
    return pa.table(
        {name: rows[name] for name in rows.column_names}
        | {"row_position": position, "cells": lists}
    )
