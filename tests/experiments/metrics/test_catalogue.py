import math

import pytest

from experiments.metrics.catalogue import effective_size, effective_size_by_rank, effective_size_ratio, gini, top_share


@pytest.mark.parametrize(
    ("hours", "size"),
    [((10, 6, 3), 43 / 19), ((3, 10, 6), 43 / 19), ((5,), 1), ((5, 0, 0), 1), ((2, 2, 2, 2), 4)],
)
def test_effective_size_by_hand(hours, size):
    # (10 * 1 + 6 * 2 + 3 * 3) / 19 = 31 / 19; twice that less one is 43 / 19 = 2.263
    assert effective_size(hours) == pytest.approx(size)


def test_size_by_rank_keeps_the_order_of_places():
    # hours 1 at place 1, 3 at place 2: 2 * (1 * 1 + 3 * 2) / 4 - 1 = 2.5; sorted it would be 1.5
    assert effective_size_by_rank([1, 3]) == pytest.approx(2.5)


def test_ratio_at_the_median_place():
    # 1, 2, 1 and 1 plays at places 1, 2, 3 and 5: the median of 1 2 2 3 5 is 2. By place 1 h and 2 h:
    # 2 * (1 + 2 * 2) / 3 - 1 = 7 / 3. The two titles with most hours have 3 and 1 h: 2 * (3 + 2) / 4 - 1 = 1.5.
    assert effective_size_ratio([1, 2, 1, 0, 1], [1, 2, 9, 0, 9], [1, 3, 1]) == pytest.approx((7 / 3) / 1.5)
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
