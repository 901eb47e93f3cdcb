"""Titles begun by hour, weekday and device, and those expected, worked out by hand."""

from datetime import UTC, datetime, timedelta

from pyspark.sql import SparkSession

from conf.nearline import nearline_settings
from features.contexts import context_starts

AS_OF = datetime(2026, 1, 7, 23, 59, tzinfo=UTC)
TUESDAY = datetime(2026, 1, 6, 20, 30, tzinfo=UTC)
LOG = (
    "profile_id string, title_id string, kind string, country string, device string, page_id string, "
    "event_at timestamp, known_at timestamp"
)
TITLES = "title_id string, genres array<string>, kind string, known_at timestamp, landing_id string"


def found_in(
    spark: SparkSession, log: list[tuple], weekday_days: int = 2
) -> dict[tuple[str, ...], tuple[int, float]]:
    """(country, context, moment, facet, trait) -> titles begun and expected."""
    titles = [
        ("both", ["Comedy", "Drama"], "film", TUESDAY, "l"),
        ("drama", ["Drama"], "film", TUESDAY, "l"),
        ("bare", None, None, TUESDAY, "l"),
    ]
    given = {"days": 7, "own_starts": 1.0, "weekday_days": weekday_days}
    settings = nearline_settings().context.model_copy(update=given)
    frame = context_starts(
        spark.createDataFrame(log, LOG), spark.createDataFrame(titles, TITLES), AS_OF, settings
    )
    rows = frame.select(
        "country", "context", "moment", "facet", "trait", "starts_count", "expected_count"
    ).collect()
    return {tuple(row)[:5]: tuple(row)[5:] for row in rows}


def play(
    profile: str,
    title: str,
    at: datetime,
    country: str | None,
    device: str | None,
    page: str | None,
) -> tuple:
    return (profile, title, "play", country, device, page, at, at)


def test_starts_are_held_against_what_the_same_profiles_begin_at_other_times(
    spark: SparkSession,
) -> None:
    monday, later = TUESDAY - timedelta(days=1), TUESDAY + timedelta(hours=2)
    found = found_in(
        spark,
        [
            play("p", "both", TUESDAY, "NO", "tv", None),
            play("p", "both", later, "NO", "phone", None),  # goes on with it
            play("p", "drama", monday, "NO", "phone", None),
            play("q", "bare", TUESDAY, "SE", None, None),
            play("r", "drama", TUESDAY, "SE", "web", None),
        ],
    )
    # four starts, one of them comedy; of the other start of p on the tv none is: (0 + 1/4) / (1 + 1)
    assert found["NO", "device", "tv", "genre", "Comedy"] == (1, 0.125)
    assert found["NO", "device", "phone", "genre", "Comedy"] == (0, 0.625), (
        "p's other start is one: (1 + 1/4) / (1 + 1)"
    )
    assert found["NO", "hour", "20", "genre", "Comedy"] == (1, 0.75), "both starts were at 20"
    assert [found["NO", "weekday", day, "kind", "film"] for day in "12"] == [(1, 0.875), (1, 0.875)]
    assert found["SE", "device", "web", "genre", "Drama"] == (1, 0.75), (
        "of one who began nothing else: what all begin"
    )


def test_where_there_are_pages_only_what_was_begun_from_them_counts(spark: SparkSession) -> None:
    found = found_in(
        spark,
        [
            play("p", "both", TUESDAY, "NO", "tv", "page"),
            play("q", "drama", TUESDAY, None, "web", None),
        ],
    )
    assert {key[:3] for key in found} == {
        ("NO", "hour", "20"),
        ("NO", "weekday", "2"),
        ("NO", "device", "tv"),
    }


def test_one_tuesday_does_not_stand_for_all(spark: SparkSession) -> None:
    log = [play("p", "both", TUESDAY, "NO", "tv", None)]
    assert "weekday" in {key[1] for key in found_in(spark, log, 2)}
    assert {key[1] for key in found_in(spark, log, 3)} == {"hour", "device"}, (
        "the day before nothing was begun yet"
    )


def test_what_was_begun_before_the_window_or_learned_after_the_moment_does_not_count(
    spark: SparkSession,
) -> None:
    long_ago, unknown = TUESDAY - timedelta(days=9), TUESDAY + timedelta(days=3)
    assert not found_in(
        spark,
        [
            play("p", "both", long_ago, "NO", "tv", None),
            play("p", "both", TUESDAY, "NO", "tv", None),
            ("q", "both", "play", "NO", "tv", None, TUESDAY, unknown),
            ("q", "both", "rating", "NO", "tv", None, TUESDAY, TUESDAY),
        ],
    )
