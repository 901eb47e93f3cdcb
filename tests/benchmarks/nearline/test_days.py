"""Parts of a day joined, and visits read from them."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from benchmarks.nearline.days import _concatenated_lists, _summed_measures, first_visits
from models.page.online.assemble import Visit

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_lists_of_the_same_owners_are_joined_in_order():
    morning = pa.array([[1, 2], [], [3]], pa.list_(pa.int64()))
    evening = pa.array([[4], [5, 6], []], pa.list_(pa.int64()))
    assert _concatenated_lists([morning, evening]).to_pylist() == [[1, 2, 4], [5, 6], [3]]


def test_a_visit_is_the_first_impression_of_a_profile():
    def impression(profile_id, minutes, device):
        at = NOON + timedelta(minutes=minutes)
        return {"profile_id": profile_id, "shown_at": at, "device": device}

    of_profiles = [
        [impression("ann", 9, "web"), impression("ann", 2, "tv")],
        [],
        [impression("bob", 5, "phone")],
    ]
    kind = pa.struct(
        {
            "profile_id": pa.string(),
            "shown_at": pa.timestamp("us", "UTC"),
            "device": pa.string(),
        }
    )
    outcome = pa.table({"impressions": pa.array(of_profiles, pa.list_(kind))})
    assert first_visits(outcome) == {
        "ann": Visit((NOON + timedelta(minutes=2)).timestamp(), "tv"),
        "bob": Visit((NOON + timedelta(minutes=5)).timestamp(), "phone"),
    }


def test_measures_are_summed_by_account():
    def outcome(accounts, sessions, taken):
        rows = [[{"sessions": s, "taken": t}] for s, t in zip(sessions, taken, strict=True)]
        return pa.table({"account_id": accounts, "measures": rows})

    parts = [outcome(["a", "a", "b"], [1, 2, 3], [0, 1, 1]), outcome(["b"], [4], [2])]
    rows = _summed_measures(parts).sort_by("account_id").to_pylist()
    assert rows == [
        {"account_id": "a", "sessions": 3, "taken": 1},
        {"account_id": "b", "sessions": 7, "taken": 3},
    ]
