"""Rows chosen one after another, each scored given the rows placed; the first few together (N-064).

The score of a row is a sum of logarithms: the worth of its head, what the row model adds, and
weights on coverage and calibration. It counts in steps, within which the order is the same from
day to day. All loops are compiled, and over scalars only: array expressions would take the
compiler many times as long.
"""
# Tested by tests/models/page/test_builders.py.

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.compiled import inner_njit, njit
from models.page.layout.placement import (
    PlacedRows,
    RowToPlace,
    cells_that_fit,
    count_repeats,
    place_row,
)
from models.page.layout.row_features import I64, RowPosition, titles_of
from models.page.layout.row_score import NEVER, ScoreContext, ScoreTrace, count_row, row_score
from models.page.layout.row_search import best_first_rows

BOOLS = NDArray[np.bool_]


class Candidates(NamedTuple):
    """The offers of one profile while its page is built, in their order."""

    score: NDArray[np.float64]  # (c,) the newest score of each
    is_stale: BOOLS  # (c,) scored for fewer rows above
    is_free: BOOLS  # (c,) competes, and is not placed
    is_barred: BOOLS  # (c,) may not stand at the present position


@njit()
def choose(s: ScoreContext, out: PlacedRows, trace: ScoreTrace) -> None:
    """Place the rows of every profile's page; scores go to the trace as far as it has room."""
    for p in range(len(s.batch.profiles)):
        s.page.last[1] = 0
        for slot in range(len(s.row.sizes)):
            s.row.sizes[slot] = -1
        for g in range(len(s.above.mix)):
            s.above.mix[g] = s.above.last[g] = 0.0
        for kind in range(len(s.above.kinds)):
            s.above.kinds[kind].rows = s.above.kinds[kind].since = 0
        first = s.batch.profiles[p].first
        for offer in range(first, first + s.batch.profiles[p].size):
            kind = s.batch.offers[offer].kind
            count_repeats(s.page, s.rules, titles_of(s.batch, offer), kind, p)
        if len(s.past.placed):
            _repeat_page(s, p, out, trace)
        else:
            _build_page(s, p, out, trace)


@inner_njit()
def _try_row(s: ScoreContext, where: RowPosition, out: PlacedRows) -> bool:
    """Put the offer's row on the page; False, and nothing is changed, where a rule forbids it."""
    titles, offer = titles_of(s.batch, where.offer), s.batch.offers[where.offer]
    row = RowToPlace(offer.kind, where.profile, where.position, where.offer, offer.first)
    cells = cells_that_fit(s.page, s.rules, titles, row)
    if cells:
        count_row(s, where)
        place_row(s.page, s.rules, out, titles, row, cells)
    return cells > 0


@inner_njit()
def _build_page(s: ScoreContext, p: int, out: PlacedRows, trace: ScoreTrace) -> None:
    """One page: at each position the best row that may stand there, in the first rows that of the search."""
    low, size = s.batch.profiles[p].first, s.batch.profiles[p].size
    candidates = Candidates(
        np.full(size, NEVER),
        np.zeros(size, np.bool_),
        np.zeros(size, np.bool_),
        np.zeros(size, np.bool_),
    )
    for k in range(size):
        candidates.is_free[k] = s.batch.offers[low + k].competes
    alone, first_rows = s.parameters.alone, np.full(s.parameters.search_rows, -1)
    for position in range(1, s.rules.rows + 1):
        anew = position == 1 or (position <= s.parameters.full_rows and not alone)
        for k in range(size):
            candidates.is_barred[k] = not _may_come(s, low + k, position)
            candidates.is_stale[k] = candidates.is_free[k] and (anew or not alone)
            if candidates.is_stale[k] and anew:
                where = RowPosition(p, low + k, position)
                candidates.score[k] = row_score(s, where, trace)
                candidates.is_stale[k] = False
        if position == 1 and s.parameters.search_rows > 0:
            first_rows = best_first_rows(s, p, candidates.score)
        is_restricted = _bar_all_but_required(s, low, position, candidates)
        best = _place_fixed(s, p, position, candidates, out)
        if best < 0:
            best = _place_first(s, p, position, candidates, first_rows, out)
        if best < 0:
            best = _place_best(s, p, position, candidates, out, trace)
        if best < 0 and is_restricted:  # what is required cannot stand here: others may
            for k in range(size):
                candidates.is_barred[k] = not _may_come(s, low + k, position)
            best = _place_best(s, p, position, candidates, out, trace)
        if best < 0:
            return
        candidates.is_free[best] = False


