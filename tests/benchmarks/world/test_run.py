"""What `frontrow bench world` makes of the measures, and the sizes it accepts."""

import pytest

from benchmarks.world.run import _closed_loop, _sizes, reality_of, refuse_outside
from closed_loop.validation import RealityCheck, reality_check
from conf.errors import Rejected, UserMistake
from conf.reality import reality
from tests.closed_loop.days_of_life import measures


@pytest.mark.parametrize("text", ["300", "300,0", "300,many"])
def test_sizes_that_give_no_slope_are_refused(text):
    with pytest.raises(UserMistake, match="--scale"):
        _sizes(text)


def test_sizes_are_numbers_and_none_at_all_are_allowed():
    assert _sizes("2000, 4000,") == [2000, 4000]
    assert _sizes("") == []


def test_rates_are_shares_of_the_sessions_of_the_last_three_days():
    figures = _closed_loop(measures(days=4), members=150, days=4)
    assert (figures["members"], figures["days"]) == (150, 4)
    assert 200 < figures["profiles"] <= 300
    assert figures["play_rate_pipeline"] == pytest.approx(0.4, abs=0.03)
    assert figures["play_rate_random"] == pytest.approx(0.1, abs=0.03)
    above_popular = figures["play_rate_pipeline"] - figures["play_rate_popular"]
    assert figures["pipeline_above_popular"] == pytest.approx(above_popular)
    whole_gap = figures["play_rate_oracle"] - figures["play_rate_popular"]
    assert figures["gap_closed"] == pytest.approx(above_popular / whole_gap)
    assert figures["gap_closed_low"] < figures["gap_closed"] < figures["gap_closed_high"]


def check(key: str, simulated: float) -> RealityCheck:
    figure = reality().figures[key]
    return reality_check(figure, figure.real, simulated)


def test_a_figure_outside_its_range_in_either_world_is_named_and_ends_with_status_65():
    kept = {"page_hours": check("page_hours", 0.8), "screens": check("screens", 1.5)}
    planted = {**kept, "screens": check("screens", 9.0)}
    figures, outside = reality_of({"world": kept, "world2": planted})
    assert (figures["ranges"], figures["ranges_kept"]) == (4, 3)
    assert outside == figures["outside_range"] == ["world2.screens"]
    assert figures["reality"]["world2"] == {"page_hours": 0.8, "screens": 9.0}
    with pytest.raises(Rejected, match=r"outside their range: world2\.screens;") as refusal:
        refuse_outside(outside)
    assert refusal.value.exit_status == 65
    refuse_outside(reality_of({"world": kept, "world2": kept})[1])
