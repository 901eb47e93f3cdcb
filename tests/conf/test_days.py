from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from conf.days import days_between, end_of, parse_day, parse_instant, start_of, window_start
from conf.errors import UserMistake


@pytest.mark.parametrize("text", ["1998-02-30", "19980422", "1998-4-22", "yesterday", ""])
def test_what_is_no_day_of_the_calendar_is_the_users_mistake(text: str) -> None:
    with pytest.raises(UserMistake, match="--from .* is not a day of the calendar"):
        parse_day(text, "--from")


def test_an_instant_needs_its_zone_and_becomes_utc() -> None:
    instant = parse_instant("1998-04-22T23:10:38+02:00", "--known-at")
    assert instant == datetime(1998, 4, 22, 21, 10, 38, tzinfo=UTC)
    with pytest.raises(UserMistake, match="write it with its zone"):
        parse_instant("1998-04-22T23:10:38", "--known-at")


def test_a_day_ends_a_microsecond_before_the_next_begins() -> None:
    next_midnight = start_of(date(2024, 3, 1))
    assert next_midnight - end_of(date(2024, 2, 29)) == timedelta(microseconds=1)


def test_a_range_of_days_has_both_ends_and_runs_forwards() -> None:
    leap = [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)]
    assert list(days_between(leap[0], leap[-1])) == leap
    with pytest.raises(UserMistake, match="runs backwards"):
        list(days_between(leap[-1], leap[0]))


def test_a_window_ends_with_the_utc_day_of_its_as_of() -> None:
    evening_in_new_york = datetime(2024, 3, 7, 22, tzinfo=timezone(timedelta(hours=-5)))
    assert window_start(evening_in_new_york, 7) == date(2024, 3, 2)
