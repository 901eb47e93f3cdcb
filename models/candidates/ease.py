"""EASE: a linear item model with a closed form (Steck, Embarrassingly Shallow Autoencoders, WWW 2019)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse


def ease(gram: NDArray[np.floating], ridge: float) -> NDArray[np.float32]:
    """Weights (n, n) that predict each title from all others: B = -P / diag(P), P = (G + ridge I)^-1, diag(B) = 0.

    `gram` (n, n) holds co-play counts X'X; entry [i, j] of the result is what a play of i says for j. Memory is
    three matrices of n x n float64: 10,000 titles take 2.4 GB.
    """
    ridged = np.array(gram, np.float64, order="F")
    ridged[np.diag_indices_from(ridged)] += ridge
    factor, lower = linalg.cho_factor(ridged, lower=True, overwrite_a=True, check_finite=True)
    inverse = linalg.cho_solve(
        (factor, lower), np.eye(len(ridged)), overwrite_b=True, check_finite=False
    )
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights.astype(np.float32)


@dataclass(frozen=True)
class ItemModel:
    """Item-to-item weights (n, n), whatever made them: a history speaks for a title by the sum of its weights."""

    weights: NDArray[np.float32]

    def scores(self, histories: sparse.csr_matrix) -> NDArray[np.float32]:
        """Scores (m, n): histories @ weights."""
        return np.asarray(histories @ self.weights, np.float32)
