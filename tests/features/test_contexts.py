"""Titles begun by hour, weekday and device, worked out by hand."""

from datetime import UTC, datetime, timedelta

from pyspark.sql import SparkSession

from features.contexts import context_starts

AS_OF = datetime(2026, 1, 7, 23, 59, tzinfo=UTC)
TUESDAY = datetime(2026, 1, 6, 20, 30, tzinfo=UTC)
LOG = "profile_id string, title_id string, kind string, country string, device string, page_id string, " \
      "event_at timestamp, known_at timestamp"  # fmt: skip
TITLES = "title_id string, genres array<string>, kind string, known_at timestamp, landing_id string"


def found_in(spark: SparkSession, log: list[tuple]) -> dict[tuple[str, ...], tuple[int, int]]:
    titles = [("both", ["Comedy", "Drama"], "movie", TUESDAY, "l"), ("bare", None, None, TUESDAY, "l")]
    rows = context_starts(spark.createDataFrame(log, LOG), spark.createDataFrame(titles, TITLES), AS_OF, 7).collect()
    return {tuple(row)[:5]: tuple(row)[5:] for row in rows}


def test_starts_are_counted_by_country_and_moment_for_each_trait_of_the_title(spark: SparkSession) -> None:
    later, before = TUESDAY + timedelta(hours=2), TUESDAY - timedelta(days=1)
    found = found_in(spark, [
        ("p", "both", "play", "NO", "tv", "page", TUESDAY, TUESDAY),
        ("p", "both", "play", "NO", "phone", "page", later, later),  # goes on with it
        ("q", "both", "play", None, None, None, before, TUESDAY),  # found by search
        ("r", "both", "play", "NO", "tv", "page", TUESDAY, TUESDAY + timedelta(days=3)),  # learned after the as-of
        ("q", "bare", "play", "NO", "tv", "page", TUESDAY, TUESDAY),
    ])  # fmt: skip
    traits = [("genre", "Comedy"), ("genre", "Drama"), ("kind", "movie")]
    tuesday, monday = ([("hour", "20"), ("weekday", day)] for day in "21")
    assert found == {
        **{("NO", *moment, *trait): (1, 1) for moment in [*tuesday, ("device", "tv")] for trait in traits},
        **{("", *moment, *trait): (1, 0) for moment in monday for trait in traits},
    }


def test_a_title_begun_before_the_window_is_not_begun_in_it(spark: SparkSession) -> None:
    long_ago = TUESDAY - timedelta(days=9)
    assert not found_in(spark, [
        ("p", "both", "play", "NO", "tv", None, long_ago, TUESDAY),
        ("p", "both", "play", "NO", "tv", None, TUESDAY, TUESDAY),
        ("p", "both", "rating", "NO", "tv", None, TUESDAY, TUESDAY),
    ])  # fmt: skip
