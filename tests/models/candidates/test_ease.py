"""EASE against its definition."""

import numpy as np
import pytest

from models.candidates.ease import ease


def test_ease_of_two_titles_by_hand() -> None:
    # G + 1 I = [[3, 1], [1, 2]]; its inverse is [[2, -1], [-1, 3]] / 5; B = -P / diag(P)
    assert ease(np.array([[2.0, 1.0], [1.0, 1.0]]), 1.0) == pytest.approx(
        np.array([[0, 1 / 3], [1 / 2, 0]])
    )


def test_ease_solves_the_regression_of_each_title_on_the_others() -> None:
    plays = (np.random.default_rng(0).random((200, 12)) < 0.3).astype(float)
    weights = ease(plays.T @ plays, 5.0)
    for j in range(12):
        rest = np.delete(np.arange(12), j)
        x = plays[:, rest]
        slow = np.linalg.solve(x.T @ x + 5.0 * np.eye(11), x.T @ plays[:, j])
        assert weights[rest, j] == pytest.approx(slow, abs=1e-6)
    assert not np.diag(weights).any()


def test_title_without_plays_gets_no_weight_and_gram_is_left_alone() -> None:
    gram = np.array([[4.0, 0.0, 2.0], [0.0, 0.0, 0.0], [2.0, 0.0, 3.0]])
    before = gram.copy()
    weights = ease(gram, 10.0)
    assert not weights[1].any() and not weights[:, 1].any()
    assert np.array_equal(gram, before)


def test_weights_are_those_of_the_plain_inverse() -> None:
    plays = (np.random.default_rng(1).random((400, 60)) < 0.2).astype(float)
    plays[:, 7] = 0
    gram = plays.T @ plays
    inverse = np.linalg.inv(gram + 30.0 * np.eye(60))
    plain = -inverse / np.diag(inverse)
    np.fill_diagonal(plain, 0)
    assert ease(gram, 30.0) == pytest.approx(plain, abs=1e-7)


def test_a_matrix_that_is_no_gram_matrix_is_refused() -> None:
    with pytest.raises(np.linalg.LinAlgError):
        ease(np.array([[1.0, 9.0], [9.0, 1.0]]), 1.0)
    with pytest.raises(ValueError, match="finite"):
        ease(np.array([[np.nan, 9.0], [9.0, 1.0]]), 1.0)
