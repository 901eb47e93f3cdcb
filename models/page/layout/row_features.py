"""What a row is like where it would stand: the features by which it is scored, given the rows above it (N-068).

One implementation for training and for building. Everything is about the row's head: its first titles that stand in no
head above.
"""
# Tested by tests/models/page/layout/test_training_rows.py.

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.compiled import inner_njit

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
Records = NDArray[Any]  # a structured array: compiled loops take it faster than as many columns
FEATURES = (
    "position",  # of the row, from 1
    "log_worth",  # of the head: log of the sum of right^j times the titles' worth
    "log_own_worth",  # the same if nothing stood above
    "log_best",  # the worth of the best title of the head
    "log_first",  # and of the first
    "fresh_cells",  # of the head
    "log_length",  # titles that the row could show
    "log_place",  # among the profile's rows of this kind, the most preferred first
    "popularity",  # mean over the head of log(1 + plays in 30 days)
    "recent_popularity",  # in 7 days
    "share_new",  # of the head's titles that are new to the service
    "own_genres",  # cosine of the head's genres with those of the profile's history
    "page_genres",  # with those of the rows above
    "last_genres",  # with those of the row just above
    "coverage",  # gain in coverage of the profile's genres
    "kind_above",  # rows of this kind above
    "since_kind",  # rows since the last of this kind, the page's length where there is none
    "log_history",  # log(1 + titles that the profile played)
    "log_kind_seen",  # log(1 + rows of this kind that came into view of the profile lately)
    "kind_taken",  # share of these that it played from, drawn towards the mean of all
    "p_continues",  # the probability that the profile's next session goes on with something, 0 where unknown
)
COUNT = len(FEATURES)
WORTH, COVERAGE = FEATURES.index("log_worth"), FEATURES.index("coverage")
OFFER = np.dtype(
    [
        ("kind", np.int64),
        ("index", np.int64),
        ("first", np.int64),
        ("size", np.int64),
        ("own", np.float64),
        ("tie_break", np.float64),
        ("jitter", np.float64),
        ("competes", np.bool_),
        ("position", np.int64),
    ],
    align=True,
)
TITLE = np.dtype(
    [("popularity", np.float32), ("recent", np.float32), ("fresh", np.bool_)], align=True
)
PROFILE = np.dtype(
    [
        ("first", np.int64),
        ("size", np.int64),
        ("log_history", np.float32),
        ("p_continues", np.float32),
    ],
    align=True,
)
KIND = np.dtype([("rows", np.int64), ("since", np.int64)], align=True)


class OfferBatch(NamedTuple):
    """The offers of a batch: m profiles, n titles of g genres, o offers of k kinds.

    An offer's titles are title[first:first + size], best first; `index` counts the profile's offers
    of its kind, `own` is the worth of its head if nothing stood above, `tie_break` in [0, 1) orders
    equal scores, `jitter` is added to scores in training, and only what `competes` may be chosen. An
    offer with a `position` stands there and nowhere else, 0 for any.
    A profile's offers are offers[first:first + size].
    """

    offers: Records  # (o,) of OFFER
    title: NDArray[np.int32]  # the titles of all offers, one after another
    titles: Records  # (n,) of TITLE
    profiles: Records  # (m,) of PROFILE
    worth: F32  # (m, n) of each title to each profile
    own_mix: F32  # (m, g) genres of the profile's history, sum 1 or 0
    mix: F32  # (n, g) genres of each title, sum 1 or 0
    habits: F32  # (m, k, 2) log_kind_seen and kind_taken


class RowPosition(NamedTuple):
    """One offer at a position of its profile's page."""

    profile: int
    offer: int
    position: int  # from 1


class RowScratch(NamedTuple):
    """The head of each offer of one profile as last found, and in the last slot one that is not kept."""

    sizes: I64  # (slots,) titles of the head, -1 where none was found yet
    heads: I64  # (slots, most titles of a head)
    mix: F32  # (slots, g) genres of the head
    x: F32  # (slots, features)


class RowsAbove(NamedTuple):
    """What stands above while a page is built: scratch, used again for each profile."""

    mix: F32  # (g,) genres of all heads above
    last: F32  # (g,) of the head just above
    kinds: Records  # (k,) of KIND: rows of the kind, and the position of the last, 0 for none


