"""Ranking metrics by hand."""

import math

import numpy as np
import pytest

from experiments.metrics.ranking import (
    average_precision,
    hits_of_lists,
    interval,
    ndcg,
    percentile_rank,
    precision,
    recall,
    reciprocal_rank,
    whole_list_ranks,
)

HITS = hits_of_lists(np.array([[True, False, True], [False, False, False], [True, True, True]]))
RELEVANT = np.array([2, 1, 6])


def test_ndcg_by_hand() -> None:
    first = (1 + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    assert ndcg(HITS, RELEVANT) == pytest.approx([first, 0, 1])


def test_average_precision_divides_by_all_relevant_also_beyond_k() -> None:
    assert average_precision(HITS, RELEVANT) == pytest.approx([(1 + 2 / 3) / 2, 0, 3 / 6])


def test_precision_divides_by_k_and_recall_by_relevant() -> None:
    assert precision(HITS) == pytest.approx([2 / 3, 0, 1])
    assert recall(HITS, RELEVANT) == pytest.approx([1, 0, 0.5])


def test_ranks_of_equal_scores_in_a_whole_list_count_by_their_mean() -> None:
    """Four listed titles: the second and third are equal, so that each has rank 2 or 3."""
    scores = np.array([[9.0, 5, 5, 1, 8]])
    ranks = whole_list_ranks(scores, np.array([[1, 1, 1, 1, 0]], bool))
    assert ranks.first.tolist() == [[1, 2, 2, 4, 0]] and ranks.last.tolist() == [[1, 3, 3, 4, 0]]
    relevant = np.array([[0, 1, 0, 1, 0]], bool)
    assert percentile_rank(ranks, relevant) == pytest.approx([(1.5 / 3 + 1) / 2])
    assert reciprocal_rank(ranks, relevant) == pytest.approx([((1 / 2 + 1 / 3) / 2 + 1 / 4) / 2])


def test_interval_covers_the_mean_and_is_the_same_for_a_seed() -> None:
    values = np.random.default_rng(0).normal(1.0, 1.0, 400)
    low, high = interval(values, seed=1)
    assert low < values.mean() < high
    assert high - low == pytest.approx(
        2 * 1.96 / 20, rel=0.15
    )  # normal theory: 1.96 sd / sqrt(400) either side
    assert interval(values, seed=1) == (low, high)


def test_interval_of_one_value_for_all_is_that_value() -> None:
    assert interval(np.full(10, 0.25), seed=0) == (0.25, 0.25)
