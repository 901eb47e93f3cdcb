"""Item-to-item weights by hand."""

import math

import numpy as np
import pytest
from scipy import sparse

from models.candidates.item_knn import bm25, cosine, jaccard, neighbours

PLAYS = sparse.csr_matrix(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0]], float))
GRAM = (PLAYS.T @ PLAYS).toarray()  # plays 4, 2, 0; together 2


def test_cosine_by_hand() -> None:
    assert cosine(GRAM) == pytest.approx(
        np.array([[0, 2 / math.sqrt(8), 0], [2 / math.sqrt(8), 0, 0], [0, 0, 0]])
    )


def test_jaccard_by_hand() -> None:
    assert jaccard(GRAM)[0] == pytest.approx([0, 2 / 4, 0])
    assert jaccard(GRAM, diagonal=True)[0] == pytest.approx([1, 2 / 4, 0])


def test_bm25_by_hand() -> None:
    # profile 0 has two plays, the mean is 6 / 4; title 1 was played twice among 4 profiles
    norm = 1 - 0.5 + 0.5 * 2 / 1.5
    expected = (1.2 + 1) / (1.2 * norm + 1) * (math.log(4) - math.log1p(2))
    assert bm25(PLAYS, 1.2, 0.5)[0, 1] == pytest.approx(expected)


def test_neighbours_keep_the_strongest_of_each_column() -> None:
    weights = np.array([[9.0, 1, 5], [3, 9, 4], [2, 7, 9]])
    assert neighbours(weights, 1).tolist() == [[0, 0, 5], [3, 0, 0], [0, 7, 0]]
    assert weights[0, 0] == 9
