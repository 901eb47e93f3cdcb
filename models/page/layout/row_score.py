"""One row's score where it would stand, given the rows above: what all choices of rows are made of."""
# Tested by tests/models/page/test_builders.py.

from typing import NamedTuple

import numpy as np

from conf.compiled import inner_njit, njit
from models.page.layout.placement import PageScratch, Rules, page_scratch
from models.page.layout.row_features import (
    COUNT,
    COVERAGE,
    F32,
    I64,
    KIND,
    WORTH,
    OfferBatch,
    Records,
    RowPosition,
    RowsAbove,
    RowScratch,
    discounted,
    fill_features_of_head,
    fill_features_of_place,
    genres_of,
    heads,
    titles_of,
)
from models.page.layout.trees import Forest, forest_score

NEVER = -1e30
ALPHA = 0.01  # of the profile's own mix that is blended into the page's before they are compared (Steck 2018)
_REPEATS = -2  # the mark under which no title counts as shown, for rows that may repeat
_SCORE = np.dtype(
    [("offer", np.int64), ("position", np.int64), ("score", np.float64), ("truth", np.float64)]
)


class ChoiceParameters(NamedTuple):
    """The numbers of `choice` in conf/pages.yaml, and the chances that a member looks further."""

    down: float  # chance of looking one row further down
    right: float  # chance of looking one cell further to the right
    head: int  # titles at the head of a row that its worth is made of
    full_rows: int  # positions at which all rows are scored again
    search_rows: int  # first rows that are chosen together, 0 for none
    search_width: int  # sequences of them that are kept at each length
    search_of: int  # rows that are tried for them, the best alone
    search_head: int  # cells that come into view with a row
    search_right: float  # chance of looking at one of them further to the right
    diversity: float  # weight of the gain in coverage
    calibration: float  # weight of the distance from the profile's own genres
    steps: float  # scores within one step count as equal; 0 for exact scores
    alone: bool  # rows are scored once, before any is placed


class Hindsight(NamedTuple):
    """What is known of the past only; (0, 0) where it is not."""

    placed: I64  # (m, rows) the offers that stood on the pages, -1 for none
    truth: F32  # (m, n) what each title was worth in the end


class ScoreTrace(NamedTuple):
    """Every score that was made while there is room, and the features that it was made of."""

    scores: Records  # (t,) of offer, position, score, and what the head was worth in hindsight
    x: F32  # (t, features)
    used: I64  # (1,) number of scores in the trace


class ScoreContext(NamedTuple):
    """Everything that a choice of rows is made from."""

    batch: OfferBatch
    rules: Rules
    parameters: ChoiceParameters
    trees: Forest
    past: Hindsight
    above: RowsAbove
    page: PageScratch
    row: RowScratch


def no_hindsight() -> Hindsight:
    """Rows are to be chosen, and nobody knows how it ends."""
    return Hindsight(np.zeros((0, 0), np.int64), np.zeros((0, 0), np.float32))


def score_context(
    batch: OfferBatch,
    rules: Rules,
    parameters: ChoiceParameters,
    trees: Forest,
    past: Hindsight | None = None,
) -> ScoreContext:
    """Everything for a batch, with scratch of its sizes."""
    genres, kinds = batch.mix.shape[1], len(rules.kinds)
    slots = int(batch.profiles["size"].max(initial=0)) + 1
    mix_above, last_mix = np.zeros(genres, np.float32), np.zeros(genres, np.float32)
    return ScoreContext(
        batch,
        rules,
        parameters,
        trees,
        past or no_hindsight(),
        RowsAbove(mix_above, last_mix, np.zeros(kinds, KIND)),
        page_scratch(batch.title, rules),
        RowScratch(
            np.full(slots, -1),
            np.empty((slots, parameters.head), np.int64),
            np.zeros((slots, genres), np.float32),
            np.zeros((slots, COUNT + kinds), np.float32),
        ),
    )


def score_trace(size: int, features: int) -> ScoreTrace:
    """Room for `size` scores."""
    x = np.zeros((size, features), np.float32)
    return ScoreTrace(np.zeros(size, _SCORE), x, np.zeros(1, np.int64))


@njit()
def fill_own_worths(batch: OfferBatch, head: int, right: float) -> None:
    """Set `own` of each offer: the worth of its head if nothing stood above."""
    for p in range(len(batch.profiles)):
        first = batch.profiles[p].first
        for offer in range(first, first + batch.profiles[p].size):
            titles = titles_of(batch, offer)[:head]
            batch.offers[offer].own = discounted(titles, batch.worth[p], right)


