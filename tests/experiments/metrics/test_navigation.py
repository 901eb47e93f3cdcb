"""The navigation model, worked out by hand and recovered from simulated looks."""

import numpy as np
import pytest

from experiments.metrics.navigation import Navigation, fitted_down, fitted_right


def test_chance_of_being_seen_falls_by_row_and_column() -> None:
    assert Navigation(0.5, 0.8).seen(2, 3) == pytest.approx(
        np.array([[1, 0.8, 0.64], [0.5, 0.4, 0.32]])
    )


def test_down_is_steps_over_steps_and_stops() -> None:
    # three looks: to row 1 and stopped, to row 4 and stopped, to row 3 and played: 5 steps, 2 stops
    assert fitted_down([1, 4, 3], [False, False, True]) == pytest.approx(5 / 7)
    assert np.isnan(fitted_down([], []))


def test_right_learns_from_rows_scrolled_beyond_what_was_in_view() -> None:
    # 6 come into view; one row ends there, one goes to 9 and stops, one to 7 and is played:
    # 2 steps, 1 stop
    assert fitted_right([6, 9, 7], [6, 6, 6], [False, False, True]) == pytest.approx(2 / 3)
    assert np.isnan(fitted_right([3], [6], [False]))


def test_down_of_simulated_looks_is_recovered() -> None:
    rng = np.random.default_rng(3)
    deepest = rng.geometric(1 - 0.8, 20_000)
    play = rng.geometric(0.1, 20_000)  # comes in its row before the look would leave it
    assert fitted_down(np.minimum(deepest, play), play <= deepest) == pytest.approx(0.8, abs=0.01)
