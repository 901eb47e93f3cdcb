"""From scored rows of whole queries to the hits that the ranking metrics count.

`scores` and `labels` are (N,); the first `groups[0]` rows are the first query, and so on.
"""

import numpy as np
from numpy.typing import NDArray


def top_hits(
    scores: NDArray[np.floating], labels: NDArray[np.integer], groups: NDArray[np.integer], k: int
) -> NDArray[np.bool_]:
    """Hits (q, k) of each query's k best rows by score, equal scores in the order of the rows.

    Ranks beyond the end of a short query are misses.
    """
    rows = np.arange(len(scores))
    query = np.repeat(np.arange(len(groups)), groups)
    order = np.lexsort((rows, -np.asarray(scores, np.float64), query))
    first_row = np.cumsum(groups) - groups
    index_in_query = rows - np.repeat(first_row, groups)
    is_top = index_in_query < k
    hits = np.zeros((len(groups), k), bool)
    hits[query[is_top], index_in_query[is_top]] = labels[order][is_top] > 0
    return hits


def right_order(
    scores: NDArray[np.floating], labels: NDArray[np.integer], groups: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Share of each query's pairs (relevant, other) in the right order (q,), equal scores half.

    1 is perfect, .5 is chance. The area under the curve; 1 - it is the mean percentile rank of what
    is relevant. nan for a query without pairs.
    """
    shares = np.full(len(groups), np.nan)
    start = 0
    for query, size in enumerate(groups):
        rows = slice(start, start + size)
        start += size
        is_relevant = labels[rows] > 0
        others = np.sort(scores[rows][~is_relevant])
        if is_relevant.any() and len(others):
            relevant_scores = scores[rows][is_relevant]
            below = np.searchsorted(others, relevant_scores, "left")
            below_or_equal = np.searchsorted(others, relevant_scores, "right")
            shares[query] = (below + below_or_equal).mean() / 2 / len(others)
    return shares