@inner_njit()
def genre_distance(own: F32, above: F32, row: F32) -> float:
    """KL of the page's genres, this row's included, from the profile's own (Steck 2018).

    0 where either is unknown.
    """
    total, own_total, far = 0.0, 0.0, 0.0
    for g in range(len(own)):
        total += above[g] + row[g]
        own_total += own[g]
    if total <= 0 or own_total <= 0:
        return 0.0
    for g in range(len(own)):
        if own[g] > 0:
            far += own[g] * np.log(
                own[g] / ((1 - ALPHA) * (above[g] + row[g]) / total + ALPHA * own[g])
            )
    return far


@inner_njit()
def head_slot(s: ScoreContext, p: int, offer: int, is_kept: bool) -> int:
    """The slot of `s.row` with the titles of an offer that would lead its row, and what holds of them.

    A head found before holds until one of its titles is shown, as titles stay shown once they are.
    So one found while the search tries rows, and takes them away again, is not kept.
    """
    mark = _REPEATS if s.rules.kinds[s.batch.offers[offer].kind, 2] else p
    slot = offer - s.batch.profiles[p].first
    if _holds(s, slot, mark):
        return slot
    if not is_kept:
        slot = len(s.row.sizes) - 1
    count = heads(
        titles_of(s.batch, offer), s.page.shown, mark, s.parameters.head, s.row.heads[slot]
    )
    s.row.sizes[slot] = count
    genres_of(s.row.heads[slot, :count], s.batch.mix, s.row.mix[slot])
    fill_features_of_head(s.batch, p, offer, s.parameters.right, s.row, slot)
    return slot


@inner_njit()
def _holds(s: ScoreContext, slot: int, mark: int) -> bool:
    """Whether a head was found before of which no title is shown."""
    for j in range(s.row.sizes[slot]):
        if s.page.shown[s.row.heads[slot, j]] == mark:
            return False
    return s.row.sizes[slot] >= 0


@inner_njit()
def score_in_slot(s: ScoreContext, where: RowPosition, slot: int) -> float:
    """The score of an offer at a position, its head being in a slot; NEVER where that has no title."""
    if not s.row.sizes[slot]:
        return NEVER
    mix, x, parameters = s.row.mix[slot], s.row.x[slot], s.parameters
    fill_features_of_place(s.batch, s.above, s.rules.rows, where, mix, x)
    score = x[WORTH] + forest_score(s.trees, x) + parameters.diversity * x[COVERAGE]
    if parameters.calibration > 0:
        far = genre_distance(s.batch.own_mix[where.profile], s.above.mix, mix)
        score -= parameters.calibration * far
    if parameters.steps > 0:
        step = np.floor(score / parameters.steps)
        score = (step + s.batch.offers[where.offer].tie_break) * parameters.steps
    return score


@inner_njit()
def row_score(s: ScoreContext, where: RowPosition, trace: ScoreTrace) -> float:
    """The score of an offer at a position, NEVER where its head has no title; traced if there is room."""
    p, offer = where.profile, where.offer
    slot = head_slot(s, p, offer, True)
    score = score_in_slot(s, where, slot)
    if score <= NEVER:
        return NEVER
    head, x, index = s.row.heads[slot, : s.row.sizes[slot]], s.row.x[slot], trace.used[0]
    if index < len(trace.scores):
        entry = trace.scores[index]
        entry.offer = offer
        entry.position = where.position
        entry.score = score
        if len(s.past.truth):
            entry.truth = discounted(head, s.past.truth[p], s.parameters.right)
        for f in range(len(x)):
            trace.x[index, f] = x[f]
        trace.used[0] += 1
    return score + s.batch.offers[offer].jitter


@inner_njit()
def count_row(s: ScoreContext, where: RowPosition) -> None:
    """Count a row among those above, before its titles are marked as shown."""
    mix = s.row.mix[head_slot(s, where.profile, where.offer, False)]
    for g in range(len(s.above.mix)):
        s.above.mix[g] += mix[g]
        s.above.last[g] = mix[g]
    kind = s.batch.offers[where.offer].kind
    s.above.kinds[kind].rows += 1
    s.above.kinds[kind].since = where.position
