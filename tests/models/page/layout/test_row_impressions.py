"""Row impressions as arrays, worked out by hand."""

import numpy as np
import pyarrow as pa
import pytest

from models.page.layout.row_impressions import offer_impressions, position_weights


def test_impressions_find_the_offer_that_stood_there() -> None:
    table = pa.table(
        {
            "page_id": ["pa", "pa", "pb", "elsewhere"],
            "row_id": ["popular", "genre:Drama", "popular", "popular"],
            "row_position": [2, 1, 1, 1],
            "looks": [4, 5, 2, 9],
            "taken": [1, 0, 2, 9],
        }
    )
    impressions = offer_impressions(
        table, ["pa", "pb"], np.array([0, 0, 1, 1]), ["popular", "genre:Drama", "new", "popular"], 3
    )
    assert impressions.offer.tolist() == [[1, 0, -1], [3, -1, -1]]
    assert impressions.looks.tolist() == [[5, 4, 0], [2, 0, 0]]
    assert impressions.taken.tolist() == [[0, 1, 0], [2, 0, 0]]


def test_row_that_is_offered_no_more_is_left_out() -> None:
    table = pa.table(
        {"page_id": ["pa"], "row_id": ["gone"], "row_position": [1], "looks": [4], "taken": [1]}
    )
    impressions = offer_impressions(table, ["pa"], np.array([0]), ["popular"], 2)
    assert impressions.offer.tolist() == [[-1, -1]]
    assert impressions.looks.sum() == 0


def test_rows_far_down_count_for_those_who_did_not_come_so_far() -> None:
    looks = np.array([[8, 4, 1], [2, 1, 0]], np.float32)  # 10, 5 and 1 looks: shares 1, .5, .1
    assert position_weights(looks, most=5) == pytest.approx(np.array([[8, 8, 5], [2, 2, 0]]))
