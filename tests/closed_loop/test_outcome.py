import re

import pyarrow.compute as pc

from closed_loop.outcome import _gap, last_days
from tests.closed_loop.days_of_life import CHANCES, measures


def test_the_last_three_days_are_kept_arm_by_arm():
    by_arm = last_days(measures(days=5))
    assert list(by_arm) == list(CHANCES)
    for arm, rows in by_arm.items():
        assert set(rows["arm"].to_pylist()) == {arm}
        assert sorted(pc.unique(rows["day"]).to_pylist()) == [2, 3, 4]


def test_the_gap_that_the_pipeline_closes_is_said_with_its_interval():
    sentence = _gap(measures())
    shares = re.search(r"oracle's: (\d+)% \[(\d+)%, (\d+)%\]$", sentence).groups()
    closed, low, high = map(int, shares)
    assert low < closed < high
    assert abs(closed - 50) < 8


def test_without_a_gap_the_reason_is_said():
    assert "--no-compare" in _gap(measures(chances={"pipeline": 0.4}))
    assert "the oracle is not above popular" in _gap(measures(chances={**CHANCES, "oracle": 0.2}))
