"""Windows of a log that the row model learns from, and gains of pages in the test window."""

import numpy as np
import pytest

from benchmarks.page.figures import BUILDERS, ORACLE, REPEATS
from benchmarks.page.real_log import _learning_windows, builder_figures
from experiments.protocols import Window


def test_the_row_model_learns_from_the_second_half_of_the_training_rows() -> None:
    windows = _learning_windows(1000)
    assert windows[0] == Window(500, 600)
    assert windows[-1] == Window(900, 1000)
    assert len(windows) == 5


def test_learning_windows_end_with_the_training_rows() -> None:
    assert max(window.end for window in _learning_windows(1003)) <= 1003


def test_the_gain_is_that_of_the_stagewise_page_over_the_template() -> None:
    values = {
        builder: {"recall_3x4": np.full(50, 0.1), REPEATS: np.zeros(50)}
        for builder in (*BUILDERS, ORACLE)
    }
    values["stagewise"]["recall_3x4"] = np.full(50, 0.12)
    figures = builder_figures(values)
    assert figures["recall_3x4_gain"] == pytest.approx(0.2)
    assert figures["members"] == 50
