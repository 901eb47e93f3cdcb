"""The newest overlays of a day, and states that differ from the offline run."""

from datetime import date

import pyarrow as pa
import pytest

from benchmarks.nearline import checks

DS = date(2026, 1, 5)
OVERLAYS = [
    {"profile_id": "ann", "tick": "0100", "country": "NO"},
    {"profile_id": "ann", "tick": "0200", "country": "SE"},
    {"profile_id": "bob", "tick": "0100", "country": "DE"},
]
OFFLINE = [
    {"profile_id": "ann", "country": "NO", "history": [{"title_id": "t", "next_episode": "e2"}]},
    {"profile_id": "bob", "country": "DE", "history": []},
]


@pytest.fixture
def tables(monkeypatch):
    history = [{"title_id": "t", "next_episode": "e3"}]  # another next episode is no difference
    rows = {
        "overlays": [
            {**overlay, "history": history if overlay["profile_id"] == "ann" else []}
            for overlay in OVERLAYS
        ],
        "profile_features": OFFLINE,
    }

    def day(name, ds, columns):
        return pa.Table.from_pylist([{c: row.get(c) for c in columns} for row in rows[name]])

    monkeypatch.setattr(checks, "_day", day)


def test_the_newest_overlay_up_to_a_tick_counts(tables):
    def countries(**until):
        overlays = checks.newest_overlays(DS, ["profile_id", "country"], **until)
        return sorted(overlays["country"].to_pylist())

    assert countries() == ["DE", "SE"]
    assert countries(until="0100") == ["DE", "NO"]


def test_differences_are_counted_by_column(tables):
    assert checks.state_differences(DS) == {"country": 1}
