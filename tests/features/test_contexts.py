"""Plays by hour, worked out by hand."""

from datetime import UTC, datetime, timedelta

from pyspark.sql import SparkSession

from features.contexts import hour_plays

AS_OF = datetime(2026, 1, 7, 23, 59, tzinfo=UTC)


def test_plays_are_counted_by_country_hour_and_each_genre_of_the_title(spark: SparkSession) -> None:
    at = datetime(2026, 1, 6, 20, 30, tzinfo=UTC)
    log = [
        ("p", "both", "play", "NO", at, at),
        ("p", "both", "play", "NO", at + timedelta(minutes=20), at + timedelta(days=3)),  # learned after the as-of
        ("q", "both", "play", None, at - timedelta(days=1), at),
        ("q", "drama", "play", "NO", at - timedelta(days=9), at),  # before the window
        ("q", "drama", "rating", "NO", at, at),
        ("q", "bare", "play", "NO", at, at),
    ]
    columns = "profile_id string, title_id string, kind string, country string, event_at timestamp, known_at timestamp"
    titles = spark.createDataFrame(
        [("both", ["Comedy", "Drama"], at, "l"), ("drama", ["Drama"], at, "l"), ("bare", None, at, "l")],
        "title_id string, genres array<string>, known_at timestamp, landing_id string",
    )
    found = hour_plays(spark.createDataFrame(log, columns), titles, AS_OF, 7).collect()
    assert sorted((r["country"], r["hour_of_day"], r["genre"], r["plays_count"]) for r in found) == [
        ("", 20, "Comedy", 1), ("", 20, "Drama", 1), ("NO", 20, "Comedy", 1), ("NO", 20, "Drama", 1),
    ]  # fmt: skip
