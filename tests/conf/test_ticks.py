"""Ticks: how they are named, which day they are of, and which instants end one."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from conf.days import end_of
from conf.errors import UserMistake
from conf.nearline import NearlineSettings, nearline_settings
from conf.ticks import tick_before, tick_named, tick_of, ticks_between

EVENING = datetime(2026, 1, 5, 21, 10, tzinfo=UTC)


def test_a_tick_is_named_by_its_end_and_says_it_as_the_jobs_take_it():
    tick = tick_of(EVENING)
    assert (tick.ds, tick.name, str(tick)) == (date(2026, 1, 5), "2110", "2026-01-05T21:10Z")
    assert tick.since == EVENING - timedelta(minutes=10)


def test_the_tick_that_ends_at_midnight_is_the_last_of_its_day_and_ends_as_the_day_does():
    tick = tick_of(datetime(2026, 1, 6, tzinfo=UTC))
    assert (tick.ds, tick.name, tick.as_of) == (date(2026, 1, 5), "2400", end_of(date(2026, 1, 5)))
    assert tick_named(date(2026, 1, 5), "2400") == tick


@pytest.mark.parametrize("name", ["0010", "2110", "2400"])
def test_a_partition_tells_its_tick(name):
    assert tick_named(date(2026, 1, 5), name).name == name


def test_an_instant_in_another_zone_is_the_same_tick():
    clock = timezone(
        timedelta(hours=5, minutes=30)
    )  # on the night clocks change, UTC has no hour twice
    assert tick_of(EVENING.astimezone(clock)) == tick_of(EVENING)


@pytest.mark.parametrize(
    "late", [timedelta(minutes=1), timedelta(seconds=1), timedelta(microseconds=1)]
)
def test_an_instant_between_two_ends_is_refused(late):
    with pytest.raises(UserMistake, match="ends no tick; ticks are 10 minutes long"):
        tick_of(EVENING + late)


def test_the_tick_before_a_moment_is_the_newest_that_had_ended():
    assert tick_before(EVENING) == tick_of(EVENING)
    assert tick_before(EVENING + timedelta(minutes=9, seconds=59)) == tick_of(EVENING)


def test_ticks_of_a_range_include_both_ends():
    found = list(ticks_between(EVENING, EVENING + timedelta(minutes=25)))
    assert [tick.name for tick in found] == ["2110", "2120", "2130"]
    assert len(list(ticks_between(EVENING, EVENING + timedelta(days=1)))) == 145


@pytest.mark.parametrize("hours", [-1, 0.1])
def test_a_range_without_ticks_is_refused(hours):
    begins = EVENING + timedelta(minutes=1)
    with pytest.raises(UserMistake, match="no tick ends from"):
        list(ticks_between(begins, begins + timedelta(hours=hours)))


@pytest.mark.parametrize(
    ("minutes", "fine"), [(1, True), (10, True), (60, True), (240, True), (7, False), (90, False)]
)
def test_a_tick_is_as_long_as_cron_can_say(minutes, fine):
    given = nearline_settings().model_dump() | {"every_minutes": minutes}
    if fine:
        assert NearlineSettings.model_validate(given).every_minutes == minutes
    else:
        with pytest.raises(ValidationError, match="whole part of an hour"):
            NearlineSettings.model_validate(given)
