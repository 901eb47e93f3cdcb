"""Rows chosen one after another, each scored given the rows already placed, with a look ahead (N-064).

The score of a row is a sum of logarithms: the worth of its head, what the row model adds, and weights on coverage
and calibration. It counts in steps, within which the order is the same from day to day. All loops are compiled, and
over scalars only: array expressions would take the compiler many times as long.
"""

import numba
import numpy as np

from conf.compiled import inner_njit
from models.page.layout.placement import fits, put
from models.page.layout.row_features import heads, titles_of
from models.page.layout.row_score import NEVER, remember, scored


@numba.njit(cache=True)
def choose(s, out, kept):  # type: ignore[no-untyped-def]
    """Lay the rows of every profile's page; their scores are kept in the trace `kept` as far as it has room."""
    for p in range(len(s.stock.profiles)):
        s.page.last[1] = 0
        for g in range(len(s.above.mix)):
            s.above.mix[g] = s.above.last[g] = 0.0
        for kind in range(len(s.above.kinds)):
            s.above.kinds[kind].rows = s.above.kinds[kind].since = 0
        if len(s.past.placed):
            _retrace(s, p, out, kept)
        else:
            _build(s, p, out, kept)


@inner_njit()
def _place(s, p, offer, position, out):  # type: ignore[no-untyped-def]
    """Put the offer's row on the page; False, and nothing is changed, where the rules forbid it there."""
    titles, kind = titles_of(s.stock, offer), s.stock.offers[offer].kind
    cells = fits(s.page, s.rules, titles, kind, p, position)
    if cells:
        remember(s, p, offer, position)
        put(
            s.page,
            s.rules,
            out,
            titles,
            kind,
            p,
            position,
            offer,
            s.stock.offers[offer].first,
            cells,
        )
    return cells > 0


@inner_njit()
def _build(s, p, out, kept):  # type: ignore[no-untyped-def]
    """One page: at each position the best row that may stand there."""
    low, size = s.stock.profiles[p].first, s.stock.profiles[p].size
    score, stale = np.full(size, NEVER), np.zeros(size, np.bool_)
    alive, barred = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    for k in range(size):
        alive[k] = s.stock.offers[low + k].competes
    for position in range(1, s.rules.rows + 1):
        anew = position == 1 or (position <= s.taste.full_rows and not s.taste.alone)
        for k in range(size):
            barred[k] = False
            stale[k] = alive[k] and (anew or not s.taste.alone)
            if stale[k] and anew:
                score[k], stale[k] = scored(s, p, low + k, position, kept, True), False
        restricted = _only_required(s, low, position, alive, barred)
        chosen = _next(s, p, score, alive, stale, barred, position, out, kept)
        if chosen < 0 and restricted:  # what is required cannot stand here: others may
            for k in range(size):
                barred[k] = False
            chosen = _next(s, p, score, alive, stale, barred, position, out, kept)
        if chosen < 0:
            return
        alive[chosen] = False


@inner_njit()
def _next(s, p, score, alive, stale, barred, position, out, kept):  # type: ignore[no-untyped-def]
    """Place the best row that is not barred; its place among the offers, -1 where none may stand there.

    A stale score, made for fewer rows above, is renewed only when it is the highest.
    """
    low = s.stock.profiles[p].first
    while True:
        best = _best(score, alive, barred)
        if best < 0:
            return -1
        if stale[best]:
            score[best], stale[best] = scored(s, p, low + best, position, kept, True), False
            continue
        if position <= s.taste.ahead_rows and s.taste.look_ahead > 0:
            best = _furthest(s, p, score, alive, barred, position, kept)
        if _place(s, p, low + best, position, out):
            return best
        barred[best] = True


@inner_njit()
def _best(score, alive, barred):  # type: ignore[no-untyped-def]
    """The place of the highest score among rows that may be chosen, the first of equals; -1 where there is none."""
    best = -1
    for k in range(len(score)):
        if alive[k] and not barred[k] and score[k] > NEVER and (best < 0 or score[k] > score[best]):
            best = k
    return best


@inner_njit()
def _furthest(s, p, score, alive, barred, position, kept):  # type: ignore[no-untyped-def]
    """Of the `ahead_of` best rows the one that is best together with what can follow it."""
    looked, best, most = barred.copy(), -1, 0.0
    for _ in range(s.taste.ahead_of):
        k = _best(score, alive, looked)
        if k < 0:
            break
        looked[k] = True
        value = _with_what_follows(s, p, alive.copy(), k, score[k], position, kept)
        if best < 0 or value > most:
            best, most = k, value
    return best


@inner_njit()
def _with_what_follows(s, p, alive, row, score, position, kept):  # type: ignore[no-untyped-def]
    """exp(score) and, `look_ahead` rows deep, that of the best that could follow, each reached with `down`."""
    low, above = s.stock.profiles[p].first, s.above
    mix, last, kinds = above.mix.copy(), above.last.copy(), above.kinds.copy()
    marked, size = np.empty(s.taste.look_ahead * s.rules.lead, np.int64), 0
    total, weight = np.exp(score), 1.0
    for deep in range(s.taste.look_ahead):
        alive[row] = False
        remember(s, p, low + row, position + deep)
        if not s.rules.kinds[s.stock.offers[low + row].kind, 2]:
            count = heads(
                titles_of(s.stock, low + row), s.page.shown, p, s.rules.lead, marked[size:]
            )
            for k in range(size, size + count):
                s.page.shown[marked[k]] = p
            size += count
        best, row = NEVER, -1
        for k in range(len(alive)):
            value = scored(s, p, low + k, position + deep + 1, kept, False) if alive[k] else NEVER
            if value > best:
                best, row = value, k
        if row < 0:
            break
        weight *= s.taste.down
        total += weight * np.exp(best)
    for k in range(size):
        s.page.shown[marked[k]] = -1
    for g in range(len(mix)):
        above.mix[g], above.last[g] = mix[g], last[g]
    for kind in range(len(kinds)):
        above.kinds[kind].rows, above.kinds[kind].since = kinds[kind].rows, kinds[kind].since
    return total


@inner_njit()
def _only_required(s, low, position, alive, barred):  # type: ignore[no-untyped-def]
    """Bar all but required kinds where these need every position left before their last one; whether it was so."""
    deadline = s.rules.deadline
    waiting = np.zeros(len(deadline), np.bool_)
    for k in range(len(alive)):
        kind = s.stock.offers[low + k].kind
        waiting[kind] |= alive[k] and deadline[kind] > 0 and s.above.kinds[kind].rows == 0
    for latest in deadline:
        first = 0
        for kind in range(len(deadline)):
            first += waiting[kind] and deadline[kind] <= latest
        if first and position + first > latest:
            for k in range(len(alive)):
                kind = s.stock.offers[low + k].kind
                barred[k] = not (waiting[kind] and deadline[kind] <= latest)
            return True
    return False


@inner_njit()
def _retrace(s, p, out, kept):  # type: ignore[no-untyped-def]
    """One page with the rows that are named, in their order; one that does not fit leaves its position empty."""
    for position in range(1, s.past.placed.shape[1] + 1):
        offer = s.past.placed[p, position - 1]
        if offer >= 0:
            scored(s, p, offer, position, kept, True)
            _place(s, p, offer, position, out)
