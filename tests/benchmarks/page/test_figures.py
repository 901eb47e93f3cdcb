"""Page records as grids, and gains between builders."""

import numpy as np
import pytest

from benchmarks.page.figures import REPEATS, BuiltPages, metric_means, page_metrics, relative_gain
from tests.benchmarks.page.test_violations import built_page


def test_a_grid_holds_the_titles_of_the_records() -> None:
    catalogue, profiles, page_rows = built_page()
    built = BuiltPages(catalogue, profiles, np.zeros((1, catalogue.size), bool), page_rows)
    grid = built.grid(page_rows, 2, 3)
    for row in range(2):
        titles = [cell["title_id"] for cell in page_rows["cells"][row].as_py()[:3]]
        assert catalogue.title_ids[grid[0, row, : len(titles)]].tolist() == titles


def test_a_page_is_stable_against_itself_and_recalls_what_it_shows() -> None:
    catalogue, profiles, page_rows = built_page()
    relevant = np.zeros((1, catalogue.size), bool)
    built = BuiltPages(catalogue, profiles, relevant, page_rows, page_rows)
    relevant[0, built.grid(page_rows, 1, 1)[0, 0, 0]] = True
    values = page_metrics(built)
    assert values["stability"].tolist() == [1]
    assert values["recall_3x4"].tolist() == [1]
    assert metric_means(values)[REPEATS] == 0


def test_a_gain_counts_pages_that_have_both_values() -> None:
    values, baseline = np.full(40, 1.2), np.full(40, 1.0)
    baseline[:10] = np.nan
    gain = relative_gain("recall", values, baseline, np.arange(40).astype(str))
    assert gain["recall"] == pytest.approx(0.2)
