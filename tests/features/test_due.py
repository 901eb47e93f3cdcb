"""Who is due at a tick, case by case."""

from datetime import UTC, datetime
from math import cos, pi, sin
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from conf.contracts import columns
from conf.ticks import Tick
from features.due import due_pages, turning_profiles, usual_hour

TICK = Tick(datetime(2026, 1, 5, 19, 10, tzinfo=UTC))  # of 19:00 to 19:10; pages for 20:00 to 20:10 are made ready
SETTINGS = "country string, languages array<string>, maturity_limit int, kids boolean, blocked_titles array<string>"


def profiles(spark: SparkSession, **hours: float | None) -> DataFrame:
    """Profiles by name whose plays have that circular mean hour."""
    angles = {name: None if hour is None else hour * 2 * pi / 24 for name, hour in hours.items()}
    rows = [
        (name, "NO", None, 12, False, None, None if a is None else sin(a), None if a is None else cos(a))
        for name, a in angles.items()
    ]
    return spark.createDataFrame(
        rows, f"profile_id string, {SETTINGS}, profile_hour_mean_sin double, profile_hour_mean_cos double"
    )


def row(position: int, kind: str) -> tuple[Any, ...]:
    return ("page", position, kind, kind, kind, "because", "popular", None, [], "r", "template", None)


def overlays(spark: SparkSession, *made: tuple[str, str, str]) -> DataFrame:
    """Overlays as (profile, tick, kind of its only row)."""
    history = [("seen", *[None] * 11)]
    rows = [(name, "SE", None, 7, False, None, [row(1, kind)], tick, history) for name, tick, kind in made]
    kinds = f"rows {columns()['rows'].type}, tick string, history {columns()['history'].type}"
    return spark.createDataFrame(rows, f"profile_id string, {SETTINGS}, {kinds}")


def pages(spark: SparkSession, *names: str) -> DataFrame:
    """Two rows for each, stored in the wrong order."""
    made = spark.createDataFrame([(name, [row(2, "b"), row(1, "a")]) for name in names],
                                 f"profile_id string, rows {columns()['rows'].type}")  # fmt: skip
    return made.selectExpr("profile_id", "inline(rows)")


def test_a_usual_hour_is_the_circular_mean_of_the_hours_of_plays(spark: SparkSession) -> None:
    found = profiles(spark, noon=12.0, late=23.5, early=0.25, never=None).select("profile_id", usual_hour()).collect()
    assert {name: hour and round(hour, 6) for name, hour in found} == {
        "noon": 12.0, "late": 23.5, "early": 0.25, "never": None,
    }  # fmt: skip


def test_profiles_are_due_an_hour_before_their_own(spark: SparkSession) -> None:
    found = turning_profiles(profiles(spark, before=20.01, at=20.16, after=20.17, never=None), TICK).collect()
    assert sorted(r["profile_id"] for r in found) == ["at", "before"]


def test_midnight_is_no_border(spark: SparkSession) -> None:
    late = Tick(datetime(2026, 1, 5, 23, 10, tzinfo=UTC))
    found = turning_profiles(profiles(spark, night=0.05, evening=23.05), late).collect()
    assert [r["profile_id"] for r in found] == ["night"]


def test_the_changed_come_with_their_new_rows_the_others_with_the_newest_they_have(spark: SparkSession) -> None:
    known = profiles(spark, changed=3.0, both=20.1, earlier=20.1, turning=20.1, idle=3.0)
    made = overlays(spark, ("changed", "1900", "old"), ("changed", "1910", "now"), ("both", "1910", "now"),
                    ("earlier", "1900", "old"), ("idle", "1850", "old"))  # fmt: skip
    found = due_pages(made, known, pages(spark, *["changed", "both", "earlier", "turning", "idle"]), TICK).collect()
    said = {
        r["profile_id"]: (
            r["level"],
            [x["row_kind"] for x in r["rows"] or r["base_rows"]],
            f"{r['visit_at']:%H:%M}",
            r["country"],
        )
        for r in found
    }
    assert len(found) == len(said) == 4
    assert {len(r["base_rows"]) for r in found} == {2} and {tuple(r["played"] or ()) for r in found} == {("seen",), ()}
    assert said == {
        "changed": ("fresh", ["now"], "19:10", "SE"), "both": ("fresh", ["now"], "19:10", "SE"),
        "earlier": ("fresh", ["old"], "20:10", "SE"), "turning": ("base", ["a", "b"], "20:10", "NO"),
    }  # fmt: skip
