"""Ratings as flat arrays and as matrices, worked out by hand."""

import numpy as np

from models.candidates.ratings import Ratings

# Profile 0 rates title 2 and, twice, title 0; profile 1 rates title 1.
RATINGS = Ratings(
    profile=np.array([0, 0, 1, 0]),
    title=np.array([2, 0, 1, 0]),
    stars=np.array([5.0, 1.0, 3.0, 4.0]),
    at_s=np.array([10.0, 20.0, 30.0, 40.0]),
    shape=(2, 3),
)


def test_a_mask_keeps_order_and_shape() -> None:
    late = RATINGS.where(RATINGS.at_s > 15)
    assert late.stars.tolist() == [1, 3, 4]
    assert late.shape == RATINGS.shape


def test_rows_are_cut_from_the_first_up_to_the_end() -> None:
    middle = RATINGS.rows(1, 3)
    assert len(middle) == 2
    assert list(zip(middle.profile, middle.title, strict=True)) == [(0, 0), (1, 1)]
    assert middle.at_s.tolist() == [20, 30]


def test_the_matrix_sums_the_weights_of_a_pair() -> None:
    assert RATINGS.matrix().toarray().tolist() == [[2, 0, 1], [0, 1, 0]]
    assert RATINGS.matrix(RATINGS.stars).toarray().tolist() == [[5, 0, 5], [0, 3, 0]]


def test_a_pair_counts_once_however_often_it_was_played() -> None:
    assert RATINGS.binary.toarray().tolist() == [[1, 0, 1], [0, 1, 0]]
    assert RATINGS.played.tolist() == [[True, False, True], [False, True, False]]
