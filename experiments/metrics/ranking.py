"""How good a ranked list is, one value for each member; a figure is the mean over members.

All functions take `hits` (m, k) bool: whether the title at each place, best first, is one that the member played in
the held-out part, and `relevant` (m,): how many titles the member played there, found or not, each above 0. Ties
between scores are not seen here: whoever ranks breaks them by title index, ascending.
"""

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Counts = NDArray[np.integer]
Values = NDArray[np.float64]


def ndcg(hits: Flags, relevant: Counts) -> Values:
    """Binary nDCG@k: sum of 1 / log2(place + 1) over hits, over the same sum for the best possible list.

    The best possible list is cut at k as well: it has min(k, relevant) hits. (Jarvelin and Kekalainen, 2002) NaN for a
    member of whom nothing is relevant.
    """
    discounts = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discounts)])[np.minimum(relevant, hits.shape[1])]
    return np.divide(hits @ discounts, ideal, out=np.full(len(hits), np.nan), where=ideal > 0)


def average_precision(hits: Flags, relevant: Counts) -> Values:
    """Sum over hits of the precision at their places, over `relevant`; not over min(k, relevant).

    A member with more than k relevant titles cannot reach 1. Microsoft Recommenders divides so.
    """
    places = np.arange(1, hits.shape[1] + 1)
    return (np.cumsum(hits, axis=1) / places * hits).sum(axis=1) / relevant


def average_precision_at_k(hits: Flags, relevant: Counts) -> Values:
    """The same sum over min(k, relevant), so that the best possible list has 1."""
    return average_precision(hits, relevant) * relevant / np.minimum(relevant, hits.shape[1])


def hit(hits: Flags) -> Values:
    """1 where any place is a hit."""
    return np.asarray(hits.any(axis=1), np.float64)


def precision(hits: Flags) -> Values:
    """Hits over k, also where fewer than k titles could be hit."""
    return hits.mean(axis=1)


def recall(hits: Flags, relevant: Counts) -> Values:
    """Hits over `relevant`."""
    return hits.sum(axis=1) / relevant


def coverage(best: NDArray[np.integer], titles: int) -> float:
    """Share of `titles` that stand in anybody's list; `best` (m, k) holds title indices, -1 where a list is shorter."""
    return len(np.unique(best[best >= 0])) / titles


def places(scores: NDArray[np.floating], mask: Flags) -> NDArray[np.int64]:
    """Place from 1 of each title in each member's whole list (m, n), best first, ties by index; 0 outside `mask`."""
    order = np.argsort(-np.where(mask, scores, -np.inf), axis=1, kind="stable")
    place = np.empty(scores.shape, np.int64)
    np.put_along_axis(
        place, order, np.arange(1, scores.shape[1] + 1)[None, :].repeat(len(scores), axis=0), axis=1
    )
    return np.where(mask, place, 0)


def percentile_rank(place: NDArray[np.integer], relevant: Flags) -> Values:
    """Mean over each member's relevant titles of (place - 1) / (titles in the list - 1): 0 is the top, .5 is chance.

    `place` (m, n) as of `places`. The expected percentile ranking of Hu, Koren and Volinsky (ICDM 2008).
    """
    length = np.maximum((place > 0).sum(axis=1, keepdims=True) - 1, 1)
    return ((place - 1) / length * relevant).sum(axis=1) / relevant.sum(axis=1)


def reciprocal_rank(place: NDArray[np.integer], relevant: Flags) -> Values:
    """Mean over each member's relevant titles of 1 / place in the whole list."""
    return (relevant / np.maximum(place, 1)).sum(axis=1) / relevant.sum(axis=1)


def interval(values: Values, seed: int, draws: int = 2000) -> tuple[float, float]:
    """95 % bootstrap interval of the mean: members drawn with replacement, percentiles 2.5 and 97.5 of their means.

    For the difference of two systems pass the members' differences, which keeps the pairs.
    """
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
