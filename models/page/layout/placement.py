"""How a row comes to stand on a page, whoever chose it: the rules that no builder may break, in one compiled place.

They are: no title twice in the heads of rows, least and most cells, and no row too much like the one just above it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.compiled import inner_njit
from conf.pages import Pages
from conf.rows import Rows
from models.page.layout.dedupe import mark_lead, too_alike, without_repeats

I64 = NDArray[np.int64]


class Rules(NamedTuple):
    """Of a page: `kinds` (k, 3) least and most cells of each kind of row, and whether its titles may repeat."""

    kinds: I64
    screen: I64  # for each row of the first screens, the cells in view
    deadline: I64  # (k,) the last position of a kind that is required, 0 for one that is not
    rows: int
    columns: int
    lead: int  # cells at the head of a row without titles from the heads above
    alike: float  # share of the titles of two rows, one below the other, that may stand in both


class Board(NamedTuple):
    """A page in the making: scratch that is used again for each page."""

    shown: I64  # (n,) the page on which the title stands in a head
    above: I64  # (n,) the row, counted over all pages, in which it stood last
    chosen: I64  # places in an offer's list of the titles that a row would show
    last: I64  # (2,) the number of the row just above, and its titles, 0 where nothing is compared with it


class Laid(NamedTuple):
    """The rows of all pages, one after another: the cells of row r are cells[ends[r]:ends[r + 1]]."""

    offer: I64
    position: NDArray[np.int32]
    ends: I64
    cells: I64
    rows: I64  # (1,) rows laid so far


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
    )


def board(titles: NDArray[np.int32], rules: Rules) -> Board:
    """An empty board for offers whose flat list is `titles`."""
    none = np.full(int(titles.max(initial=0)) + 1, -1, np.int64)
    return Board(
        none, none.copy(), np.empty(rules.columns + rules.lead, np.int64), np.zeros(2, np.int64)
    )


def laid(offers: int, cells: int) -> Laid:
    """Room for as many rows as there are offers and as many cells as they list."""
    ends = np.zeros(offers + 1, np.int64)
    return Laid(
        np.empty(offers, np.int64),
        np.empty(offers, np.int32),
        ends,
        np.empty(cells, np.int64),
        np.zeros(1, np.int64),
    )


@inner_njit()
def fits(board, rules, titles, kind, page, position):  # type: ignore[no-untyped-def]
    """How many cells the row of these titles would have at a position from 1; 0 where a rule forbids it there.

    Leaves the places of its titles in `board.chosen` and the page as it is.
    """
    strict = rules.screen[position - 1] if position <= len(rules.screen) else 0
    settings = rules.kinds[kind]
    count = without_repeats(titles, board.shown, page, rules.lead, strict, settings, board.chosen)
    compared = count > 0 and not settings[2] and position > 1
    if compared and too_alike(
        titles, board.chosen[:count], board.above, board.last[0], board.last[1], rules.alike
    ):
        return 0
    return count


@inner_njit()
def put(board, rules, out, titles, kind, page, position, offer, first_cell, count):  # type: ignore[no-untyped-def]
    """Put the row that `fits` has just chosen on the page and write it to `out`."""
    may_repeat = rules.kinds[kind, 2] == 1
    mark_lead(titles, board.chosen[:count], board.shown, page, rules.lead, may_repeat)
    row = out.rows[0]
    out.offer[row], out.position[row] = offer, position
    for j in range(count):
        out.cells[out.ends[row] + j] = first_cell + board.chosen[j]
        board.above[titles[board.chosen[j]]] = row
    out.ends[row + 1] = out.ends[row] + count
    board.last[0], board.last[1] = row, 0 if may_repeat else count
    out.rows[0] = row + 1
