"""When somebody is due: by hour, by weekday, by the gap between sessions."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from models.catalogue.visit_rhythm import Rhythm, due_at, due_s, rhythm, sessions

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
HALF_HOUR = 1800.0


def of(moments: list[datetime]) -> Rhythm:
    at_s = np.array([moment.timestamp() for moment in moments])
    return rhythm(np.zeros(len(moments), np.int64), at_s, 1, HALF_HOUR)


def due(moments: list[datetime], now: datetime) -> datetime:
    return datetime.fromtimestamp(due_s(of(moments), now.timestamp())[0], UTC)


def evenings(days: list[int], hour: float = 21) -> list[datetime]:
    return [MONDAY + timedelta(days=day, hours=hour) for day in days]


def test_plays_half_an_hour_apart_are_of_two_sessions():
    at_s = np.array([0.0, 1799, 3598, 5398, 0])
    assert sessions(np.array([0, 0, 0, 0, 1]), at_s, HALF_HOUR).tolist() == [
        True,
        False,
        False,
        True,
        True,
    ]


def test_hours_about_midnight_have_their_mean_at_midnight():
    found = of([MONDAY + timedelta(hours=23), MONDAY + timedelta(days=1, hours=1)])
    assert found.hour[0] % 24 == pytest.approx(0, abs=1e-6) or found.hour[0] == pytest.approx(
        24, abs=1e-6
    )
    assert found.clearness[0] == pytest.approx(np.cos(np.pi / 12))


def test_the_gap_is_the_median_and_the_share_that_of_sessions():
    found = of(evenings([0, 1, 2, 5, 6]))  # Monday to Wednesday, Saturday, Sunday
    assert (found.gap_s[0], found.weekend_share[0], found.sessions[0]) == (86400, 0.4, 5)


def test_who_comes_each_evening_is_due_at_the_usual_hour():
    assert due(evenings([0, 1, 2]), MONDAY + timedelta(days=2, hours=22)) == MONDAY + timedelta(
        days=3, hours=21
    )


def test_who_did_not_come_is_due_at_the_next_usual_hour():
    now = MONDAY + timedelta(days=9, hours=22)
    assert due(evenings([0, 1, 2]), now) == MONDAY + timedelta(days=10, hours=21)


def test_who_keeps_to_weekends_is_due_on_saturday():
    assert due(evenings([5, 6, 12, 13]), MONDAY + timedelta(days=15)) == MONDAY + timedelta(
        days=19, hours=21
    )


def test_who_comes_at_any_hour_is_due_a_gap_later():
    moments = [MONDAY + timedelta(hours=hours) for hours in (0, 6, 12, 18, 24, 30, 36, 42)]
    assert due(moments, moments[-1] + timedelta(hours=1)) == moments[-1] + timedelta(hours=6)


def test_who_never_played_is_not_due():
    found = rhythm(np.array([1]), np.array([0.0]), 3, HALF_HOUR)
    assert np.isnan(due_s(found, 5.0)).tolist() == [True, False, True]
    assert np.isnan(found.hour).tolist() == [True, False, True]


def test_histories_tell_by_first_and_last_play():
    plays = [{"first_at": moment, "last_at": moment} for moment in evenings([0, 1])]
    entry = pa.struct(
        [("first_at", pa.timestamp("us", "UTC")), ("last_at", pa.timestamp("us", "UTC"))]
    )
    lists = pa.array([plays, [], None], pa.list_(entry))
    now = MONDAY + timedelta(days=1, hours=22)
    found = due_at(lists, now.timestamp(), HALF_HOUR).to_pylist()
    assert found == [MONDAY + timedelta(days=2, hours=21), None, None]
