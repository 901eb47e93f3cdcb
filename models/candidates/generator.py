"""What every source of candidates is: histories in, one score for each title out; and the best of them."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


class Generator(Protocol):
    """A source of candidates, already fitted. It scores every title, those already played as well."""

    def scores(self, histories: sparse.csr_matrix) -> NDArray[np.float32]:
        """Scores (m, n) of n titles for m histories (m, n), whose entries are the weights of what was played."""
        ...


def top_k(scores: NDArray[np.floating], mask: NDArray[np.bool_], k: int) -> NDArray[np.int64]:
    """The k best titles (m, k) of scores (m, n) where mask (m, n) is true: score descending, then index ascending.

    Places left over, because fewer than k titles may be chosen, hold -1.

    >>> top_k(np.array([[1.0, 3.0, 3.0]]), np.array([[True, True, True]]), 2)
    array([[1, 2]])
    """
    k = min(k, scores.shape[1])
    if k == 0:
        return np.empty((len(scores), 0), np.int64)
    open_scores = np.where(mask, scores, -np.inf)
    cut = -np.partition(-open_scores, k - 1, axis=1)[
        :, k - 1 : k
    ]  # the k-th best, ties included below
    best = np.full((len(scores), k), -1, np.int64)
    for row, (line, least) in enumerate(zip(open_scores, cut, strict=True)):
        reached = np.flatnonzero((line >= least) & mask[row])
        order = reached[np.argsort(-line[reached], kind="stable")][:k]
        best[row, : len(order)] = order
    return best
