"""Who is asked about an earlier moment follows from what was known then, and from nothing else."""

from datetime import UTC, datetime, timedelta

from features.sample import fixed_sample, with_history
from tests import worlds

MOMENT = datetime(2026, 3, 10, tzinfo=UTC)
BEFORE, AFTER = MOMENT - timedelta(hours=1), MOMENT + timedelta(hours=1)


def test_only_who_was_known_to_have_played_is_asked(spark):
    events = worlds.frame(
        spark,
        "events",
        [
            worlds.event("early", "t1", BEFORE),
            worlds.event("later", "t1", AFTER),
            worlds.event("learned later", "t1", BEFORE, late=timedelta(hours=2)),
            worlds.event("rated", "t1", BEFORE, kind="rating", value=4.0),
        ],
    )
    everybody = events.select("profile_id").distinct()
    assert [row["profile_id"] for row in with_history(everybody, events, MOMENT).collect()] == [
        "early"
    ]


def test_a_sample_is_the_same_whatever_the_order_of_rows(spark):
    names = [(f"p{n}",) for n in range(40)]
    one = fixed_sample(spark.createDataFrame(names, "profile_id string"), 7, "")
    other = fixed_sample(
        spark.createDataFrame(names[::-1], "profile_id string").repartition(3), 7, ""
    )
    assert len(one.collect()) == 7
    assert {row["profile_id"] for row in one.collect()} == {
        row["profile_id"] for row in other.collect()
    }
