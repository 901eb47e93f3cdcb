"""Matrix factorisation for plays without ratings, by alternating least squares (Hu, Koren, Volinsky, ICDM 2008)."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Factors = NDArray[np.float64]


def als(
    histories: sparse.csr_matrix, rank: int, ridge: float, confidence: float, rounds: int, seed: int
) -> tuple[Factors, Factors]:
    """Factors of profiles (m, rank) and titles (n, rank) whose products are the scores.

    A play with weight w in `histories` (m, n) weighs 1 + confidence x w, what was not played weighs 1; `ridge` is
    added to the diagonal of each solve. The same seed gives the same factors.
    """
    plays = sparse.csr_matrix(histories, dtype=np.float64)
    played_by = plays.T.tocsr()
    titles = np.random.default_rng(seed).normal(0, 0.1, (plays.shape[1], rank))
    for _ in range(rounds):
        profiles = half_step(plays, titles, ridge, confidence)
        titles = half_step(played_by, profiles, ridge, confidence)
    return half_step(plays, titles, ridge, confidence), titles


def half_step(plays: sparse.csr_matrix, fixed: Factors, ridge: float, confidence: float) -> Factors:
    """The factors of one side (rows of `plays`) that fit best while those of the other side are fixed.

    One sparse product sums every row's system at once; it holds columns x rank^2 floats, which a small catalogue can.
    """
    rank = fixed.shape[1]
    pairs = (fixed[:, :, None] * fixed[:, None, :]).reshape(len(fixed), rank * rank)
    systems = (
        (confidence * (plays @ pairs)).reshape(-1, rank, rank)
        + fixed.T @ fixed
        + ridge * np.eye(rank)
    )
    wanted = (plays.sign() + confidence * plays) @ fixed
    return np.linalg.solve(systems, wanted[:, :, None])[:, :, 0]
