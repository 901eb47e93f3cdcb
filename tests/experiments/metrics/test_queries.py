"""Scored rows to hits, by hand."""

import numpy as np

from experiments.metrics.queries import right_order, top_hits


def test_hits_are_in_order_of_score_and_equal_scores_in_order_of_rows():
    scores = np.array([0.1, 0.9, 0.9, 0.5, 0.2])
    labels = np.array([1, 0, 1, 1, 0])
    hits = top_hits(scores, labels, np.array([3, 2]), k=2)
    assert hits.tolist() == [[False, True], [True, False]]


def test_ranks_beyond_a_short_query_are_misses():
    assert top_hits(np.array([1.0]), np.array([1]), np.array([1]), k=3).tolist() == [
        [True, False, False]
    ]


def test_right_order_by_hand() -> None:
    scores, labels = np.array([3.0, 2, 1, 1, 1, 5]), np.array([0, 1, 0, 1, 0, 1])
    # first query: 2 is above one of two others; second: equal scores are half; third: no pairs
    assert right_order(scores, labels, np.array([3, 2])).tolist() == [0.5, 0.5]
    assert np.isnan(right_order(scores[5:], labels[5:], np.array([1]))[0])
