"""One row's score where it would stand, given the rows above: what all choices of rows are made of."""

from typing import NamedTuple

import numba
import numpy as np

from conf.compiled import inner_njit
from models.page.layout.placement import Board, Rules, board
from models.page.layout.row_features import (
    COUNT,
    COVERAGE,
    F32,
    I64,
    KIND,
    WORTH,
    Above,
    Records,
    Stock,
    describe,
    discounted,
    genres_of,
    heads,
    titles_of,
)
from models.page.layout.trees import Forest, grown

NEVER = -1e30
ALPHA = 0.01  # of the profile's own mix that is blended into the page's before they are compared (Steck 2018)
_REPEATS = -2  # the mark under which no title counts as shown, for rows that may repeat
_SCORE = np.dtype(
    [("offer", np.int64), ("position", np.int64), ("score", np.float64), ("truth", np.float64)]
)


class Taste(NamedTuple):
    """The numbers of `choice` in conf/pages.yaml, and the eye's chances of going on."""

    down: float
    right: float
    head: int
    full_rows: int
    look_ahead: int
    ahead_of: int
    ahead_rows: int
    diversity: float
    calibration: float
    steps: float
    alone: bool  # rows are scored once, before any is placed


class Hindsight(NamedTuple):
    """What is known only of the past: offers to be placed as they were (m, rows), -1 for none, or (0, 0) where rows are
    to be chosen; and what each title was worth in the end (m, n), or (0, 0)."""

    placed: I64
    truth: F32


class Trace(NamedTuple):
    """Every score that was made while there is room, and the features that it was made of."""

    made: Records  # (t,) of offer, position, score, and what the head was worth in hindsight
    x: F32  # (t, features)
    used: I64  # (1,)


class Scratch(NamedTuple):
    """Room for one row under consideration."""

    head: I64
    mix: F32
    x: F32


class Scene(NamedTuple):
    """Everything that a choice of rows sees."""

    stock: Stock
    rules: Rules
    taste: Taste
    trees: Forest
    past: Hindsight
    above: Above
    page: Board
    room: Scratch


def no_hindsight() -> Hindsight:
    """Rows are to be chosen, and nobody knows how it ends."""
    return Hindsight(np.zeros((0, 0), np.int64), np.zeros((0, 0), np.float32))


def scene(
    stock: Stock, rules: Rules, taste: Taste, trees: Forest, past: Hindsight | None = None
) -> Scene:
    """Everything for a batch, with scratch of its sizes."""
    genres, kinds = stock.mix.shape[1], len(rules.kinds)
    mix, last, considered = (np.zeros(genres, np.float32) for _ in range(3))
    room = Scratch(np.empty(taste.head, np.int64), considered, np.zeros(COUNT + kinds, np.float32))
    above = Above(mix, last, np.zeros(kinds, KIND))
    return Scene(
        stock, rules, taste, trees, past or no_hindsight(), above, board(stock.title, rules), room
    )


def trace(size: int, features: int) -> Trace:
    """Room for `size` scores."""
    return Trace(
        np.zeros(size, _SCORE), np.zeros((size, features), np.float32), np.zeros(1, np.int64)
    )


@numba.njit(cache=True)
def own_worths(stock, head, right):  # type: ignore[no-untyped-def]
    """Set each offer's `own`."""
    for p in range(len(stock.profiles)):
        first = stock.profiles[p].first
        for offer in range(first, first + stock.profiles[p].size):
            stock.offers[offer].own = discounted(
                titles_of(stock, offer)[:head], stock.worth[p], right
            )


@inner_njit()
def distance(own, above, row):  # type: ignore[no-untyped-def]
    """KL of the page's genres, this row's included, from the profile's own (Steck 2018); 0 where either is unknown."""
    total, wanted, far = 0.0, 0.0, 0.0
    for g in range(len(own)):
        total += above[g] + row[g]
        wanted += own[g]
    if total <= 0 or wanted <= 0:
        return 0.0
    for g in range(len(own)):
        if own[g] > 0:
            far += own[g] * np.log(
                own[g] / ((1 - ALPHA) * (above[g] + row[g]) / total + ALPHA * own[g])
            )
    return far


@inner_njit()
def head_of(s, p, offer):  # type: ignore[no-untyped-def]
    """The titles of an offer that would lead its row; leaves their genres in `room.mix`."""
    mark = _REPEATS if s.rules.kinds[s.stock.offers[offer].kind, 2] else p
    head = s.room.head[
        : heads(titles_of(s.stock, offer), s.page.shown, mark, s.taste.head, s.room.head)
    ]
    genres_of(head, s.stock.mix, s.room.mix)
    return head


@inner_njit()
def scored(s, p, offer, position, kept, keep):  # type: ignore[no-untyped-def]
    """The score of an offer at a position from 1, NEVER where its head has no title; kept in the trace if `keep`."""
    x, taste = s.room.x, s.taste
    head = head_of(s, p, offer)
    if not len(head):
        return NEVER
    describe(s.stock, s.above, p, offer, position, s.rules.rows, head, s.room.mix, taste.right, x)
    score = x[WORTH] + grown(s.trees, x) + taste.diversity * x[COVERAGE]
    if taste.calibration > 0:
        score -= taste.calibration * distance(s.stock.own_mix[p], s.above.mix, s.room.mix)
    if taste.steps > 0:
        score = (np.floor(score / taste.steps) + s.stock.offers[offer].tie) * taste.steps
    at = kept.used[0]
    if keep and at < len(kept.made):
        kept.made[at].offer, kept.made[at].position, kept.made[at].score = offer, position, score
        if len(s.past.truth):
            kept.made[at].truth = discounted(head, s.past.truth[p], taste.right)
        for f in range(len(x)):
            kept.x[at, f] = x[f]
        kept.used[0] += 1
    return score + s.stock.offers[offer].jitter


@inner_njit()
def remember(s, p, offer, position):  # type: ignore[no-untyped-def]
    """Count the row at `position` among those above, before its titles are marked as shown."""
    head_of(s, p, offer)
    for g in range(len(s.above.mix)):
        s.above.mix[g] += s.room.mix[g]
        s.above.last[g] = s.room.mix[g]
    kind = s.stock.offers[offer].kind
    s.above.kinds[kind].rows += 1
    s.above.kinds[kind].since = position
