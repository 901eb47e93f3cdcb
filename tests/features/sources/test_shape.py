"""What a shaped version says of its columns: which it has, and which of them cannot be read."""

from datetime import UTC, datetime

from pyspark.sql import functions as F

from features.sources.layout import record_ddl
from features.sources.shape import shaped

LATEST = datetime(2026, 11, 28, tzinfo=UTC)
COLUMNS = ("profile_id", "country", "maturity_limit", "kids", "known_at")
ORIGIN = ("id", "f")


def marks(spark, *rows: tuple) -> list[tuple]:
    """Given and unread columns, and the reason, of records: fault, its field, columns, values."""
    records = [
        (*ORIGIN, n, "raw", fault, field, given.split(), *values)
        for n, (fault, field, given, *values) in enumerate(rows)
    ]
    frame = spark.createDataFrame(records, record_ddl("profiles", COLUMNS))
    found = shaped(frame, "profiles", LATEST).orderBy("line").collect()
    return [(sorted(r["given"]), sorted(r["unread"]), r["reason"]) for r in found]


def test_columns_that_break_a_rule_are_unread_and_a_null_is_given(spark):
    every = " ".join(COLUMNS)
    rows = [
        (None, None, "profile_id kids", "p", None, None, None, None),
        (None, None, every, "p", "us", "TV-Y7", "", None),
        (None, None, every, "p", "Mars", "22", "maybe", "2027-01-01T00:00:00Z"),
        ("field_count", None, every, "p", None, None, None, None),
        ("wrong_type", "kids", "profile_id country kids", "p", "DE", None, None, None),
    ]
    everything = sorted(COLUMNS)
    assert marks(spark, *rows) == [
        (["kids", "profile_id"], [], None),
        (everything, [], None),
        (everything, ["country", "kids", "known_at", "maturity_limit"], "out_of_range"),
        (everything, ["country", "kids", "known_at", "maturity_limit"], "field_count"),
        (["country", "kids", "profile_id"], ["kids"], "wrong_type"),
    ]


def test_a_column_that_an_adapter_adds_is_given(spark):
    ddl = record_ddl("titles", ("title_id", "name"))
    row = (*ORIGIN, 1, "raw", None, None, ["title_id", "name"], "t", "A")
    frame = spark.createDataFrame([row], ddl).withColumn("kind", F.lit("film"))
    (found,) = shaped(frame, "titles", LATEST).collect()
    assert (sorted(found["given"]), found["kind"]) == (["kind", "name", "title_id"], "film")
