"""The first rows of a page chosen together: a beam search over sequences of rows (N-064).

A row that leads with what every row could show leaves little to those below, and one that can wait
seems to wait best at every single position. So sequences of equal length are compared, by the sum of
what their rows are worth where they stand, in the cells that come into view with them; each row
further down is reached with `down`.
"""
# Tested by tests/models/page/test_builders.py.

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.compiled import inner_njit
from models.page.layout.row_features import I64, WORTH, RowPosition, discounted, heads, titles_of
from models.page.layout.row_score import (
    NEVER,
    ScoreContext,
    count_row,
    head_slot,
    score_in_slot,
)

F64 = NDArray[np.float64]


class Beam(NamedTuple):
    """The best sequences of rows of one length, the best first."""

    rows: I64  # (width, length) indices among the profile's offers
    value: F64  # (width,) NEVER where there is none


@inner_njit()
def best_first_rows(s: ScoreContext, p: int, own: F64) -> I64:
    """The indices among the profile's offers of the rows that begin the best page, first row first.

    `own` (c,) are their scores on an empty page, NEVER for one that does not compete; of these the
    best `search_of` are tried. -1 from where nothing can follow.
    """
    parameters, low = s.parameters, s.batch.profiles[p].first
    length, width = parameters.search_rows, parameters.search_width
    pool = _best_alone(s, p, own)
    beam = Beam(np.full((width, length), -1), np.full(width, NEVER))
    beam.value[0], weight = 0.0, 1.0
    marked = np.empty(length * s.rules.lead, np.int64)
    for depth in range(length):
        longer = Beam(np.full((width, length), -1), np.full(width, NEVER))
        fixed = _fixed_at(s, p, depth + 1)
        for state in range(width):
            if beam.value[state] <= NEVER:
                break
            above = beam.rows[state, :depth]
            size = _put_above(s, p, above, marked)
            for k in pool:
                if _may_follow(s, low + k, fixed) and not _holds(above, k):
                    value = _value_in_view(s, RowPosition(p, low + k, depth + 1))
                    if value > 0:
                        _insert(longer, beam.value[state] + weight * value, above, k)
            _take_away(s, marked[:size])
        if longer.value[0] <= NEVER:
            break
        beam = longer
        weight *= parameters.down
    return beam.rows[0]


@inner_njit()
def _best_alone(s: ScoreContext, p: int, own: F64) -> I64:
    """The indices of the `search_of` best scores and of rows with a position, best first."""
    order = np.argsort(-own, kind="mergesort")
    pool, count, tried = np.empty(len(own), np.int64), 0, 0
    for k in order:
        if own[k] <= NEVER:
            break
        has_position = s.batch.offers[s.batch.profiles[p].first + k].position > 0
        if has_position or tried < s.parameters.search_of:
            pool[count] = k
            count += 1
            tried += not has_position
    return pool[:count]


@inner_njit()
def _value_in_view(s: ScoreContext, where: RowPosition) -> float:
    """exp(score) of a row, the worth of its whole head exchanged for that of its cells in view.

    0 where its head has no title.
    """
    slot = head_slot(s, where.profile, where.offer, False)
    score = score_in_slot(s, where, slot)
    if score <= NEVER:
        return 0.0
    score += s.batch.offers[where.offer].jitter
    head = s.row.heads[slot, : min(s.row.sizes[slot], s.parameters.search_head)]
    in_view = discounted(head, s.batch.worth[where.profile], s.parameters.search_right)
    return float(np.exp(score - s.row.x[slot, WORTH]) * in_view)


@inner_njit()
def _fixed_at(s: ScoreContext, p: int, position: int) -> int:
    """The offer of the profile whose position this is, -1 where there is none."""
    first = s.batch.profiles[p].first
    for offer in range(first, first + s.batch.profiles[p].size):
        if s.batch.offers[offer].position == position and s.batch.offers[offer].competes:
            return offer
    return -1


@inner_njit()
def _may_follow(s: ScoreContext, offer: int, fixed: int) -> bool:
    """Whether an offer may be tried at a position that is `fixed`'s, -1 for nobody's."""
    return offer == fixed if fixed >= 0 else s.batch.offers[offer].position == 0


@inner_njit()
def _holds(rows: I64, k: int) -> bool:
    """Whether k is one of the rows."""
    count = 0
    for row in rows:
        count += row == k
    return count > 0


@inner_njit()
def _put_above(s: ScoreContext, p: int, rows: I64, marked: I64) -> int:
    """Let the rows stand on an empty page; how many titles are marked as shown, written to `marked`."""
    low, size = s.batch.profiles[p].first, 0
    for depth in range(len(rows)):
        offer = low + rows[depth]
        count_row(s, RowPosition(p, offer, depth + 1))
        if s.rules.kinds[s.batch.offers[offer].kind, 2]:
            continue
        count = heads(titles_of(s.batch, offer), s.page.shown, p, s.rules.lead, marked[size:])
        for j in range(size, size + count):
            s.page.shown[marked[j]] = p
        size += count
    return size


@inner_njit()
def _take_away(s: ScoreContext, marked: I64) -> None:
    """Leave the page empty again."""
    for title in marked:
        s.page.shown[title] = -1
    for g in range(len(s.above.mix)):
        s.above.mix[g] = s.above.last[g] = 0.0
    for kind in range(len(s.above.kinds)):
        s.above.kinds[kind].rows = s.above.kinds[kind].since = 0


@inner_njit()
def _insert(beam: Beam, value: float, above: I64, k: int) -> None:
    """Insert a sequence where its value belongs, behind equals; the last one falls out."""
    place = len(beam.value)
    while place > 0 and value > beam.value[place - 1]:
        place -= 1
    if place == len(beam.value):
        return
    for state in range(len(beam.value) - 1, place, -1):
        beam.value[state] = beam.value[state - 1]
        for depth in range(len(above) + 1):
            beam.rows[state, depth] = beam.rows[state - 1, depth]
    beam.value[place] = value
    for depth in range(len(above)):
        beam.rows[place, depth] = above[depth]
    beam.rows[place, len(above)] = k
