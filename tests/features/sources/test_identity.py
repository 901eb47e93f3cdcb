"""A fact is new once: neither a second delivery in the files nor one that was landed before counts."""

from datetime import UTC, datetime, timedelta

from pyspark.sql import functions as F

from features.sources.identity import content_id, facts

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SCHEMA = (
    "file string, line int, landing_id string, reason string, profile_id string, title_id string,"
    " event_at timestamp, known_at timestamp, kind string"
)


def delivered(file: str, line: int, profile: str, hours: int = 0, reason: str | None = None):
    """A play at noon, learned so many hours later."""
    known_at = NOON + timedelta(hours=hours)
    return (file, line, f"l-{file}", reason, profile, "t1", NOON, known_at, "play")


ROWS = [
    delivered("a", 2, "ann"),
    delivered("a", 3, "ann"),  # once more in the file
    delivered("b", 2, "ann", 5),  # and in another one, learned later
    delivered("a", 4, "bob", 7),
    delivered("b", 3, "bob", 6),  # learned before the one above
    delivered("b", 4, "cid"),
    delivered("b", 5, "cid", reason="blank_id"),
    delivered("b", 6, "cid", reason="blank_id"),
]


def fates(spark, landed=None) -> dict[tuple[str, int], str]:
    rows = spark.createDataFrame(ROWS, SCHEMA)
    judged = facts(rows, "events", landed).select("file", "line", "fate").collect()
    return {(row["file"], row["line"]): row["fate"] for row in judged}


def test_of_deliveries_of_one_fact_the_one_learned_first_is_new(spark):
    new = {key for key, fate in fates(spark).items() if fate == "new"}
    assert new == {("a", 2), ("b", 3), ("b", 4)}
    assert fates(spark)["b", 5] == fates(spark)["b", 6] == "rejected"


def test_a_fact_that_was_landed_before_is_a_duplicate(spark):
    rows = spark.createDataFrame(ROWS, SCHEMA).where("profile_id = 'ann' AND line = 2")
    landed = rows.select(content_id("events", rows.columns).alias("event_id"), F.lit(1).alias("x"))
    found = fates(spark, landed)
    assert {key for key, fate in found.items() if fate == "new"} == {("b", 3), ("b", 4)}
    assert found["a", 2] == found["b", 2] == "duplicate"
