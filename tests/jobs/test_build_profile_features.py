"""A night goes on from the one before it, unless the log of earlier days has changed since."""

from datetime import timedelta

import pytest

from conf.days import end_of
from features.profile import profile_features
from jobs.build_profile_features import build_profile_features
from jobs.io.tables import spark as tables
from jobs.io.tables.spark import content_hash
from tests import worlds

FIRST = worlds.START.date() + timedelta(days=60)
DAYS = [FIRST + timedelta(days=n) for n in range(3)]


def equal(spark, ds) -> bool:
    """Whether the partition of a day has what the whole log gives."""
    events, profiles = tables.read(spark, "events"), tables.read(spark, "profiles")
    whole = profile_features(events, profiles, end_of(ds))
    day = tables.read_day(spark, "profile_features", ds).drop("ds")
    return content_hash(day.select(*whole.columns)) == content_hash(whole)


@pytest.mark.long
def test_nights_in_order_late_and_again_have_what_the_whole_log_gives(spark, lake):
    records = worlds.random_events(4, count=600) + worlds.random_sittings(4, count=600)
    tables.append(spark, "events", worlds.frame(spark, "events", records))
    said = [build_profile_features(spark, ds) for ds in DAYS]
    assert [line.split(", ")[1] for line in said] == [
        "from the whole log",
        f"from {DAYS[0]}",
        f"from {DAYS[1]}",
    ]
    assert all(equal(spark, ds) for ds in DAYS)
    night = content_hash(tables.read_day(spark, "profile_features", DAYS[2]))
    build_profile_features(spark, DAYS[2])
    assert content_hash(tables.read_day(spark, "profile_features", DAYS[2])) == night

    late = [
        worlds.event("p1", "t3", worlds.START + timedelta(days=50, hours=n), value=2.0)
        for n in range(3)
    ]
    tables.append(spark, "events", worlds.frame(spark, "events", late))
    assert "from the whole log" in build_profile_features(spark, DAYS[2])
    assert equal(spark, DAYS[2])
    assert content_hash(tables.read_day(spark, "profile_features", DAYS[2])) != night
    assert "from the whole log" in build_profile_features(spark, DAYS[0])
    assert f"from {DAYS[0]}" in build_profile_features(spark, DAYS[1])
    assert equal(spark, DAYS[1])


def test_a_day_whose_partition_was_forgotten_is_not_gone_on_from(spark, lake):
    tables.append(spark, "events", worlds.frame(spark, "events", worlds.random_events(5)))
    build_profile_features(spark, DAYS[0])
    tables.forget_day(spark, "profile_features", DAYS[0])
    assert "from the whole log" in build_profile_features(spark, DAYS[1])
