"""Profiles that played nothing between two days."""

from types import SimpleNamespace

import pyarrow as pa

from benchmarks.page.world_day import WorldDay


def day(**plays: int) -> WorldDay:
    columns = {"profile_id": list(plays), "profile_plays_count_all": list(plays.values())}
    return WorldDay(SimpleNamespace(features=pa.table(columns)), ())


def test_profiles_without_plays_since_the_day_before() -> None:
    yesterday, today = day(ann=3, bob=4), day(ann=3, bob=5, eve=0)
    assert today.without_plays_since(yesterday) == ["ann"]
