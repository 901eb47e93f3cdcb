"""How well titles fit a history by their genres: all that is known of titles that hardly anybody has played."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


def genre_affinity(histories: sparse.csr_matrix, genres: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Scores (m, n): mean over a title's genres of the share of the profile's plays that had the genre.

    `genres` (n, g) marks the genres of each title; a title without any scores 0.
    """
    # summed in float64: in float32 a score hung on how many profiles a batch has, and many titles tie
    marks = genres.astype(np.float64)
    played = np.asarray(histories.sum(axis=1), np.float64).reshape(-1, 1)
    share = np.asarray(histories @ marks) / np.maximum(played, 1e-12)
    return np.asarray((share @ marks.T) / np.maximum(marks.sum(axis=1), 1), np.float32)
