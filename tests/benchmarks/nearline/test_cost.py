"""The cost of a tick beside a night."""

from datetime import UTC, datetime

import pytest

from benchmarks.nearline.cost import TickCost
from benchmarks.nearline.figures import cost_figures
from conf.ticks import Tick


def test_the_share_is_both_steps_of_the_tick_over_the_night():
    tick = Tick(datetime(2026, 1, 5, 1, tzinfo=UTC))
    cost = TickCost(
        profiles=1000, touched=10, night_s=200.0, overlays_s=7.0, updates_s=3.0, tick=tick
    )
    assert cost.share == pytest.approx(0.05)
    assert cost_figures(cost)["tick_s"] == 10.0
