"""Item-to-item weights (n, n) from co-plays: cosine, Jaccard (SAR) and BM25. A title says nothing of itself."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


def cosine(gram: NDArray[np.floating]) -> NDArray[np.float32]:
    """Co-plays over the geometric mean of plays, from the Gram matrix (n, n); 0 for titles without plays."""
    plays = np.sqrt(np.diag(gram))
    return _hollow(gram / np.maximum(np.outer(plays, plays), 1))


def cosine_of(
    title: int,
    others: NDArray[np.integer],
    together: NDArray[np.integer],
    plays: NDArray[np.number],
) -> NDArray[np.float32]:
    """What `cosine` says of one title and some others, by their co-plays and everybody's plays (n,)."""
    root = np.sqrt(plays.astype(np.float64))
    weights = together / np.maximum(root[title] * root[others], 1)
    return np.where(others == title, 0, weights).astype(np.float32)


def jaccard(gram: NDArray[np.floating], diagonal: bool = False) -> NDArray[np.float32]:
    """Co-plays over profiles that played either, from the Gram matrix (n, n) of 0/1 plays.

    With `diagonal` a title is similar to itself, which is what SAR does (Microsoft Recommenders): there it changes
    no ranking, because what was played is not recommended.
    """
    plays = np.diag(gram)
    either = plays[:, None] + plays[None, :] - gram
    similar = np.asarray(gram / np.maximum(either, 1), np.float32)
    return similar if diagonal else _hollow(similar)


def bm25(histories: sparse.csr_matrix, k1: float, b: float) -> sparse.csr_matrix:
    """Histories (m, n) with Okapi BM25 weights: a profile is a document, a title a word in it.

    idf = ln m - ln(1 + plays of the title); length of a profile relative to the mean, by the sum of its weights.
    The product of the result with itself is the item-kNN of the library `implicit`.
    """
    weighted = sparse.coo_matrix(histories, dtype=np.float64)
    idf = np.log(weighted.shape[0]) - np.log1p(
        np.bincount(weighted.col, minlength=weighted.shape[1])
    )
    length = np.asarray(weighted.sum(axis=1)).ravel()
    norm = (1 - b) + b * length / max(length.mean(), 1e-12)
    weighted.data *= (k1 + 1) / (k1 * norm[weighted.row] + weighted.data) * idf[weighted.col]
    return weighted.tocsr()


def neighbours(weights: NDArray[np.floating], keep: int) -> NDArray[np.float32]:
    """Weights (n, n) of which each column keeps its `keep` largest: the nearest neighbours of the title spoken for."""
    kept = _hollow(np.asarray(weights, np.float32).copy())
    if keep < len(kept):
        least = -np.partition(-kept, keep - 1, axis=0)[keep - 1]
        kept[kept < least[None, :]] = 0
    return kept


def _hollow(weights: NDArray[np.floating]) -> NDArray[np.float32]:
    hollow = np.asarray(weights, np.float32)
    np.fill_diagonal(hollow, 0)
    return hollow
