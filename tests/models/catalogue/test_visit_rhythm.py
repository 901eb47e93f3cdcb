"""When a profile is due: by hour, by weekday, by the gap between sessions."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from models.catalogue.visit_rhythm import (
    VisitRhythm,
    next_session_s,
    next_sessions,
    session_starts,
    visit_rhythm,
)

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
HALF_HOUR = 1800.0


def rhythm_of(plays: list[datetime]) -> VisitRhythm:
    at_s = np.array([play.timestamp() for play in plays])
    return visit_rhythm(np.zeros(len(plays), np.int64), at_s, 1, HALF_HOUR)


def next_session(plays: list[datetime], now: datetime) -> datetime:
    return datetime.fromtimestamp(next_session_s(rhythm_of(plays), now.timestamp())[0], UTC)


def evenings(days: list[int], hour: float = 21) -> list[datetime]:
    return [evening(day, hour) for day in days]


def evening(day: int, hour: float = 21) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


def test_plays_half_an_hour_apart_are_of_two_sessions():
    at_s = np.array([0.0, 1799, 3598, 5398, 0])
    starts = session_starts(np.array([0, 0, 0, 0, 1]), at_s, HALF_HOUR)
    assert starts.tolist() == [True, False, False, True, True]


def test_no_plays_are_no_sessions():
    assert session_starts(np.zeros(0, np.int64), np.zeros(0), HALF_HOUR).tolist() == []


def test_hours_about_midnight_have_their_mean_at_midnight():
    rhythm = rhythm_of([MONDAY + timedelta(hours=23), MONDAY + timedelta(hours=25)])
    distance = min(rhythm.hour[0], 24 - rhythm.hour[0])
    assert distance == pytest.approx(0, abs=1e-6)
    assert rhythm.clearness[0] == pytest.approx(np.cos(np.pi / 12))


def test_the_gap_is_the_median_and_the_share_that_of_sessions():
    rhythm = rhythm_of(evenings([0, 1, 2, 5, 6]))  # Monday to Wednesday, Saturday, Sunday
    assert rhythm.gap_s[0] == 86400
    assert rhythm.weekend_share[0] == 0.4
    assert rhythm.sessions[0] == 5


def test_a_profile_with_a_usual_hour_is_due_at_it():
    assert next_session(evenings([0, 1, 2]), evening(2, 22)) == evening(3)


def test_a_profile_that_did_not_come_is_due_at_the_next_usual_hour():
    assert next_session(evenings([0, 1, 2]), evening(9, 22)) == evening(10)


def test_a_profile_that_keeps_to_weekends_is_due_on_saturday():
    saturday = 19
    assert next_session(evenings([5, 6, 12, 13]), evening(15, 0)) == evening(saturday)


def test_a_profile_without_a_usual_hour_is_due_a_gap_later():
    plays = [MONDAY + timedelta(hours=hours) for hours in (0, 6, 12, 18, 24, 30, 36, 42)]
    an_hour_later = plays[-1] + timedelta(hours=1)
    assert next_session(plays, an_hour_later) == plays[-1] + timedelta(hours=6)


def test_a_profile_without_plays_is_not_due():
    rhythm = visit_rhythm(np.array([1]), np.array([0.0]), 3, HALF_HOUR)
    assert np.isnan(next_session_s(rhythm, 5.0)).tolist() == [True, False, True]
    assert np.isnan(rhythm.hour).tolist() == [True, False, True]


def test_histories_count_first_and_last_plays():
    plays = [{"first_at": play, "last_at": play} for play in evenings([0, 1])]
    instant = pa.timestamp("us", "UTC")
    entry = pa.struct([("first_at", instant), ("last_at", instant)])
    histories = pa.array([plays, [], None], pa.list_(entry))
    due = next_sessions(histories, evening(1, 22).timestamp(), HALF_HOUR)
    assert due.to_pylist() == [evening(2), None, None]
