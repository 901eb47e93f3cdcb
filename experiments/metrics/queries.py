"""From scores to the hits that the ranking metrics count; equal scores count by their mean.

Rows are those of whole queries: `scores` and `labels` are (N,); the first `groups[0]` rows are the
first query, and so on.
"""

import numpy as np
from numpy.typing import NDArray

from experiments.metrics.ranking import Hits


def top_hits(
    scores: NDArray[np.floating], labels: NDArray[np.integer], groups: NDArray[np.integer], k: int
) -> Hits:
    """What stands at each query's k best rows by score (q, k), over all orders of equal scores.

    Among n equal rows of which r are relevant each rank is a hit with chance r / n, and once it is
    one, each other rank of them with (r - 1) / (n - 1). Ranks beyond the end of a short query are
    misses; what has no score stands last.
    """
    score = np.nan_to_num(
        np.asarray(scores, np.float64), nan=-np.inf, posinf=np.inf, neginf=-np.inf
    )
    relevant: NDArray[np.int64] = (np.asarray(labels) > 0).astype(np.int64)
    query = np.repeat(np.arange(len(groups)), groups)
    order = np.lexsort((-score, query))
    score, relevant = score[order], relevant[order]
    is_first = (np.diff(query, prepend=-1) != 0) | (score != np.roll(score, 1))
    starts = np.flatnonzero(is_first)
    equals = np.diff(np.append(starts, len(score)))
    hits_before_row: NDArray[np.int64] = np.cumsum(relevant) - relevant
    hits_of_equals = np.diff(np.append(hits_before_row[starts], relevant.sum()))

    rank = np.arange(len(score)) - np.repeat(np.cumsum(groups) - groups, groups)
    top = np.flatnonzero(rank < k)
    run = (np.cumsum(is_first) - 1)[top]  # the run of equal scores that each top row is in
    count, hit_count, index = equals[run], hits_of_equals[run], top - starts[run]
    first_row = (np.cumsum(groups) - groups)[query[top]]
    hits_above: NDArray[np.int64] = hits_before_row[starts[run]] - hits_before_row[first_row]
    cell = query[top], rank[top]
    chance, above = np.zeros((2, len(groups), k))
    no_hit = np.ones((len(groups), k))
    chance[cell] = hit_count / count
    above[cell] = hits_above + index * np.maximum(hit_count - 1, 0) / np.maximum(count - 1, 1)
    no_hit[cell] = np.maximum(count - hit_count - index, 0) / (count - index)
    return Hits(chance, above, 1 - no_hit.prod(axis=1))


def list_hits(
    scores: NDArray[np.floating], relevant: NDArray[np.bool_], listed: NDArray[np.bool_], k: int
) -> Hits:
    """The same of scores (m, n) of titles, of which those `listed` (m, n) may stand in a list."""
    best = min(k, scores.shape[1])
    open_scores = np.where(listed & ~np.isnan(scores), scores, -np.inf)
    least = -np.partition(-open_scores, best - 1, axis=1)[:, best - 1 : best]
    reached = listed & (open_scores >= least)
    groups = reached.sum(axis=1)
    return top_hits(open_scores[reached], relevant[reached].astype(np.int64), groups, k)


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
