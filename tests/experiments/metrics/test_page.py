"""Page metrics, each worked out by hand."""

import numpy as np
import pytest

from experiments.metrics import page
from experiments.metrics.navigation import Navigation

# one page of three rows; title 1 stands twice, the second row is short
PAGE = np.array([[[0, 1, 2], [1, 3, -1], [4, 5, 6]]], np.int32)
NAVIGATION = Navigation(down=0.5, right=0.8)


def wants(*titles: int, size: int = 8) -> np.ndarray:
    return np.isin(np.arange(size), titles)[None, :]


def test_flat_pages_become_a_grid_cut_to_the_rectangle() -> None:
    grid = page.page_grid(
        np.array([0, 2, 2, 3]), np.array([0, 3, 4, 6]), np.array([7, 8, 9, 5, 1, 2], np.int32), 2, 2
    )
    assert grid.tolist() == [[[7, 8], [5, -1]], [[-1, -1], [-1, -1]], [[1, 2], [-1, -1]]]


@pytest.mark.parametrize(
    ("relevant", "m", "n", "value"),
    [
        ((0, 1, 3, 7), 2, 2, 3 / 4),  # 0, 1 and 3 are there, 1 twice and counted once
        ((1,), 2, 1, 1.0),  # in the second row only
        ((3, 4), 2, 3, 1 / 2),  # the short row has no third cell
        ((7,), 3, 3, 0.0),
        ((), 3, 3, np.nan),
    ],
)
def test_recall_of_a_rectangle_counts_sets(
    relevant: tuple[int, ...], m: int, n: int, value: float
) -> None:
    assert page.page_recall(PAGE, wants(*relevant), m, n).tolist() == pytest.approx(
        [value], nan_ok=True
    )


def test_pages_without_relevant_titles_are_left_out_and_counted() -> None:
    both = page.page_recall(np.repeat(PAGE, 2, axis=0), np.concatenate([wants(0), wants()]), 1, 1)
    assert page.mean_over_pages(both) == (1.0, 1)


def test_ndcg_weighs_cells_by_how_likely_they_are_seen() -> None:
    # P(seen): first row 1 .8 .64, second .5 .4, third .25 .2 .16
    # title 1 counts at .8, not again at .5; 6 at .16
    # the best page has its three titles at 1, .8 and .64; 7 is nowhere
    assert page.ndcg_2d(PAGE, wants(1, 6, 7), NAVIGATION) == pytest.approx(
        [(0.8 + 0.16) / (1 + 0.8 + 0.64)]
    )


def test_a_repeat_counts_where_it_is_more_likely_seen() -> None:
    deep = np.array([[[0, 1, 2], [2, 3, 4]]], np.int32)
    navigation = Navigation(
        down=0.9, right=0.5
    )  # third cell of the first row .25, first of the second .9
    assert page.ndcg_2d(deep, wants(2), navigation) == pytest.approx([0.9])


def test_a_perfect_page_has_ndcg_1_and_one_without_cells_0() -> None:
    assert page.ndcg_2d(PAGE, wants(0, 1), NAVIGATION) == pytest.approx([1.0])
    assert page.ndcg_2d(np.full((1, 2, 2), -1, np.int32), wants(0), NAVIGATION).tolist() == [0.0]


def test_err_is_the_chance_that_a_look_ends_at_a_relevant_title() -> None:
    # row 1: title 1 is looked at with .8 and satisfies with .5: s = .4
    # the row below is reached with .5 * (1 - .4)
    # row 2: 1 again satisfies nobody, 3 is looked at with .8: s = .4; row 3 is not relevant
    assert page.err_2d(PAGE, wants(1, 3), NAVIGATION) == pytest.approx([0.4 + 0.5 * 0.6 * 0.4])


def test_err_within_a_row_is_a_cascade() -> None:
    # .5 at once; else (.5) on to the next (.8), which satisfies half the time
    assert page.err_2d(PAGE, wants(0, 1), NAVIGATION) == pytest.approx([0.5 + 0.5 * 0.8 * 0.5])
    assert np.isnan(page.err_2d(PAGE, wants(), NAVIGATION)).all()


def test_err_counts_a_repeat_where_it_is_more_likely_seen() -> None:
    deep = np.array([[[0, 1, 2], [2, 3, 4]]], np.int32)  # .25 at the end of the first row, .9 below
    assert page.err_2d(deep, wants(2), Navigation(down=0.9, right=0.5)) == pytest.approx(
        [0.9 * 0.5]
    )


def test_diversity_is_the_mean_distance_of_pairs() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1], [3, 3], [0, 0]], float)
    line = np.array(
        [[[0, 2], [3, 0]]], np.int32
    )  # 0 twice, one of them counts: cosines 0, 1/sqrt 2, 1/sqrt 2
    assert page.diversity(line, vectors) == pytest.approx([1 - 2 * 2**-0.5 / 3])
    assert page.diversity(np.array([[[0, 1]]], np.int32), vectors) == pytest.approx([0.0])
    assert page.diversity(np.array([[[0, 4]]], np.int32), vectors) == pytest.approx([1.0])
    assert np.isnan(page.diversity(np.array([[[0, 0]]], np.int32), vectors)).all()


def test_calibration_is_zero_where_the_page_has_the_profiles_mix() -> None:
    genres = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], bool)
    both = np.array(
        [[[0, 1], [2, 3]]], np.int32
    )  # title 2 is half of each; 3 has no genre and is left out
    assert page.calibration_kl(both, np.array([[5, 5]]), genres) == pytest.approx([0.0], abs=1e-12)
    # a profile of genre 0 alone against a page of half and half: 1 * ln(1 / (.99 * .5 + .01 * 1))
    assert page.calibration_kl(both, np.array([[2, 0]]), genres) == pytest.approx(
        [np.log(1 / 0.505)]
    )


def test_calibration_is_undefined_without_history_or_genres() -> None:
    genres = np.array([[1, 0], [0, 0]], bool)
    assert np.isnan(
        page.calibration_kl(np.array([[[0]]], np.int32), np.zeros((1, 2)), genres)
    ).all()
    assert np.isnan(page.calibration_kl(np.array([[[1]]], np.int32), np.ones((1, 2)), genres)).all()


def test_duplicates_are_cells_beyond_the_first_of_their_title() -> None:
    many = np.array([[[0, 1, 0], [1, 0, -1]], [[0, 1, 2], [3, -1, -1]]], np.int32)
    assert page.duplicates(many).tolist() == [3, 0]


def test_stability_compares_sets_of_titles() -> None:
    before = np.array([[[2, 1, 0]]], np.int32)
    assert page.page_stability(np.array([[[0, 1, 2]]], np.int32), before, 5).tolist() == [1.0]
    assert page.page_stability(np.array([[[0, 3, 4]]], np.int32), before, 5).tolist() == [1 / 5]
    nothing = np.full((1, 1, 3), -1, np.int32)
    assert np.isnan(page.page_stability(nothing, nothing, 5)).all()
