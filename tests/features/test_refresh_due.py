"""Who is due at a tick, case by case."""

from datetime import UTC, datetime
from math import cos, pi, sin
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from conf.contracts import columns
from conf.ticks import Tick
from features.refresh_due import (
    due_profiles,
    expected_visitors,
    first_to_come,
    usual_hour,
    with_base_rows,
)

TICK = Tick(
    datetime(2026, 1, 5, 19, 10, tzinfo=UTC)
)  # of 19:00 to 19:10; pages for 20:00 to 20:10 are made ready
SETTINGS = (
    "country string, languages array<string>, maturity_limit int, kids boolean,"
    " blocked_titles array<string>"
)


def profiles(spark: SparkSession, **hours: float | None) -> DataFrame:
    """Profiles by name whose plays have that circular mean hour."""
    angles = {name: None if hour is None else hour * 2 * pi / 24 for name, hour in hours.items()}
    rows = []
    for name, angle in angles.items():
        hour_means = (None, None) if angle is None else (sin(angle), cos(angle))
        rows.append((name, "NO", None, 12, False, None, *hour_means))
    hours_type = "profile_hour_mean_sin double, profile_hour_mean_cos double"
    return spark.createDataFrame(rows, f"profile_id string, {SETTINGS}, {hours_type}")


def row(position: int, kind: str) -> tuple[Any, ...]:
    return (
        "page",
        position,
        kind,
        kind,
        kind,
        "because",
        "popular",
        None,
        [],
        "r",
        "template",
        None,
    )


def entry(
    title: str, last_at: datetime, resume: int = 0, following: str | None = None
) -> tuple[Any, ...]:
    """An entry of a history: without `resume` what was played last was finished."""
    return (
        title,
        last_at,
        1,
        None,
        last_at,
        None,
        resume,
        100,
        int(not resume),
        None,
        following,
        None,
    )


def overlays(spark: SparkSession, *records: tuple[str, datetime, str]) -> DataFrame:
    """Overlays as (profile, as-of, kind of its only row); all are likely to come at midnight."""
    late, early, midnight = (
        datetime(2026, 1, day, hour, tzinfo=UTC) for day, hour in ((5, 18), (4, 18), (6, 0))
    )
    history = [
        entry("on", late, resume=60),
        entry("seen", late),
        entry("episodes", late, following="2"),
        entry("before", early, resume=60),
    ]
    rows = [
        (name, "SE", None, 7, False, None, [row(1, kind)], at, midnight, history)
        for name, at, kind in records
    ]
    rows_type, history_type = columns()["rows"].type, columns()["history"].type
    schema = (
        f"profile_id string, {SETTINGS}, rows {rows_type}, as_of timestamp, due_at timestamp,"
        f" history {history_type}"
    )
    return spark.createDataFrame(rows, schema)


def updates(spark: SparkSession, **published: datetime) -> DataFrame:
    """The rows of updates by profile that were published as of a moment."""
    return spark.createDataFrame(list(published.items()), "profile_id string, as_of timestamp")


def pages(spark: SparkSession, *names: str) -> DataFrame:
    """Two rows for each, stored in the wrong order."""
    rows_type = columns()["rows"].type
    records = [(name, [row(2, "b"), row(1, "a")]) for name in names]
    by_profile = spark.createDataFrame(records, f"profile_id string, rows {rows_type}")
    return by_profile.selectExpr("profile_id", "inline(rows)")


def test_a_usual_hour_is_the_circular_mean_of_the_hours_of_plays(spark: SparkSession) -> None:
    hours = (
        profiles(spark, noon=12.0, late=23.5, early=0.25, never=None)
        .select("profile_id", usual_hour())
        .collect()
    )
    assert {name: hour and round(hour, 6) for name, hour in hours} == {
        "noon": 12.0,
        "late": 23.5,
        "early": 0.25,
        "never": None,
    }


def test_profiles_are_due_an_hour_before_their_own(spark: SparkSession) -> None:
    by_hour = profiles(spark, before=20.01, at=20.16, after=20.17, never=None)
    visitors = expected_visitors(by_hour, TICK).collect()
    assert sorted(row["profile_id"] for row in visitors) == ["at", "before"]


def test_the_hour_may_begin_after_midnight(spark: SparkSession) -> None:
    late = Tick(datetime(2026, 1, 5, 23, 10, tzinfo=UTC))
    by_hour = profiles(spark, night=0.05, evening=23.05)
    visitors = expected_visitors(by_hour, late).collect()
    assert [row["profile_id"] for row in visitors] == ["night"]


def test_changed_profiles_have_their_new_rows_and_others_the_newest_they_have(
    spark: SparkSession,
) -> None:
    names = ["changed", "both", "earlier", "turning", "idle", "missed"]
    features = profiles(
        spark, changed=3.0, both=20.1, earlier=20.1, turning=20.1, idle=3.0, missed=3.0
    )
    before, yesterday = TICK.since, datetime(2026, 1, 4, 23, 59, tzinfo=UTC)
    newest_overlays = overlays(
        spark,
        ("changed", before, "old"),
        ("changed", TICK.as_of, "now"),
        ("both", TICK.as_of, "now"),
        ("earlier", yesterday, "old"),
        ("idle", before, "old"),
        ("missed", before, "old"),
    )
    published = updates(spark, changed=before, earlier=before, idle=before, missed=yesterday)
    due = due_profiles(newest_overlays, published, features, TICK, yesterday)
    records = with_base_rows(due, pages(spark, *names)).collect()
    by_profile = {
        r["profile_id"]: (
            r["level"],
            [x["row_kind"] for x in r["rows"] or r["base_rows"]],
            f"{r['visit_at']:%H:%M}",
            f"{r['due_at']:%H:%M}",
            r["country"],
        )
        for r in records
    }
    assert len(records) == len(by_profile) == 5
    assert {len(r["base_rows"]) for r in records} == {2}
    assert {len(r["played"] or ()) for r in records} == {4, 0}
    assert {tuple(r["begun"] or ()) for r in records} == {("on", "episodes"), ()}
    assert by_profile == {
        "changed": ("fresh", ["now"], "19:10", "00:00", "SE"),
        "both": ("fresh", ["now"], "19:10", "00:00", "SE"),
        "missed": ("fresh", ["old"], "19:10", "00:00", "SE"),
        "earlier": ("fresh", ["old"], "20:10", "20:10", "SE"),
        "turning": ("base", ["a", "b"], "20:10", "20:10", "NO"),
    }


def test_profiles_that_come_first_are_refreshed_first(spark: SparkSession) -> None:
    come = {"soon": 20, "later": 22, "alike": 20}
    rows = [(name, datetime(2026, 1, 5, hour, tzinfo=UTC)) for name, hour in come.items()]
    due = spark.createDataFrame(
        [("nobody knows", None), *rows], "profile_id string, due_at timestamp"
    )
    first = [[r["profile_id"] for r in first_to_come(due, most).collect()] for most in (1, 3, 9)]
    assert first == [
        ["alike"],
        ["alike", "soon", "later"],
        ["alike", "soon", "later", "nobody knows"],
    ]
