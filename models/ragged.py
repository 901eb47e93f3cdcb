"""Flat arrays with offsets: lists of different lengths, one after another."""

import numpy as np
from numpy.typing import NDArray

INTS = NDArray[np.int64]


def place_within(sorted_owner: INTS) -> INTS:
    """0, 1, 2 ... within each run of equal owners."""
    first = np.flatnonzero(np.diff(sorted_owner, prepend=-1))
    return np.arange(len(sorted_owner)) - np.repeat(first, np.diff(first, append=len(sorted_owner)))


def offsets(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where ragged lists of so many entries begin and end (n + 1,)."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def standard_scores(score: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Standard score of each pair within its profile's candidates; 0 where all are equal."""
    filled = groups > 0
    starts = (np.cumsum(groups) - groups)[filled]
    if not len(starts):
        return score
    sizes = groups[filled]
    mean = np.repeat(np.add.reduceat(score, starts) / sizes, sizes)
    spread = np.sqrt(np.add.reduceat((score - mean) ** 2, starts) / sizes)
    return (score - mean) / np.maximum(np.repeat(spread, sizes), 1e-9)


def ranks(
    score: NDArray[np.float64], row: NDArray[np.int32], groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Rank from 1 of each pair within its profile's candidates, highest score first, ties in title order."""
    order = np.lexsort((-score, row))
    rank = np.empty(len(score))
    rank[order] = np.arange(len(score)) - np.repeat(np.cumsum(groups) - groups, groups) + 1
    return rank