@inner_njit()
def _may_come(s: ScoreContext, offer: int, position: int) -> bool:
    """Whether an offer need not wait for a position further down."""
    return s.parameters.alone or s.batch.offers[offer].position <= position


@inner_njit()
def _place_fixed(
    s: ScoreContext, p: int, position: int, candidates: Candidates, out: PlacedRows
) -> int:
    """Place the row whose position this is; its index, -1 where there is none or it may not stand."""
    low = s.batch.profiles[p].first
    for k in range(len(candidates.is_free)):
        is_due = s.batch.offers[low + k].position == position and not s.parameters.alone
        may_stand = is_due and candidates.is_free[k] and not candidates.is_barred[k]
        if may_stand and _try_row(s, RowPosition(p, low + k, position), out):
            return k
    return -1


@inner_njit()
def _place_first(
    s: ScoreContext,
    p: int,
    position: int,
    candidates: Candidates,
    first_rows: I64,
    out: PlacedRows,
) -> int:
    """Place the row that the search wants at the position; its index, -1 where it wants or gets none."""
    if position > len(first_rows) or first_rows[position - 1] < 0:
        return -1
    k = first_rows[position - 1]
    if candidates.is_free[k] and not candidates.is_barred[k]:
        if _try_row(s, RowPosition(p, s.batch.profiles[p].first + k, position), out):
            return k
        candidates.is_barred[k] = True
    return -1


@inner_njit()
def _place_best(
    s: ScoreContext,
    p: int,
    position: int,
    candidates: Candidates,
    out: PlacedRows,
    trace: ScoreTrace,
) -> int:
    """Place the best row that is not barred; its index, -1 where none may stand there.

    A stale score, made for fewer rows above, is renewed only when it is the highest.
    """
    low = s.batch.profiles[p].first
    while True:
        best = _best(candidates, candidates.is_barred)
        if best < 0:
            return -1
        if candidates.is_stale[best]:
            where = RowPosition(p, low + best, position)
            candidates.score[best] = row_score(s, where, trace)
            candidates.is_stale[best] = False
            continue
        if _try_row(s, RowPosition(p, low + best, position), out):
            return best
        candidates.is_barred[best] = True


@inner_njit()
def _best(candidates: Candidates, excluded: BOOLS) -> int:
    """The index of the highest score among free rows, the first of equals; -1 where there is none."""
    best, score = -1, candidates.score
    for k in range(len(score)):
        may_stand = candidates.is_free[k] and not excluded[k] and score[k] > NEVER
        if may_stand and (best < 0 or score[k] > score[best]):
            best = k
    return best


@inner_njit()
def _bar_all_but_required(s: ScoreContext, low: int, position: int, candidates: Candidates) -> bool:
    """Bar all but required kinds where these need every position left before their last one.

    Returns whether it was so.
    """
    deadline = s.rules.deadline
    is_due = np.zeros(len(deadline), np.bool_)
    is_free, is_barred = candidates.is_free, candidates.is_barred
    for k in range(len(is_free)):
        kind = s.batch.offers[low + k].kind
        is_due[kind] |= is_free[k] and deadline[kind] > 0 and s.above.kinds[kind].rows == 0
    for latest in deadline:
        count = 0
        for kind in range(len(deadline)):
            count += is_due[kind] and deadline[kind] <= latest
        if count and position + count > latest:
            for k in range(len(is_free)):
                kind = s.batch.offers[low + k].kind
                is_barred[k] = not (is_due[kind] and deadline[kind] <= latest)
            return True
    return False


@inner_njit()
def _repeat_page(s: ScoreContext, p: int, out: PlacedRows, trace: ScoreTrace) -> None:
    """One page with the rows that stood on it; one that does not fit leaves its position empty."""
    for position in range(1, s.past.placed.shape[1] + 1):
        offer = s.past.placed[p, position - 1]
        if offer >= 0:
            where = RowPosition(p, offer, position)
            row_score(s, where, trace)
            _try_row(s, where, out)
