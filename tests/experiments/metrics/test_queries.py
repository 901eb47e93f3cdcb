"""Scored rows to hits, by hand and beside every order of equal scores."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.metrics.queries import list_hits, right_order, top_hits
from experiments.metrics.ranking import average_precision, hit, hits_of_lists, ndcg, recall

SECOND, THIRD = 1 / np.log2(3), 1 / np.log2(4)


def test_hits_without_equal_scores_are_those_of_the_list() -> None:
    scores, labels = np.array([0.1, 0.9, 0.8, 0.5, 0.2]), np.array([1, 0, 1, 1, 0])
    hits = top_hits(scores, labels, np.array([3, 2]), k=2)
    assert hits.chance.tolist() == [[0, 1], [1, 0]]
    assert hits.any.tolist() == [1, 1]


def test_ranks_beyond_a_short_query_are_misses() -> None:
    hits = top_hits(np.array([1.0]), np.array([1]), np.array([1]), k=3)
    assert hits.chance.tolist() == [[1, 0, 0]]


def test_equal_scores_count_by_their_mean_by_hand() -> None:
    """The first row is best; three are equal, one of them relevant; k cuts them after two."""
    scores, labels = np.array([9.0, 5, 5, 5, 1]), np.array([1, 0, 1, 0, 1])
    hits, relevant = top_hits(scores, labels, np.array([5]), k=3), np.array([3])
    assert hits.chance == pytest.approx(np.array([[1, 1 / 3, 1 / 3]]))
    assert hits.any.tolist() == [1]
    ideal = 1 + SECOND + THIRD
    assert ndcg(hits, relevant) == pytest.approx([(1 + SECOND / 3 + THIRD / 3) / ideal])
    assert recall(hits, relevant) == pytest.approx([(1 + 2 / 3) / 3])
    # precisions: 1; at rank 2, 2 / 2 in a third of the orders; at rank 3, 2 / 3 in a third of them
    assert average_precision(hits, relevant) == pytest.approx([(1 + 1 / 3 + 2 / 9) / 3])


def test_constant_scores_have_the_figures_of_a_random_order() -> None:
    hits = top_hits(np.zeros(4), np.array([1, 1, 0, 0]), np.array([4]), k=2)
    assert hits.chance.tolist() == [[0.5, 0.5]]
    assert hit(hits) == pytest.approx([1 - 2 / 4 * 1 / 3])  # neither of two is one of the other two


def test_names_of_titles_change_no_figure() -> None:
    """Plays of a week in a small service: most titles have none or one."""
    rng = np.random.default_rng(5)
    plays = rng.poisson(0.4, 60).astype(float)
    labels = (rng.random(60) < 0.8 / np.arange(1, 61)).astype(int)
    groups, relevant = np.array([60]), np.array([labels.sum()])
    as_named = ndcg(top_hits(plays, labels, groups, 10), relevant)
    renamed = ndcg(top_hits(plays[::-1], labels[::-1], groups, 10), relevant)
    assert as_named == pytest.approx(renamed)


rows = st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(queries=st.lists(rows, min_size=1, max_size=3), k=st.integers(1, 7))
def test_figures_are_the_means_over_every_order_of_equal_scores(queries, k) -> None:
    scores = np.array([score for query in queries for score, _ in query], float)
    labels = np.array([label for query in queries for _, label in query], int)
    hits = top_hits(scores, labels, np.array([len(query) for query in queries]), k)
    relevant = np.array([max(sum(label for _, label in query), 1) for query in queries])
    for number, query in enumerate(queries):
        orders = [
            [label for _, label in order]
            for order in permutations(query)
            if all(a >= b for (a, _), (b, _) in pairwise(order))
        ]
        flags = np.zeros((len(orders), k), bool)
        for row, order in enumerate(orders):
            flags[row, : len(order)] = order[:k]
        each, counts = hits_of_lists(flags), np.full(len(orders), relevant[number])
        for figure in (ndcg, recall, average_precision):
            assert figure(hits, relevant)[number] == pytest.approx(figure(each, counts).mean())
        assert hit(hits)[number] == pytest.approx(hit(each).mean())


def test_hits_of_a_matrix_are_those_of_its_listed_titles() -> None:
    scores = np.array([[3.0, 2, 2, 2], [1, 1, np.nan, 5]])
    relevant = np.array([[0, 1, 0, 0], [1, 0, 0, 1]], bool)
    listed = np.array([[1, 1, 1, 0], [1, 1, 0, 0]], bool)
    hits = list_hits(scores, relevant, listed, 2)
    assert hits.chance.tolist() == [[0, 0.5], [0.5, 0.5]]


def test_right_order_by_hand() -> None:
    scores, labels = np.array([3.0, 2, 1, 1, 1, 5]), np.array([0, 1, 0, 1, 0, 1])
    # first query: 2 is above one of two others; second: equal scores are half; third: no pairs
    assert right_order(scores, labels, np.array([3, 2])).tolist() == [0.5, 0.5]
    assert np.isnan(right_order(scores[5:], labels[5:], np.array([1]))[0])
