"""Upkeep: what is past its time goes, nothing else, and readers trust what is published as before."""

import os
from datetime import timedelta
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from benchmarks.trust.made import rows, write
from conf.contracts import contract, table_names
from conf.days import start_of
from jobs.io.published import homepage
from jobs.io.published.receipts import UPKEEP_NOTE, commit_of
from jobs.io.tables import seals
from jobs.io.tables import spark as tables
from jobs.maintain_tables import BY_LANDING, JOINED, maintain_tables
from tests import published

NOW = published.DAY
OLD = NOW - timedelta(days=(contract("homepage_rows").retention_days or 0) + 1)
WEEK_S = 7 * 24 * 3600


def named(path: Path) -> set[str]:
    files = pa.table(DeltaTable(str(path)).get_add_actions(flatten=True))
    return {Path(file).name for file in files["path"].to_pylist()}


def there(path: Path) -> set[str]:
    return {file.name for file in path.rglob("*.parquet") if "_delta_log" not in str(file)}


@pytest.fixture(scope="module")
def lake(spark, tmp_path_factory):
    """Published pages of an old and a new day, drafts, a landed log, and a file that nobody names."""
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("upkeep") / "tables"
        patch.setenv("FRONTROW_TABLES", str(root))
        for ds in (OLD, NOW):
            published.publish(root, ds, "ann")
            published.write(root, "drafts", published.page_rows(ds, "ann"))
        event = {
            "profile_id": "ann",
            "title_id": "t1",
            "event_id": "e",
            "event_at": published.EARLY,
        }
        columns = contract("events").columns
        event = {name: value for name, value in event.items() if name in columns}
        published.write(root, "events", [event | published.LOGGED | {"kind": "play", "ds": OLD}])
        orphan = root / "drafts" / f"ds={NOW}" / "part-left.zstd.parquet"
        orphan.write_bytes(b"PAR1")
        long_ago = orphan.stat().st_mtime - WEEK_S - 3600
        for file in root.rglob("*.parquet"):
            os.utime(file, (long_ago, long_ago))
        maintain_tables(spark, NOW)
        yield root


def test_days_past_their_time_are_deleted_and_no_others(spark, lake):
    for name in ("drafts", "homepage_rows"):
        days = {row["ds"] for row in tables.read(spark, name).select("ds").distinct().collect()}
        assert days == {NOW}
    assert tables.read(spark, "events").count() == 1  # what was landed is deleted by nobody


def test_files_that_nobody_names_are_removed_and_named_ones_are_not(lake):
    path = lake / "drafts"
    assert "part-left.zstd.parquet" not in there(path)
    assert named(path) <= there(path) and named(path)


def test_small_files_are_joined(spark, lake):
    assert len(named(lake / "publications")) == 2  # a day has one
    assert "OPTIMIZE" not in {commit.operation for commit in tables.commits(spark, "events")}


def test_readers_trust_what_is_published_as_before(lake):
    history = DeltaTable(str(lake / "homepage_rows")).history()
    noted = [commit for commit in history if commit.get("userMetadata") == UPKEEP_NOTE]
    assert [commit["operation"] for commit in noted] == ["DELETE"]
    assert commit_of(noted[0])[1] == "OPTIMIZE"
    assert homepage.page_records("ann", NOW)
    later = published.publish(lake, NOW + timedelta(days=1), "ann")
    table, _ = homepage.trusted_table(homepage.publication_receipts(), NOW)
    assert table.version() == later  # and not stuck before the deletion


def test_again_there_is_nothing_to_do(spark, lake):
    versions = {name: tables.version_of(spark, name) for name in ("drafts", "homepage_rows")}
    assert maintain_tables(spark, NOW).endswith("0 days and landings past their time deleted")
    rows = tables.commits(spark, "homepage_rows")
    changed = [c for c in rows if c.version > versions["homepage_rows"]]
    assert {commit.operation for commit in changed} <= {"VACUUM START", "VACUUM END"}


def test_what_was_landed_is_kept_for_good_and_all_else_has_an_end_that_upkeep_can_find():
    for name in table_names():
        table = contract(name)
        is_landed = table.landing or name == "landings"
        assert (table.retention_days is None) == is_landed
        assert is_landed or "ds" in table.partition or name in BY_LANDING


def test_rejected_records_go_with_their_landing_when_its_time_is_past(spark, tmp_path, monkeypatch):
    monkeypatch.setenv("FRONTROW_TABLES", str(tmp_path))
    days = contract("quarantine").retention_days or 0
    first = start_of(NOW - timedelta(days=days))
    ages = {"old": first - timedelta(seconds=1), "young": first, "before there was a clock": None}
    write("landings", _of_landings("landings", ages))
    write("quarantine", _of_landings("quarantine", {**ages, "cut short": None}))
    assert maintain_tables(spark, NOW).endswith("1 days and landings past their time deleted")
    left = tables.read(spark, "quarantine").select("landing_id").distinct().collect()
    assert {row["landing_id"] for row in left} == {*ages, "cut short"} - {"old"}
    assert tables.read(spark, "landings").count() == len(ages)
    assert seals.faults("quarantine") == []
    assert maintain_tables(spark, NOW).endswith("0 days and landings past their time deleted")


def _of_landings(name: str, landed: dict) -> pa.Table:
    """Two rows of each landing, or its receipt."""
    like = rows(name, NOW, Random(1), 1).to_pylist()[0]
    of_each = 1 if name == "landings" else 2
    records = [
        like | {"landing_id": landing_id, "landed_at": at}
        for landing_id, at in landed.items()
        for _ in range(of_each)
    ]
    schema = rows(name, NOW, Random(1), 1).schema
    return pa.Table.from_pylist(records, schema)


def test_no_table_read_at_earlier_versions_is_joined():
    assert not set(JOINED) & {"drafts", "homepage_rows", "homepage_updates", "landings", "events"}
