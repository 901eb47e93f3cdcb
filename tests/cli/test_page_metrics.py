"""The metrics of `frontrow metrics`, by hand on one small page; each new one is held to its shape."""

import numpy as np
import pytest

from cli.page_metrics import METRICS, DevicePages
from conf.pages import pages

# two profiles, eight titles in two genres; the second profile has no page, no plays and no history
GRID = np.full((2, 8, 10), -1, np.int32)
GRID[0, 0, :3] = [0, 1, 2]
GRID[0, 1, :2] = [2, 3]
KINDS = np.full((2, 8), "", object)
KINDS[0, :2] = ["top_picks", "popular"]


def device_pages(day_before: list[int] | None = None, repeatable: str = "") -> DevicePages:
    """The two pages; `day_before` are the titles of the first profile's first row on that day."""
    device = pages().device("tv")
    before = np.full((2, device.screen_rows, device.screen_columns), -1, np.int32)
    if day_before:
        before[0, 0, : len(day_before)] = day_before
    titles = np.arange(8)
    return DevicePages(
        grid=GRID,
        kinds=KINDS,
        repeatable=frozenset([repeatable]),
        day_before=before,
        relevant=np.stack([np.isin(titles, [3, 7]), np.isin(titles, [])]),
        played=np.stack([np.isin(titles, [1, 3, 7]), np.isin(titles, [])]),
        own_genres=np.array([[2.0, 2.0], [0.0, 0.0]]),
        genres=np.stack([titles % 2 == 0, titles % 2 == 1], axis=1),
        new_titles=titles == 3,
        device=device,
    )


@pytest.mark.parametrize("name", METRICS)
def test_each_metric_has_one_value_a_page_and_says_in_a_sentence_what_it_is(name: str) -> None:
    values = METRICS[name](device_pages())
    assert values.shape == (2,) and values.dtype == np.float64
    assert (METRICS[name].__doc__ or "").rstrip().endswith(".")


@pytest.mark.parametrize(
    ("name", "value", "of_empty_page"),
    [
        ("recall_3x4", 1 / 2, np.nan),  # 3 is there, 7 is not
        ("recall_6x6", 1 / 2, np.nan),
        ("calibration_kl", 0.0, np.nan),  # two even and two odd titles, and as many plays of each
        ("duplicates", 1.0, 0.0),  # 2 stands twice
        ("new_share", 1 / 5, np.nan),
        ("rows", 2.0, 0.0),
        ("cells_per_row", 2.5, 0.0),
    ],
)
def test_metric_by_hand(name: str, value: float, of_empty_page: float) -> None:
    values = METRICS[name](device_pages())
    assert values == pytest.approx([value, of_empty_page], nan_ok=True, abs=1e-12)


def test_metrics_that_weigh_cells_use_the_navigation_of_the_device() -> None:
    device = pages().device("tv")
    second_cell_of_second_row = device.down * device.right
    best_two_cells = 1 + max(device.down, device.right)
    ndcg = METRICS["ndcg_2d"](device_pages())
    assert ndcg[0] == pytest.approx(second_cell_of_second_row / best_two_cells)
    err = METRICS["err_2d"](device_pages())
    assert err[0] == pytest.approx(second_cell_of_second_row * 0.5)
    first, again = METRICS["err_2d_all"](device_pages())[0], device.right * 0.5
    assert first == pytest.approx(again + (1 - again) * err[0])  # 1 was played before, and again


def test_diversity_is_the_share_of_unlike_pairs_where_each_title_has_one_genre() -> None:
    assert METRICS["diversity"](device_pages())[0] == pytest.approx(4 / 6)


def test_stability_compares_with_the_day_before_where_there_was_a_page() -> None:
    stability = METRICS["stability"](device_pages(day_before=[0, 1, 2, 5]))
    assert stability == pytest.approx([3 / 5, np.nan], nan_ok=True)
    assert np.isnan(METRICS["stability"](device_pages())).all()


def test_a_row_that_may_repeat_has_no_duplicates() -> None:
    assert METRICS["duplicates"](device_pages(repeatable="popular")).tolist() == [0.0, 0.0]
