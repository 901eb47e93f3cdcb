import math

from benchmarks.experiments.backfill import backfill_figures, cpu_seconds, equal_profiles
from tests.built import tables_at

STORED = {"ann": {"plays": 3, "hour": math.nan}, "bob": {"plays": 1, "hour": 0.1 + 0.2}}


def test_the_same_to_the_last_bit():
    assert equal_profiles(STORED, {name: dict(row) for name, row in STORED.items()}) == 2
    assert equal_profiles(STORED, STORED | {"bob": {"plays": 1, "hour": 0.3}}) == 1


def test_a_profile_that_is_not_made_again_is_not_the_same():
    assert equal_profiles(STORED, {"ann": STORED["ann"], "new": {"plays": 0}}) == 1


def test_work_takes_time():
    before = cpu_seconds()
    assert sum(number**2 for number in range(10**6)) > 0
    assert cpu_seconds() > before


def test_days_are_made_again_as_they_were_and_the_next_days_plays_change_them(spark, built):
    with tables_at(built):
        found = backfill_figures(spark, most_days=1)
    assert found["feature_backfill_profile_days"] > 10
    assert found["logged_equals_regenerated"] == 1.0
    assert found["leak_caught"] is True
    assert found["leaks"]["next_day"]["records"] > 0
    assert found["leaks"]["next_day"]["profile_days"] > 0
