"""A snapshot tells by Spark what it tells by Arrow."""

from datetime import date, timedelta

import pytest

from conf.days import end_of, start_of
from conf.errors import UserMistake
from jobs.io.snapshot import proofs
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.snapshot.spark import SparkSnapshot
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


def test_the_ranker_that_serves_is_the_newest_promoted_one(spark, lake, monkeypatch):
    monkeypatch.setattr(proofs, "refusal_of", lambda *_: "")  # these have no trees
    assert _served(spark, DAY) == (None, "popularity", ())
    trained = [("old", 14, True), ("good", 7, True), ("bad", 0, False), ("late", -7, True)]
    rows = [record(name, DAY - timedelta(days=ago), promoted) for name, ago, promoted in trained]
    tables.append(spark, "rankers", worlds.frame(spark, "rankers", rows))
    for ds, serving in (
        (DAY, "good"),
        (DAY - timedelta(days=8), "old"),
        (DAY + timedelta(days=7), "late"),
    ):
        package, ranker_id, _ = _served(spark, ds)
        assert package is not None and ranker_id == serving


def _served(spark, ds: date):
    """The ranker that serves a day, which Spark and Arrow agree on."""
    by_arrow = ArrowSnapshot(end_of(ds)).ranker("top_picks")
    assert by_arrow == SparkSnapshot(spark, end_of(ds)).ranker("top_picks")
    return by_arrow


def test_the_newest_versions_are_those_known_at_the_cutoff(spark, lake):
    versions = [("first", 9, "a"), ("corrected", 12, "a"), ("corrected again", 12, "b")]
    titles = [_title(name, hour, landing_id) for name, hour, landing_id in versions]
    tables.append(spark, "titles", worlds.frame(spark, "titles", titles))
    for hour, name in ((8, None), (9, "first"), (11, "first"), (12, "corrected again")):
        cutoff = start_of(DAY) + timedelta(hours=hour)
        by_arrow = ArrowSnapshot(cutoff).title_versions()
        by_spark = SparkSnapshot(spark, cutoff).title_versions()
        assert {table: rows.to_pylist() for table, rows in by_arrow.items()} == {
            table: rows.to_pylist() for table, rows in by_spark.items()
        }
        assert by_arrow["titles"]["name"].to_pylist() == ([name] if name else [])


def _title(name: str, hour: int, landing_id: str) -> dict[str, object]:
    known_at = start_of(DAY) + timedelta(hours=hour)
    version = {"title_id": "t1", "name": name, "known_at": known_at, "landing_id": landing_id}
    return version | {"source": "test"}


def test_a_day_that_was_not_built_names_the_job_to_run(spark, lake):
    for snapshot in (ArrowSnapshot(end_of(DAY)), SparkSnapshot(spark, end_of(DAY))):
        with pytest.raises(UserMistake, match=r"build_title_features --ds 2026-04-26"):
            snapshot.day("title_features")
