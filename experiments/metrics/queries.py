"""From scored rows of whole queries to the hits that the ranking metrics count."""

import numpy as np
from numpy.typing import NDArray


def top_hits(
    scores: NDArray[np.floating], labels: NDArray[np.integer], groups: NDArray[np.integer], k: int
) -> NDArray[np.bool_]:
    """Hits (q, k) of each query's k best rows by score; ties in row order, places beyond a short query are misses.

    `scores` and `labels` are (N,); the first `groups[0]` rows are the first query, and so on.
    """
    query = np.repeat(np.arange(len(groups)), groups)
    order = np.lexsort((np.arange(len(scores)), -np.asarray(scores, np.float64), query))
    place = np.arange(len(scores)) - np.repeat(np.cumsum(groups) - groups, groups)
    hits = np.zeros((len(groups), k), bool)
    top = place < k
    hits[query[top], place[top]] = labels[order][top] > 0
    return hits


def right_order(
    scores: NDArray[np.floating], labels: NDArray[np.integer], groups: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Share of each query's pairs (relevant, other) in the right order (q,), ties half: 1 is perfect, .5 is chance.

    The area under the curve; 1 - it is the mean percentile rank of what is relevant. NaN for a query without pairs.
    """
    share, start = np.full(len(groups), np.nan), 0
    for query, size in enumerate(groups):
        part, relevant = scores[start : start + size], labels[start : start + size] > 0
        others = np.sort(part[~relevant])
        if relevant.any() and len(others):
            below = np.searchsorted(others, part[relevant], "left") + np.searchsorted(
                others, part[relevant], "right"
            )
            share[query] = below.mean() / 2 / len(others)
        start += size
    return share
