"""How good a ranked list is, one value for each profile; a figure is the mean over profiles.

All functions take `hits` (m, k) bool: whether the title at each rank, best first, is one that the
profile played in the days held out, and `relevant` (m,): how many titles the profile played there,
in the list or not, each above 0. Equal scores are not handled here: whoever ranks orders them by
title index, ascending.
"""

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Counts = NDArray[np.integer]
Values = NDArray[np.float64]


def ndcg(hits: Flags, relevant: Counts) -> Values:
    """Binary nDCG@k: sum of 1 / log2(rank + 1) over hits, over that sum for the best possible list.

    The best possible list is cut at k as well: it has min(k, relevant) hits. (Jarvelin and
    Kekalainen, 2002.) nan for a profile for which nothing is relevant.
    """
    k = hits.shape[1]
    discounts = 1 / np.log2(np.arange(2, k + 2))
    best_sums = np.concatenate([[0.0], np.cumsum(discounts)])
    ideal = best_sums[np.minimum(relevant, k)]
    undefined = np.full(len(hits), np.nan)
    return np.divide(hits @ discounts, ideal, out=undefined, where=ideal > 0)


def average_precision(hits: Flags, relevant: Counts) -> Values:
    """Sum over hits of the precision at their ranks, over `relevant`; not over min(k, relevant).

    A profile with more than k relevant titles cannot reach 1. Microsoft Recommenders divides so.
    """
    ranks = np.arange(1, hits.shape[1] + 1)
    precisions = np.cumsum(hits, axis=1) / ranks
    return (precisions * hits).sum(axis=1) / relevant


def average_precision_at_k(hits: Flags, relevant: Counts) -> Values:
    """The same sum over min(k, relevant), so that the best possible list has 1."""
    reachable = np.minimum(relevant, hits.shape[1])
    return average_precision(hits, relevant) * relevant / reachable


def hit(hits: Flags) -> Values:
    """1 where any rank is a hit."""
    return np.asarray(hits.any(axis=1), np.float64)


def precision(hits: Flags) -> Values:
    """Hits over k, also where fewer than k titles could be hit."""
    return hits.mean(axis=1)


def recall(hits: Flags, relevant: Counts) -> Values:
    """Hits over `relevant`."""
    return hits.sum(axis=1) / relevant


def list_coverage(lists: NDArray[np.integer], title_count: int) -> float:
    """Share of the titles that stand in any profile's list.

    `lists` (m, k) holds title indices, -1 where a list is shorter than k.
    """
    listed_titles = np.unique(lists[lists >= 0])
    return len(listed_titles) / title_count


def whole_list_ranks(scores: NDArray[np.floating], mask: Flags) -> NDArray[np.int64]:
    """Rank from 1 of each title in each profile's whole list (m, n), best score first.

    Equal scores are ordered by title index. 0 outside `mask` (m, n).
    """
    profile_count, title_count = scores.shape
    scores_in_list = np.where(mask, scores, -np.inf)
    order = np.argsort(-scores_in_list, axis=1, kind="stable")
    one_list = np.arange(1, title_count + 1)[None, :]
    ranks = np.empty(scores.shape, np.int64)
    np.put_along_axis(ranks, order, one_list.repeat(profile_count, axis=0), axis=1)
    return np.where(mask, ranks, 0)


def percentile_rank(ranks: NDArray[np.integer], relevant: Flags) -> Values:
    """Mean over each profile's relevant titles of (rank - 1) / (titles in the list - 1).

    0 is the top, .5 is chance. `ranks` (m, n) as of `whole_list_ranks`. The expected percentile
    ranking of Hu, Koren and Volinsky (ICDM 2008).
    """
    list_length = (ranks > 0).sum(axis=1, keepdims=True)
    last = np.maximum(list_length - 1, 1)
    return ((ranks - 1) / last * relevant).sum(axis=1) / relevant.sum(axis=1)


def reciprocal_rank(ranks: NDArray[np.integer], relevant: Flags) -> Values:
    """Mean over each profile's relevant titles of 1 / rank in the whole list."""
    return (relevant / np.maximum(ranks, 1)).sum(axis=1) / relevant.sum(axis=1)


def interval(values: Values, seed: int, draws: int = 2000) -> tuple[float, float]:
    """95 % bootstrap interval of the mean: percentiles 2.5 and 97.5 of the means of samples.

    Each sample draws as many profiles with replacement. For the difference of two systems pass the
    profiles' differences, which keeps the pairs.
    """
    rng = np.random.default_rng(seed)
    count = len(values)
    means = [values[rng.integers(count, size=count)].mean() for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
