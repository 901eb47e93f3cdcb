"""EASE: a linear item model with a closed form (Steck, Embarrassingly Shallow Autoencoders, WWW 2019)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


def ease(gram: NDArray[np.floating], ridge: float) -> NDArray[np.float32]:
    """Weights (n, n) that predict each title from all others: B = -P / diag(P), P = (G + ridge I)^-1, diag(B) = 0.

    `gram` (n, n) holds co-play counts X'X; entry [i, j] of the result is what a play of i says for j. It is solved
    for titles with plays; the others have no weight. Memory is two matrices of n x n float64: 10,000 titles take
    1.6 GB, which is why `ease_titles` bounds n.
    """
    from scipy.linalg import lapack  # .07 s for those who only read weights

    played = np.flatnonzero(np.diag(gram))
    ridged = np.array(gram[np.ix_(played, played)], np.float64, order="F")
    if not np.isfinite(ridged).all():
        raise ValueError("the Gram matrix holds a number that is not finite")
    weights = np.zeros(gram.shape, np.float32)
    if not len(played):
        return weights
    ridged[np.diag_indices_from(ridged)] += ridge
    factor, failed = lapack.dpotrf(ridged, lower=1, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError(f"the Gram matrix is not positive definite ({failed})")
    lower, _ = lapack.dpotri(factor, lower=1, overwrite_c=1)  # P, of which it fills the lower half
    scale = np.diag(lower).copy()
    inverse = np.tril(lower, -1)
    inverse += inverse.T
    weights[np.ix_(played, played)] = -inverse / scale
    return weights


@dataclass(frozen=True)
class ItemModel:
    """Item-to-item weights (n, n), whatever made them: a history speaks for a title by the sum of its weights."""

    weights: NDArray[np.float32]

    def scores(self, histories: sparse.csr_matrix) -> NDArray[np.float32]:
        """Scores (m, n): histories @ weights."""
        return np.asarray(histories @ self.weights, np.float32)
