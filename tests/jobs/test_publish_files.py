"""Publication of drafts that workers wrote: their files as they are, in one commit, or nothing.

The tests tell one story on one lake, in order; the audit is only noted, as passed.
"""

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from deltalake import write_deltalake
from pyspark.sql import SparkSession

from conf.errors import Rejected
from jobs.io.published import publication
from jobs.io.tables import delta_log
from jobs.io.tables import spark as tables
from jobs.publish_homepage_rows import publish_homepage_rows
from tests.jobs.io.tables.test_worker_writes import MONDAY, TUESDAY, Maker, write
from tests.published import _arrow


def killed(*_: object) -> None:
    """What a process does that is killed at this point."""
    raise KeyboardInterrupt


def audited(spark: SparkSession, lake: Path, ds: date = MONDAY) -> str:
    """Note that the drafts as they are now passed their audit; returns their content hash."""
    version = tables.version_of(spark, "drafts")
    content = tables.content_hash(tables.read_day(spark, "drafts", ds))
    finding = {
        "drafts_version": version,
        "content_hash": content,
        "rule": "keys_unique",
        "passed": True,
        "observed": "holds",
        "examples": [],
        "ds": ds,
    }
    write_deltalake(
        str(lake / "audits"), _arrow("audits", [finding]), mode="append", partition_by=["ds"]
    )
    return content


def published(spark: SparkSession, lake: Path) -> dict[str, str]:
    """The sha256 of each file of the published days."""
    rows = tables.read(spark, "homepage_rows")
    return {
        path: hashlib.sha256(_place(path).read_bytes()).hexdigest() for path in rows.inputFiles()
    }


def _place(uri: str) -> Path:
    return Path("/" + uri.removeprefix("file:").lstrip("/").replace("%3D", "="))


def files_of(spark: SparkSession, name: str, ds: date) -> list[Path]:
    day = tables.read_day(spark, name, ds)
    return sorted(_place(uri) for uri in day.inputFiles())


def newest_receipt(spark: SparkSession) -> dict[str, Any]:
    receipts = tables.read(spark, "publications").orderBy("published_at").collect()
    return receipts[-1].asDict()


@pytest.fixture(scope="module")
def story_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("files") / "tables"
        patch.setenv("FRONTROW_TABLES", str(root))
        yield root


def test_the_audited_files_are_published_byte_by_byte_with_their_checksums(spark, story_lake):
    write(spark, TUESDAY, Maker("tuesday"))
    audited(spark, story_lake, TUESDAY)
    publish_homepage_rows(spark, TUESDAY)
    write(spark, MONDAY, Maker("first"))
    content = audited(spark, story_lake)
    assert "8 profiles" in publish_homepage_rows(spark, MONDAY)
    drafts, homepage = (files_of(spark, name, MONDAY) for name in ("drafts", "homepage_rows"))
    sums = [
        sorted(hashlib.sha256(f.read_bytes()).hexdigest() for f in files)
        for files in (drafts, homepage)
    ]
    assert sums[0] == sums[1] and len(sums[0]) == 2
    receipt = newest_receipt(spark)
    assert receipt["files_checksum"] == hashlib.sha256("\n".join(sums[1]).encode()).hexdigest()
    day = tables.read_day(spark, "homepage_rows", MONDAY, receipt["table_version"])
    assert tables.content_hash(day) == receipt["content_hash"] == content
    assert day.count() == receipt["rows_count"]


def test_publishing_again_changes_nothing(spark, story_lake):
    before, version = published(spark, story_lake), tables.version_of(spark, "homepage_rows")
    assert "already" in publish_homepage_rows(spark, MONDAY)
    write(spark, MONDAY, Maker("first"))  # the same content in other files
    assert "already" in publish_homepage_rows(spark, MONDAY)
    assert published(spark, story_lake) == before
    assert tables.version_of(spark, "homepage_rows") == version


def test_drafts_changed_after_the_audit_are_refused(spark, story_lake):
    before = published(spark, story_lake)
    write(spark, MONDAY, Maker("second"))
    with pytest.raises(Rejected, match="changed after their audit"):
        publish_homepage_rows(spark, MONDAY)
    assert published(spark, story_lake) == before


def test_a_file_whose_bytes_changed_after_the_audit_is_refused(spark, story_lake):
    audited(spark, story_lake)
    before = published(spark, story_lake)
    file = files_of(spark, "drafts", MONDAY)[0]
    sound = file.read_bytes()
    file.write_bytes(sound[:200] + bytes([sound[200] ^ 1]) + sound[201:])
    with pytest.raises(Rejected, match="are not those that were written"):
        publish_homepage_rows(spark, MONDAY)
    file.unlink()
    with pytest.raises(Rejected, match="is gone"):
        publish_homepage_rows(spark, MONDAY)
    file.write_bytes(sound)
    assert published(spark, story_lake) == before


def test_a_note_that_is_not_of_these_files_is_refused(spark, story_lake, monkeypatch):
    """The audit read other rows than the log notes of the files."""
    passed = publication.passed_audit(spark, MONDAY)
    other = publication.AuditedDrafts(passed.drafts_version, "1:0000000000000001")
    monkeypatch.setattr(publication, "passed_audit", lambda *_: other)
    with pytest.raises(Rejected, match="changed after their audit"):
        publish_homepage_rows(spark, MONDAY)


def test_a_crash_between_copy_and_commit_leaves_readers_with_what_they_had(
    spark, story_lake, monkeypatch
):
    before = published(spark, story_lake)
    monkeypatch.setattr(delta_log, "replace_files", killed)
    with pytest.raises(KeyboardInterrupt):
        publish_homepage_rows(spark, MONDAY)
    assert published(spark, story_lake) == before
    there = list((story_lake / "homepage_rows" / f"ds={MONDAY}").glob("*.parquet"))
    assert len(there) == 4  # two that nobody names


def test_a_crash_before_the_receipt_is_finished_by_the_next_run(spark, story_lake, monkeypatch):
    receipts = tables.read(spark, "publications").count()
    with monkeypatch.context() as crash:
        crash.setattr(publication, "keep_receipt", killed)
        with pytest.raises(KeyboardInterrupt):
            publish_homepage_rows(spark, MONDAY)
    in_crash, version = published(spark, story_lake), tables.version_of(spark, "homepage_rows")
    assert tables.read(spark, "publications").count() == receipts
    publish_homepage_rows(spark, MONDAY)
    assert published(spark, story_lake) == in_crash
    assert newest_receipt(spark)["table_version"] == version
    assert {
        row["row_title"] for row in tables.read_day(spark, "homepage_rows", MONDAY).collect()
    } == {"second"}
    tuesday = tables.read_day(spark, "homepage_rows", TUESDAY).collect()
    assert {row["row_title"] for row in tuesday} == {"tuesday"}
