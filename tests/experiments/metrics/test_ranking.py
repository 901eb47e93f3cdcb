"""Ranking metrics by hand."""

import math

import numpy as np
import pytest

from experiments.metrics.ranking import average_precision, interval, ndcg, precision, recall

HITS = np.array([[True, False, True], [False, False, False], [True, True, True]])
RELEVANT = np.array([2, 1, 6])


def test_ndcg_by_hand() -> None:
    first = (1 + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    assert ndcg(HITS, RELEVANT) == pytest.approx([first, 0, 1])


def test_average_precision_divides_by_all_relevant_also_beyond_k() -> None:
    assert average_precision(HITS, RELEVANT) == pytest.approx([(1 + 2 / 3) / 2, 0, 3 / 6])


def test_precision_divides_by_k_and_recall_by_relevant() -> None:
    assert precision(HITS) == pytest.approx([2 / 3, 0, 1])
    assert recall(HITS, RELEVANT) == pytest.approx([1, 0, 0.5])


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
