"""How viewing spreads over the catalogue, by hand."""

import math

import numpy as np
import pytest

from experiments.metrics import catalogue
from experiments.metrics.catalogue import (
    effective_size,
    effective_size_by_rank,
    effective_size_ratio,
    gini,
    top_share,
)


@pytest.mark.parametrize(
    ("hours", "size"),
    [((10, 6, 3), 43 / 19), ((3, 10, 6), 43 / 19), ((5,), 1), ((5, 0, 0), 1), ((2, 2, 2, 2), 4)],
)
def test_effective_size_by_hand(hours, size):
    # (10 * 1 + 6 * 2 + 3 * 3) / 19 = 31 / 19; twice that less one is 43 / 19 = 2.263
    assert effective_size(hours) == pytest.approx(size)


def test_size_by_rank_keeps_the_order_of_ranks():
    # hours 1 at rank 1, 3 at rank 2: 2 * (1 * 1 + 3 * 2) / 4 - 1 = 2.5; sorted it would be 1.5
    assert effective_size_by_rank([1, 3]) == pytest.approx(2.5)


def test_ratio_at_the_median_rank():
    # 1, 2, 1 and 1 plays at ranks 1, 2, 3 and 5: the median of 1 2 2 3 5 is 2.
    # By rank 1 h and 2 h: 2 * (1 + 2 * 2) / 3 - 1 = 7 / 3.
    # The two titles with most hours have 3 and 1 h: 2 * (3 + 2) / 4 - 1 = 1.5.
    assert effective_size_ratio([1, 2, 1, 0, 1], [1, 2, 9, 0, 9], [1, 3, 1]) == pytest.approx(
        (7 / 3) / 1.5
    )
    assert math.isnan(effective_size_ratio([], [], [1]))


def test_gini_by_hand():
    assert gini([4, 4, 4]) == pytest.approx(0)
    assert gini([0, 0, 9, 0]) == pytest.approx(3 / 4)
    assert gini([1, 2, 3]) == pytest.approx((-2 * 1 + 0 * 2 + 2 * 3) / (3 * 6))


def test_share_of_the_top_titles_by_hand():
    assert top_share([1] * 9 + [11]) == pytest.approx(11 / 20)
    assert top_share([8, 4, 0, 0, 0]) == pytest.approx(4 / 12)  # half of the best title
    assert top_share([5, 5], part=1.0) == 1


def test_nothing_played_is_not_a_number():
    assert all(math.isnan(figure([0, 0])) for figure in (effective_size, gini, top_share))


def test_exposure_sums_the_chances_of_cells_over_pages() -> None:
    grid = np.array([[[0, 1], [2, -1]], [[1, 0], [1, 3]]])
    seen = np.array([[1.0, 0.5], [0.25, 0.125]])
    assert catalogue.exposure(grid, seen, 5).tolist() == [1.5, 0.5 + 1 + 0.25, 0.25, 0.125, 0]


def test_coverage_and_shares_of_what_is_shown() -> None:
    assert catalogue.catalogue_coverage([3, 0, 1, 0]) == 0.5
    assert catalogue.share_of([3, 0, 1, 0], [False, True, True, False]) == 0.25
    assert np.isnan(catalogue.share_of([0, 0], [True, False])) and np.isnan(
        catalogue.catalogue_coverage([])
    )


def test_kinds_have_their_shares_of_rows() -> None:
    assert catalogue.kind_shares(["genre", "popular", "genre", "genre"]) == {
        "genre": 0.75,
        "popular": 0.25,
    }
