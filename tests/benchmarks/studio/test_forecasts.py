"""A forecast is judged by what came, and what came new counts as foreseen only where it was."""

from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.studio.forecasts import forecast_judged, judged, shares_of
from tests.built import DAYS, tables_at


def test_errors_are_means_over_titles_and_kinds_of_any_day() -> None:
    before, after = {("a", "top"): 0.5}, {("a", "top"): 0.3, ("b", "new"): 0.1}
    told = judged({("a", "top"): 0.4, ("c", "new"): 0.2}, before, after)
    assert told["forecast_error"] == pytest.approx((0.1 + 0.1 + 0.2) / 3)
    assert told["as_before_error"] == pytest.approx((0.2 + 0.1 + 0) / 3)
    assert (told["came_new"], told["came_new_foreseen"]) == (1, 0)
    assert judged(after, before, after)["came_new_foreseen"] == 1


def test_the_newest_night_before_an_audited_day_is_judged(built: Path) -> None:
    with tables_at(built):
        told = forecast_judged()
        assert told["forecast_of"] == str(DAYS[1]) and DAYS[1] - DAYS[0] == timedelta(days=1)
        assert 0 <= float(str(told["forecast_error"])) < 0.5
        assert 0 < max(shares_of(DAYS[1]).values()) <= 1
