"""Rejected records are kept once for each file, however often a landing is cut short and run again."""

from jobs.io.landing.quarantine import quarantine
from jobs.io.tables import spark as tables

SCHEMA = (
    "landing_id string, file string, line int, raw string, reason string, field string,"
    " fate string, profile_id string, title_id string"
)


def test_records_of_a_landing_that_got_so_far_before_are_not_kept_twice(spark, lake):
    rows = [
        ("l1", "a.csv", 2, "x,,", "blank_id", "title_id", "rejected", "x", None),
        ("l1", "a.csv", 3, None, None, None, "new", "y", "t1"),
    ]
    later = ("l2", "b.csv", 9, "z,,", "blank_id", "title_id", "rejected", "z", None)
    quarantine(spark, "events", spark.createDataFrame(rows, SCHEMA))
    quarantine(spark, "events", spark.createDataFrame([*rows, later], SCHEMA))
    kept = tables.read(spark, "quarantine").orderBy("file").collect()
    said = [(row["file"], row["line"], row["field"], row["reason"], row["raw"]) for row in kept]
    assert said == [
        ("a.csv", 2, "title_id", "blank_id", "x,,"),
        ("b.csv", 9, "title_id", "blank_id", "z,,"),
    ]
