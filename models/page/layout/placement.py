"""How a row comes to stand on a page, whoever chose it: the rules that no builder may break, in one compiled place.

They are: no title twice in the heads of rows, nor in more rows than are allowed, least and most cells, and no row too
much like the one just above it.
"""
# Tested by tests/models/page/test_template_properties.py.

from typing import NamedTuple

import numpy as np

from conf.compiled import inner_njit
from conf.pages import Pages
from conf.rows import Rows
from models.page.layout.dedupe import (
    I32,
    I64,
    RowLimits,
    count_tail,
    mark_lead,
    mark_tails,
    too_alike,
    without_repeats,
)


class Rules(NamedTuple):
    """Of a page: `kinds` (k, 3) least and most cells of each kind of row, and whether its titles may repeat."""

    kinds: I64
    screen: I64  # for each row of the first screens, the cells in view
    deadline: I64  # (k,) the last position of a kind that is required, 0 for one that is not
    rows: int
    columns: int
    lead: int  # cells at the head of a row without titles from the heads above
    alike: float  # share of the titles of two rows, one below the other, that may stand in both
    tails: int  # rows that a title may stand in beside the one that it leads


class PageScratch(NamedTuple):
    """A page while it is built; used again for each page."""

    shown: I64  # (n,) the page on which the title stands in a head
    above: I64  # (n,) the row, counted over all pages, in which it stood last
    selection: I64  # (cells,) indices in an offer's list of the titles that a row would show
    tails: I64  # (n,) the page, and in how many of its rows the title stands without leading them
    last: I64  # (2,) the number of the row just above, and its titles, 0 where nothing is compared with it


class PlacedRows(NamedTuple):
    """The rows of all pages, one after another; the cells of row r begin at cells[ends[r]]."""

    offer: I64  # (rows,)
    position: I32  # (rows,) on the page, from 1
    ends: I64  # (rows + 1,)
    cells: I64  # (cells,) indices in the flat titles of all offers
    rows: I64  # (1,) number of rows placed so far


class RowToPlace(NamedTuple):
    """One offer at a position of a page."""

    kind: int
    page: int  # the profile that the page is for
    position: int  # from 1
    offer: int
    first_cell: int  # index of the offer's first title in the flat titles of all offers


def rules(kinds: Rows, layout: Pages, lead: int) -> Rules:
    """The rules for kinds of row and a layout; `lead` is at least a screen's width."""
    each = list(kinds.kinds.values())
    return Rules(
        np.array(
            [[k.min_length, min(k.max_length, layout.columns), k.may_repeat] for k in each],
            np.int64,
        ),
        np.array(layout.screen, np.int64),
        np.array([layout.required.get(name, 0) for name in kinds.kinds], np.int64),
        layout.rows,
        layout.columns,
        max(lead, layout.lead),
        layout.choice.alike,
        layout.choice.most_rows - 1,
    )


def page_scratch(titles: I32, rules: Rules) -> PageScratch:
    """Scratch for offers whose flat list is `titles`."""
    none = np.full(int(titles.max(initial=0)) + 1, -1, np.int64)
    selection = np.empty(rules.columns + rules.lead, np.int64)
    return PageScratch(none, none.copy(), selection, none.copy(), np.zeros(2, np.int64))


def empty_rows(offers: int, cells: int) -> PlacedRows:
    """Room for as many rows as there are offers and as many cells as they list."""
    ends = np.zeros(offers + 1, np.int64)
    return PlacedRows(
        np.empty(offers, np.int64),
        np.empty(offers, np.int32),
        ends,
        np.empty(cells, np.int64),
        np.zeros(1, np.int64),
    )


@inner_njit()
def row_limits(rules: Rules, kind: int, position: int) -> RowLimits:
    """The limits of a row of a kind at a position from 1."""
    strict = rules.screen[position - 1] if position <= len(rules.screen) else 0
    least, most, may_repeat = rules.kinds[kind]
    return RowLimits(rules.lead, strict, least, most, may_repeat == 1, rules.tails)


@inner_njit()
def count_repeats(scratch: PageScratch, rules: Rules, titles: I32, kind: int, page: int) -> None:
    """Keep a place for the titles of a row that may repeat: such a row never gives way, others do."""
    _, most, may_repeat = rules.kinds[kind]
    if may_repeat:
        for title in titles[:most]:
            count_tail(scratch.tails, title, page)


@inner_njit()
def cells_that_fit(scratch: PageScratch, rules: Rules, titles: I32, row: RowToPlace) -> int:
    """Number of cells the row of these titles would have; 0 where a rule forbids it there.

    Leaves the indices of its titles in `scratch.selection`, and the page as it is.
    """
    limits = row_limits(rules, row.kind, row.position)
    count = without_repeats(
        titles, scratch.shown, scratch.tails, row.page, limits, scratch.selection
    )
    compared = count > 0 and not limits.may_repeat and row.position > 1
    last_row, last_size = scratch.last
    if compared and too_alike(
        titles, scratch.selection[:count], scratch.above, last_row, last_size, rules.alike
    ):
        return 0
    return count


@inner_njit()
def place_row(
    scratch: PageScratch, rules: Rules, out: PlacedRows, titles: I32, row: RowToPlace, count: int
) -> None:
    """Put a row on the page with the `count` cells that `cells_that_fit` has just selected."""
    limits = row_limits(rules, row.kind, row.position)
    selection = scratch.selection[:count]
    mark_tails(titles, selection, scratch.shown, scratch.tails, row.page, limits)
    mark_lead(titles, selection, scratch.shown, row.page, limits)
    number = out.rows[0]
    out.offer[number] = row.offer
    out.position[number] = row.position
    first = out.ends[number]
    for j in range(count):
        out.cells[first + j] = row.first_cell + selection[j]
        scratch.above[titles[selection[j]]] = number
    out.ends[number + 1] = first + count
    scratch.last[0] = number
    scratch.last[1] = 0 if limits.may_repeat else count
    out.rows[0] = number + 1
