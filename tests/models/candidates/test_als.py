"""Alternating least squares against its definition."""

import numpy as np
import pytest
from scipy import sparse

from models.candidates.als import als, half_step

RNG = np.random.default_rng(5)
PLAYS = sparse.csr_matrix((RNG.random((20, 8)) < 0.4) * RNG.integers(1, 4, (20, 8)).astype(float))


def test_half_step_solves_the_weighted_regression_of_each_row() -> None:
    fixed = RNG.normal(size=(8, 3))
    found = half_step(PLAYS, fixed, 2.0, 5.0)
    for row in range(20):
        weights = PLAYS.toarray()[row]
        confidence = np.diag(1 + 5.0 * weights)
        slow = np.linalg.solve(
            fixed.T @ confidence @ fixed + 2.0 * np.eye(3), fixed.T @ confidence @ (weights > 0)
        )
        assert found[row] == pytest.approx(slow)


def test_als_scores_what_was_played_above_what_was_not() -> None:
    profiles, titles = als(PLAYS, 4, 1.0, 10.0, 10, seed=0)
    scores, played = profiles @ titles.T, PLAYS.toarray() > 0
    assert scores[played].mean() > scores[~played].mean() + 0.3


def test_same_seed_same_factors() -> None:
    first, second = (als(PLAYS, 3, 1.0, 5.0, 3, seed=4) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
