"""Counts are of people: what one profile can add to a title, however much it plays and tells."""

from datetime import timedelta

import pytest

from conf.days import end_of
from features.daily import daily_counts
from features.title import title_features
from jobs.io.tables.spark import content_hash
from tests import worlds

AS_OF = end_of((worlds.START + timedelta(days=40)).date())
EVENING = worlds.START + timedelta(days=40, hours=20)


def features(spark, records):
    """The features of t1, in a log that others began long ago."""
    log = [worlds.event("founder", "t0", worlds.START), *records]
    counts = daily_counts(worlds.frame(spark, "events", log))
    return title_features(counts, worlds.frame(spark, "titles", [worlds.title(1)]), AS_OF).first()


def test_a_profile_that_plays_without_end_is_one_of_many(spark):
    """Three times a day for thirty days: once a week, in all."""
    records = [worlds.event("fan", "t1", EVENING - timedelta(hours=8 * n)) for n in range(90)]
    row = features(spark, records)
    assert row["title_plays_count_1d"] <= 1 and row["title_plays_count_7d"] <= 2
    assert 1 <= row["title_plays_count_30d"] <= 5
    assert row["records_count_1d"] == 3


@pytest.mark.parametrize("day", range(7))
def test_a_sitting_over_midnight_counts_once(spark, day):
    """Also where the profile's week ends with that midnight."""
    at = worlds.START + timedelta(days=30 + day, hours=23, minutes=30)
    records = worlds.pieces("p", "t1", at, [300] * 18, 5)
    assert features(spark, records)["title_plays_count_30d"] == 1


def test_the_newest_stars_of_a_profile_count_once(spark):
    stars = [(1, 5.0, 0), (2, 4.0, 0), (3, 1.0, 0), (2, 2.0, 9)]  # day, stars, learned days later
    records = [
        worlds.event(
            "p", "t1", worlds.START + timedelta(days=day), timedelta(days=late), value=value
        )
        for day, value, late in stars
    ]
    row = features(spark, records)
    assert row["title_stars_count"] == 1 and row["title_stars_mean"] == pytest.approx(1.0)


def test_a_day_built_alone_is_that_day_of_the_whole_log(spark):
    """What is read of the log for some days is all that their partials hang on."""
    records = worlds.random_events(5, count=700, profiles=30, titles=5) + worlds.farm(5)
    log = worlds.frame(spark, "events", records).persist()
    whole = daily_counts(log).persist()
    for days in ({worlds.START.date() + timedelta(days=n) for n in (40, 45, 46, 90)}, set()):
        alone = daily_counts(log, days)
        assert content_hash(alone) == content_hash(whole.where(whole.ds.isin(*days)))
    assert whole.agg({"newcomers_count": "sum"}).first()[0] > 0
