"""The best titles, with ties always broken the same way."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.candidates.generator import top_k


def test_ties_go_to_the_lower_index_also_at_the_cut() -> None:
    scores = np.array([[1.0, 2, 2, 2, 3]])
    assert top_k(scores, np.ones((1, 5), bool), 3).tolist() == [[4, 1, 2]]


def test_too_few_titles_leave_places_empty() -> None:
    mask = np.array([[False, True, False], [False, False, False]])
    assert top_k(np.zeros((2, 3)), mask, 2).tolist() == [[1, -1], [-1, -1]]


def test_nothing_asked_and_nothing_to_choose_from() -> None:
    assert top_k(np.zeros((2, 3)), np.ones((2, 3), bool), 0).shape == (2, 0)
    assert top_k(np.zeros((0, 3)), np.ones((0, 3), bool), 2).shape == (0, 2)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-2, 2), st.booleans()), min_size=1, max_size=12),
    st.integers(1, 14),
)
def test_top_k_equals_a_full_sort(row: list[tuple[int, bool]], k: int) -> None:
    scores, mask = np.array([[float(s) for s, _ in row]]), np.array([[m for _, m in row]])
    slow = sorted((i for i, (_, m) in enumerate(row) if m), key=lambda i: (-row[i][0], i))[:k]
    assert [i for i in top_k(scores, mask, k)[0].tolist() if i >= 0] == slow
