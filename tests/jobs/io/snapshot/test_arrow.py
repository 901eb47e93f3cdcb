"""What is read without Spark is what Spark reads."""

from datetime import date, timedelta

from jobs.io.snapshot.arrow import Still
from jobs.io.snapshot.rankers import serving_ranker
from jobs.io.tables import spark as tables
from tests import worlds

DAY = date(2026, 4, 26)


def record(ranker_id: str, ds: date, promoted: bool) -> dict[str, object]:
    """A row of `rankers` whose model nobody loads."""
    return {
        "ranker": "top_picks",
        "ranker_id": ranker_id,
        "model": "tree",
        "model_sha256": "00",
        "parameters": "{}",
        "feature_names": ["a"],
        "feature_types": ["float"],
        "trained_from": ds,
        "trained_until": ds,
        "input_versions": {},
        "code_version": "test",
        "metrics": {},
        "importances": {},
        "drift": {},
        "probe": '{"rows": [], "scores": []}',
        "promoted": promoted,
        "reason": "r",
        "ds": ds,
    }


def test_the_ranker_that_serves_is_the_newest_promoted_one(spark, lake):
    assert (
        Still().ranker("top_picks", DAY)
        == serving_ranker(spark, "top_picks", DAY)
        == (None, "popularity")
    )
    rows = [("old", 14, True), ("good", 7, True), ("bad", 0, False), ("late", -7, True)]
    made = [record(name, DAY - timedelta(days=ago), promoted) for name, ago, promoted in rows]
    tables.append(spark, "rankers", worlds.frame(spark, "rankers", made))
    for ds, wanted in (
        (DAY, "good"),
        (DAY - timedelta(days=8), "old"),
        (DAY + timedelta(days=7), "late"),
    ):
        package, name = Still().ranker("top_picks", ds)
        assert (package, name) == serving_ranker(spark, "top_picks", ds)
        assert package is not None and name == wanted
