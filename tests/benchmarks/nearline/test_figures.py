"""Gains and ages of nearline pages, by hand."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from benchmarks.nearline.days import TickRun
from benchmarks.nearline.figures import _age_figures, _gain_figures
from conf.nearline import nearline_settings
from conf.ticks import Tick

MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)
SETTINGS = nearline_settings()


def measures(taken):
    accounts = [f"a{number}" for number in range(40)]
    return pa.table({"account_id": accounts, "sessions": [2.0] * 40, "taken": [taken] * 40})


def test_a_gain_is_the_lift_of_play_rate_over_the_pages_of_the_night():
    day = {"offline": measures(1.0), "online": measures(1.0), "nearline": measures(1.1)}
    figures = _gain_figures([day, day], draws=4)
    assert figures["sessions"] == 2 * 40 * 2 // 4
    assert figures["play_rate_offline"] == pytest.approx(0.5)
    assert figures["gain_play_rate"] == pytest.approx(0.1)
    assert figures["gain_play_rate_online_alone"] == pytest.approx(0)


def test_days_that_differ_widen_the_interval_of_a_gain():
    """Three days of -.04, .38 and .51 % are not surely a gain, however many members agree on each."""
    days = [
        {"offline": measures(1.0), "online": measures(1.0), "nearline": measures(1.0 + gain)}
        for gain in (-0.0004, 0.0038, 0.0051)
    ]
    figures = _gain_figures(days, draws=1)
    assert figures["gain_play_rate"] == pytest.approx(0.0028, abs=1e-4)
    assert figures["gain_play_rate_low"] < 0 < figures["gain_play_rate_high"]


def tick_run(event_s, known_s, overlays_s):
    def instants(seconds):
        return pa.array([MIDNIGHT + timedelta(seconds=seconds)], pa.timestamp("us", "UTC"))

    events = pa.table({"event_at": instants(event_s), "known_at": instants(known_s)})
    return TickRun(Tick(MIDNIGHT + timedelta(hours=1)), 1, overlays_s, 5.0, events, pa.table({}))


def test_the_age_of_an_event_counts_its_wait_for_the_tick_and_both_steps():
    every_s, after_s = 60 * SETTINGS.every_minutes, 60 * SETTINGS.online_after_minutes
    figures = _age_figures([tick_run(10, 20, overlays_s=1.0)])
    assert figures["event_to_row_p50_s"] == every_s + after_s + 5 - 10


def test_updates_wait_for_overlays_that_take_long():
    every_s, overlays_s = 60 * SETTINGS.every_minutes, 60.0 * SETTINGS.online_after_minutes + 30
    figures = _age_figures([tick_run(10, 20, overlays_s)])
    assert figures["event_to_row_p95_s"] == every_s + overlays_s + 5 - 10