@inner_njit()
def titles_of(batch: OfferBatch, offer: int) -> NDArray[np.int32]:
    """The titles that an offer lists, best first."""
    first = batch.offers[offer].first
    return batch.title[first : first + batch.offers[offer].size]


@inner_njit()
def heads(titles: I32, shown: I64, mark: int, most: int, out: I64) -> int:
    """Write the first `most` of `titles` that are not shown to `out`; how many there are."""
    count = 0
    for title in titles:
        if count == most:
            break
        if shown[title] != mark:
            out[count] = title
            count += 1
    return count


@inner_njit()
def discounted(titles: I32 | I64, worth: F32, right: float) -> float:
    """Sum of right^j times the worth of the j-th title, j from 0."""
    total, weight = 0.0, 1.0
    for title in titles:
        total += weight * worth[title]
        weight *= right
    return total


@inner_njit()
def genres_of(titles: I64, mix: F32, out: F32) -> None:
    """Fill `out` (g,) with the mean genre mix of the titles."""
    share = 1.0 / max(1, len(titles))
    for g in range(len(out)):
        out[g] = 0.0
    for title in titles:
        for g in range(len(out)):
            out[g] += share * mix[title, g]


@inner_njit()
def genre_cosine(a: F32, b: F32) -> float:
    """Cosine of two vectors; 0 where either is 0."""
    both, left, right = 0.0, 0.0, 0.0
    for g in range(len(a)):
        both += a[g] * b[g]
        left += a[g] * a[g]
        right += b[g] * b[g]
    return both / np.sqrt(left * right) if left > 0 and right > 0 else 0.0


@inner_njit()
def coverage_gain(own: F32, above: F32, row: F32) -> float:
    """Gain in sum over genres of own * log(1 + what heads hold of it): submodular, each row of a genre adds less."""
    gain = 0.0
    for g in range(len(own)):
        if row[g] > 0:
            gain += own[g] * np.log((1.0 + above[g] + row[g]) / (1.0 + above[g]))
    return gain


@inner_njit()
def fill_features_of_head(
    batch: OfferBatch, p: int, offer: int, right: float, scratch: RowScratch, slot: int
) -> None:
    """Fill a slot's features that hold while its head does, and one mark for each kind of row."""
    head, mix, x = scratch.heads[slot, : scratch.sizes[slot]], scratch.mix[slot], scratch.x[slot]
    row, worth = batch.offers[offer], batch.worth[p]
    best, popularity, recent, fresh = 1e-9, 0.0, 0.0, 0.0
    for title in head:
        best = max(best, worth[title])
        popularity += batch.titles[title].popularity
        recent += batch.titles[title].recent
        fresh += batch.titles[title].fresh
    share = 1.0 / max(1, len(head))
    x[1] = np.log(max(1e-9, discounted(head, worth, right)))
    x[2] = np.log(max(1e-9, row.own))
    x[3] = np.log(best)
    x[4] = np.log(max(1e-9, worth[head[0]])) if len(head) else np.log(1e-9)
    x[5] = len(head)
    x[6] = np.log(1.0 + row.size)
    x[7] = np.log(1.0 + row.index)
    x[8] = share * popularity
    x[9] = share * recent
    x[10] = share * fresh
    x[11] = genre_cosine(batch.own_mix[p], mix)
    x[17] = batch.profiles[p].log_history
    x[18] = batch.habits[p, row.kind, 0]
    x[19] = batch.habits[p, row.kind, 1]
    x[20] = batch.profiles[p].p_continues
    for kind in range(len(x) - COUNT):
        x[COUNT + kind] = 1.0 if kind == row.kind else 0.0


@inner_njit()
def fill_features_of_place(
    batch: OfferBatch, above: RowsAbove, rows: int, where: RowPosition, mix: F32, x: F32
) -> None:
    """Fill the features that change with the rows above, of an offer whose head has these genres."""
    own, position = batch.own_mix[where.profile], where.position
    of_kind = above.kinds[batch.offers[where.offer].kind]
    x[0] = position
    x[12] = genre_cosine(above.mix, mix)
    x[13] = genre_cosine(above.last, mix)
    x[14] = coverage_gain(own, above.mix, mix)
    x[15] = of_kind.rows
    x[16] = position - of_kind.since if of_kind.since else rows
