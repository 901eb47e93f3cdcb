"""How good a ranked list is, one value for each profile; a figure is the mean over profiles.

All functions take `hits`, what stands at the first k ranks of m lists, and `relevant` (m,): how
many titles the profile played in the days held out, in the list or not, each above 0. Equal scores
count by their mean over all orders of those that are equal (McSherry and Najork, Computing
Information Retrieval Performance Measures Efficiently in the Presence of Tied Scores, ECIR 2008):
what titles are called changes no figure. `experiments/metrics/queries.py` has the hits of scores.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Counts = NDArray[np.integer]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Hits:
    """What stands at the first k ranks of m lists, over all orders of equal scores."""

    chance: Values  # (m, k) that a title which the profile played later stands there
    above: Values  # (m, k) hits expected at the ranks above where one stands here
    any: Values  # (m,) chance of a hit at any rank


def hits_of_lists(flags: Flags) -> Hits:
    """The hits of lists without equal scores: `flags` (m, k) says which ranks are hits."""
    chance = np.asarray(flags, np.float64)
    any_hit = np.asarray(flags.any(axis=1), np.float64)
    return Hits(chance, np.cumsum(chance, axis=1) - chance, any_hit)


def ndcg(hits: Hits, relevant: Counts) -> Values:
    """Binary nDCG@k: sum of 1 / log2(rank + 1) over hits, over that sum for the best possible list.

    The best possible list is cut at k as well: it has min(k, relevant) hits. (Jarvelin and
    Kekalainen, 2002.) nan for a profile for which nothing is relevant.
    """
    k = hits.chance.shape[1]
    discounts = 1 / np.log2(np.arange(2, k + 2))
    best_sums = np.concatenate([[0.0], np.cumsum(discounts)])
    ideal = best_sums[np.minimum(relevant, k)]
    undefined = np.full(len(ideal), np.nan)
    return np.divide(hits.chance @ discounts, ideal, out=undefined, where=ideal > 0)


def average_precision(hits: Hits, relevant: Counts) -> Values:
    """Sum over hits of the precision at their ranks, over `relevant`; not over min(k, relevant).

    A profile with more than k relevant titles cannot reach 1. Microsoft Recommenders divides so.
    """
    ranks = np.arange(1, hits.chance.shape[1] + 1)
    return (hits.chance * (hits.above + 1) / ranks).sum(axis=1) / relevant


def average_precision_at_k(hits: Hits, relevant: Counts) -> Values:
    """The same sum over min(k, relevant), so that the best possible list has 1."""
    reachable = np.minimum(relevant, hits.chance.shape[1])
    return average_precision(hits, relevant) * relevant / reachable


def hit(hits: Hits) -> Values:
    """The chance that any rank is a hit: 1 or 0 where no scores are equal."""
    return hits.any


def precision(hits: Hits) -> Values:
    """Hits over k, also where fewer than k titles could be hit."""
    return hits.chance.mean(axis=1)


def recall(hits: Hits, relevant: Counts) -> Values:
    """Hits over `relevant`."""
    return hits.chance.sum(axis=1) / relevant


def list_coverage(lists: NDArray[np.integer], title_count: int) -> float:
    """Share of the titles that stand in any profile's list.

    `lists` (m, k) holds title indices, -1 where a list is shorter than k.
    """
    listed_titles = np.unique(lists[lists >= 0])
    return len(listed_titles) / title_count


class ListRanks(NamedTuple):
    """Ranks from 1 that each title (m, n) may have in its profile's list, 0 outside the list."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]  # differs from the first where scores are equal


def whole_list_ranks(scores: NDArray[np.floating], mask: Flags) -> ListRanks:
    """The ranks of each title of `mask` (m, n) in each profile's whole list, best score first."""
    first = np.zeros(scores.shape, np.int64)
    last = np.zeros(scores.shape, np.int64)
    for row, (line, listed) in enumerate(zip(scores, mask, strict=True)):
        in_list = line[listed]
        ascending = np.sort(in_list)
        first[row, listed] = len(in_list) - np.searchsorted(ascending, in_list, "right") + 1
        last[row, listed] = len(in_list) - np.searchsorted(ascending, in_list, "left")
    return ListRanks(first, last)


def percentile_rank(ranks: ListRanks, relevant: Flags) -> Values:
    """Mean over each profile's relevant titles of (rank - 1) / (titles in the list - 1).

    0 is the top, .5 is chance. `ranks` (m, n) as of `whole_list_ranks`. The expected percentile
    ranking of Hu, Koren and Volinsky (ICDM 2008).
    """
    list_length = (ranks.first > 0).sum(axis=1, keepdims=True)
    last = np.maximum(list_length - 1, 1)
    mean_rank = (ranks.first + ranks.last) / 2
    return ((mean_rank - 1) / last * relevant).sum(axis=1) / relevant.sum(axis=1)


def reciprocal_rank(ranks: ListRanks, relevant: Flags) -> Values:
    """Mean over each profile's relevant titles of 1 / rank in the whole list."""
    sums = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, ranks.first.shape[1] + 1))])
    equals = np.maximum(ranks.last - ranks.first + 1, 1)
    mean_reciprocal = (sums[ranks.last] - sums[np.maximum(ranks.first - 1, 0)]) / equals
    return (mean_reciprocal * relevant).sum(axis=1) / relevant.sum(axis=1)


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
