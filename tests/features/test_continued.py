"""A day that goes on from the day before has what the whole log gives, whatever came in late."""

import random
from datetime import datetime, timedelta

import pytest
from pyspark.sql import DataFrame

from conf.days import end_of
from features.continued import continued_features
from features.profile import profile_features
from jobs.io.tables.spark import content_hash
from tests import worlds


def records_of(seed: int) -> list[dict[str, object]]:
    """Plays in pieces and over midnight, series, lists, ratings and thumbs, some learned late or too early."""
    rng = random.Random(seed)
    records = worlds.random_events(seed, count=500) + worlds.random_sittings(seed, count=700)
    records += worlds.evenings_in_pieces(seed, count=120)
    for record in rng.sample(records, 30):  # a clock that ran ahead
        record["known_at"] = record["event_at"] - timedelta(days=rng.randrange(3))
        record["ds"] = record["known_at"].date()
    return records


def both(spark, records: list, before: datetime, as_of: datetime) -> tuple[DataFrame, DataFrame]:
    """The features at a moment: from those of the moment before, and from the whole log."""
    events = worlds.frame(spark, "events", records).persist()
    profiles = worlds.frame(spark, "profiles", [])
    stored = profile_features(events, profiles, before).persist()
    whole = profile_features(events, profiles, as_of)
    return continued_features(events, profiles, stored, before, as_of), whole


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_day_after_the_day_before_is_that_of_the_whole_log(spark, seed):
    as_of = end_of((worlds.START + timedelta(days=20 + 27 * seed)).date())
    continued, whole = both(spark, records_of(seed), as_of - timedelta(days=1), as_of)
    assert content_hash(continued) == content_hash(whole)
    assert continued.schema.names == whole.schema.names


def test_many_days_at_once_go_on_as_well(spark):
    as_of = end_of((worlds.START + timedelta(days=70)).date())
    continued, whole = both(spark, records_of(9), as_of - timedelta(days=40), as_of)
    assert content_hash(continued) == content_hash(whole)


def test_a_new_episode_that_others_played_is_the_next_one(spark):
    at = worlds.START + timedelta(days=10, hours=20)
    more = {"watched_seconds": 1800, "duration_seconds": 1800}
    records = [
        worlds.event("a", "s", at, episode="S01E01", **more),
        worlds.event("b", "s", at + timedelta(days=1), episode="S01E02", **more),
    ]
    as_of = end_of((at + timedelta(days=1)).date())
    continued, whole = both(spark, records, as_of - timedelta(days=1), as_of)
    assert content_hash(continued) == content_hash(whole)
    following = {
        row["profile_id"]: row["history"][0]["next_episode"] for row in continued.collect()
    }
    assert following["a"] == "S01E02"
