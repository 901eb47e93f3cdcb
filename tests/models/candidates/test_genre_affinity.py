"""Titles by the genres of a history."""

import numpy as np
import pytest
from scipy import sparse

from models.candidates.genre_affinity import genre_affinity

GENRES = np.array([[1, 0], [1, 1], [0, 1], [0, 0]], bool)
HISTORY = sparse.csr_matrix(np.array([[1.0, 1, 0, 0], [0, 0, 0, 0]]))  # shares: 1, 1/2


def test_affinity_is_the_mean_share_of_the_title_s_genres() -> None:
    assert genre_affinity(HISTORY, GENRES)[0] == pytest.approx([1, 0.75, 0.5, 0])


def test_nothing_played_and_no_genres_score_zero() -> None:
    assert not genre_affinity(HISTORY, GENRES)[1].any()


def test_a_score_does_not_depend_on_the_batch() -> None:
    rng = np.random.default_rng(0)
    genres = rng.random((300, 19)) < 0.2
    many = sparse.csr_matrix((rng.random((40, 300)) < 0.1).astype(np.float32))
    alone = np.vstack([genre_affinity(many[i], genres) for i in range(40)])
    assert np.array_equal(genre_affinity(many, genres), alone)
