"""Pages, orders and the catalogue are counted by segment as a day's tables say."""

import pytest
from pyspark.sql import SparkSession

from conf.days import end_of
from features.audit.comparison import Measures, measures_of
from features.audit.pages import title_facts
from features.audit.segments import (
    burst_measures,
    catalogue_measures,
    order_measures,
    page_measures,
)
from tests import drafts, worlds

AS_OF = end_of(drafts.DS)


@pytest.fixture(scope="module")
def measures(spark: SparkSession) -> Measures:
    """Two profiles, one with a page of three rows; the catalogue of `drafts` with one picture."""
    profiles = spark.createDataFrame(
        [("ann", "NO", ["no"], False, 400.0), ("kid", "BR", None, True, None)],
        "profile_id string, country string, languages array<string>, kids boolean,"
        " profile_first_play_age_days double",
    )
    page_rows = spark.createDataFrame(
        [("ann", "top_picks", 1, 50), ("ann", "popular", 2, 10), ("ann", "new", 30, 10)],
        "profile_id string, row_kind string, row_position int, size int",
    )
    titles, availability = drafts.log_tables(spark)
    origin = {"known_at": AS_OF, "source": "test", "landing_id": "test"}
    picture = {"title_id": "t01", "artwork_id": "a", **origin}
    artwork = worlds.frame(spark, "artwork", [picture])
    facts = title_facts(titles, availability, AS_OF)
    frames = page_measures(page_rows, profiles)
    frames = frames.unionByName(
        order_measures(page_rows, {"top_picks": 30.0, "popular": 20.0, "new": 1.0})
    )
    of_titles = catalogue_measures(titles, facts, artwork, profiles, AS_OF)
    return measures_of([tuple(record) for record in frames.unionByName(of_titles).collect()])


@pytest.mark.parametrize(
    ("name", "value"),
    {
        "all|profiles": 2,
        "all|pages": 1,
        "all|rows": 3,
        "all|cells": 70,
        "all|cells on phone": 30,  # 20 rows of 20
        "all|with popular": 1,
        "all|with my_list": 0,
        "country=NO|pages": 1,
        "country=BR|profiles": 1,
        "country=BR|pages": 0,
        "language=no|pages": 1,
        "language=|pages": 0,
        "kids=true|pages": 0,
        "tenure=longer|pages": 1,
        "tenure=none|pages": 0,
        "all|ordered": 1,
        "all|reversed": 1,
        "all|late": 1,  # new titles stand below their last position
        "all|place of popular": 2,
        "all|titles": len(drafts.TITLES),
        "all|titles with pictures": 1,
        "all|titles with genres": 24,
        "all|titles with maturity": len(drafts.TITLES),
        "country=NO|titles open": len(drafts.TITLES) - 1,  # one is gone there
        "country=BR|titles open": len(drafts.TITLES) - 1,  # and one has a window in NO alone
    }.items(),
)
def test_measure_counts(measures: Measures, name: str, value: float) -> None:
    assert measures[name] == value


def test_title_in_front_by_a_burst_is_measured(spark: SparkSession) -> None:
    schema = "title_id string, title_plays_count_30d bigint, uncounted_count_1d bigint"
    others = [(f"t{plays}", plays, 0) for plays in range(50, 90)]
    before = spark.createDataFrame([*others, ("farm", 5, 0), ("few", 1, 0)], schema)
    day = spark.createDataFrame([*others, ("farm", 99, 7), ("few", 3, 7)], schema)
    records = burst_measures(day, before).collect()
    assert measures_of([tuple(record) for record in records]) == {
        "title=farm|place": 1.0,
        "title=farm|place before": 41.0,
    }
