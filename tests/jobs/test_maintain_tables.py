"""Upkeep: what is past its time goes, nothing else, and readers trust what is published as before."""

import os
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from conf.contracts import contract
from jobs.io.published import homepage
from jobs.io.published.receipts import UPKEEP_NOTE, commit_of
from jobs.io.tables import spark as tables
from jobs.maintain_tables import JOINED, is_kept_by_day, maintain_tables
from tests import published

NOW = published.DAY
OLD = NOW - timedelta(days=contract("homepage_rows").retention_days + 1)
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
    assert maintain_tables(spark, NOW).endswith("0 days past their time deleted")
    rows = tables.commits(spark, "homepage_rows")
    changed = [c for c in rows if c.version > versions["homepage_rows"]]
    assert {commit.operation for commit in changed} <= {"VACUUM START", "VACUUM END"}


@pytest.mark.parametrize(
    ("name", "is_kept"),
    [
        ("drafts", True),
        ("overlays", True),
        ("events", False),
        ("titles", False),
        ("landings", False),
    ],
)
def test_only_what_can_be_built_again_has_an_end(name, is_kept):
    assert is_kept_by_day(contract(name)) == is_kept


def test_no_table_read_at_earlier_versions_is_joined():
    assert not set(JOINED) & {"drafts", "homepage_rows", "homepage_updates", "landings", "events"}
