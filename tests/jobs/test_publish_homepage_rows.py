"""Write, audit, publish: only what was audited reaches readers, once, and a failed audit changes
nothing for them.

The tests tell one story on one lake, in order.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pyspark.sql import SparkSession

from cli.rollback import rollback
from conf.errors import Rejected, UserMistake
from conf.settings import load_settings
from jobs import publish_homepage_rows as job
from jobs.io.published import publication
from jobs.io.published.receipts import trusted_version
from jobs.io.tables import spark as tables
from jobs.io.tables.fences import Superseded
from jobs.publish_homepage_rows import publish_homepage_rows
from jobs.run_audits import _least_rows, _receipts_before, run_audits
from tests import drafts

NAMES = ["ann", "bob"]


@pytest.fixture(scope="module")
def lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One lake for the whole story; the toddler may see nothing, so it rightly has no page."""
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("story") / "tables"
        patch.setenv("FRONTROW_TABLES", str(root))
        drafts.write_day(spark, [*NAMES, "toddler"])
        yield root


@pytest.fixture(scope="module")
def story(spark: SparkSession, lake: Path) -> dict[str, Any]:
    """What each step of the story saw."""
    seen: dict[str, Any] = {"unaudited": refusal(spark, publish_homepage_rows, UserMistake)}
    seen["drafts_version"] = drafts.write_drafts(spark, drafts.pages_of(NAMES))
    seen["audit"], seen["findings"] = run_audits(spark, drafts.DS), _findings(spark)
    seen["first"], seen["published"] = publish_homepage_rows(spark, drafts.DS), _published(spark)
    seen["again"], seen["published_again"] = (
        publish_homepage_rows(spark, drafts.DS),
        _published(spark),
    )

    faulty = drafts.pages_of(NAMES)
    drafts.FAULTS["too_grown_up"][0](faulty["bob"])
    faulty["ann"].clear()
    drafts.write_drafts(spark, faulty)
    seen["changed"] = refusal(spark, publish_homepage_rows, Rejected)
    seen["failed"], seen["failed_findings"] = refusal(spark, run_audits, Rejected), _findings(spark)
    seen["refused"], seen["published_after_failure"] = (
        refusal(spark, publish_homepage_rows, Rejected),
        _published(spark),
    )

    repaired = drafts.pages_of(NAMES)
    repaired["ann"][0]["cells"][0]["score"] += 1
    drafts.write_drafts(spark, repaired)
    run_audits(spark, drafts.DS)
    with pytest.MonkeyPatch.context() as crash:
        crash.setattr(publication, "keep_receipt", killed)
        refusal(spark, publish_homepage_rows, KeyboardInterrupt)
    seen["published_in_crash"], seen["trusted_in_crash"] = _published(spark), _trusted(spark)
    publish_homepage_rows(spark, drafts.DS)
    seen["published_after_crash"], seen["receipts"] = (
        _published(spark),
        publication.homepage_receipts(spark),
    )

    CliRunner().invoke(rollback, ["--ds", str(drafts.DS)], catch_exceptions=False)
    seen["trusted_after_rollback"] = _trusted(spark)
    seen["held"] = refusal(spark, publish_homepage_rows, Rejected)
    CliRunner().invoke(rollback, ["--ds", str(drafts.DS), "--lift"], catch_exceptions=False)
    publish_homepage_rows(spark, drafts.DS)
    seen["trusted_after_publishing_again"], seen["all_receipts"] = (
        _trusted(spark),
        publication.homepage_receipts(spark),
    )
    return seen


def _trusted(spark: SparkSession) -> int:
    commits = [(c.version, c.operation) for c in tables.commits(spark, "homepage_rows")]
    return trusted_version(publication.homepage_receipts(spark), commits, drafts.DS)


def refusal(
    spark: SparkSession, step: Callable[[SparkSession, date], str], kind: type[BaseException]
) -> str:
    """How a step that must fail with this error says so."""
    with pytest.raises(kind) as refused:
        step(spark, drafts.DS)
    return str(refused.value)


def killed(*_: object) -> None:
    """What a process does that is killed at this point."""
    raise KeyboardInterrupt


def _findings(spark: SparkSession) -> dict[str, Any]:
    return {row["rule"]: row for row in tables.read_day(spark, "audits", drafts.DS).collect()}


def _published(spark: SparkSession) -> tuple[int, str, int]:
    table = tables.read(spark, "homepage_rows")
    return (
        tables.version_of(spark, "homepage_rows"),
        tables.content_hash(table),
        len(publication.homepage_receipts(spark)),
    )


def test_day_without_audit_is_not_published(story: dict[str, Any]) -> None:
    assert "audits" in story["unaudited"] and "run_audits" in story["unaudited"]


def test_audit_proves_every_rule_for_one_version(story: dict[str, Any]) -> None:
    found = story["findings"]
    assert all(row["passed"] for row in found.values())
    assert {row["drafts_version"] for row in found.values()} == {story["drafts_version"]}
    assert {
        "keys_unique",
        "cells_present",
        "row_position_in_range",
        "rows_not_fewer",
        "page_present",
    } <= set(found)
    assert f"all {len(found)} rules" in story["audit"]


def test_data_docs_are_written(story: dict[str, Any]) -> None:
    docs = load_settings().home_path / "reports" / "data_docs" / str(drafts.DS)
    assert (docs / "index.html").is_file()
    assert "first_screen_without_repeats" in "".join(
        page.read_text() for page in docs.rglob("validations/**/*.html")
    )


def test_publication_is_what_was_audited_with_a_receipt(
    spark: SparkSession, story: dict[str, Any]
) -> None:
    version, _, receipts = story["published"]
    assert receipts == 1
    receipt = story["receipts"][0]
    assert (receipt.table_version, receipt.profiles_count) == (version, 2)
    day = tables.read_day(spark, "homepage_rows", drafts.DS, version)
    assert (
        tables.content_hash(day)
        == receipt.content_hash
        == story["findings"]["keys_unique"]["content_hash"]
    )
    assert day.count() == receipt.rows_count


def test_publishing_again_changes_nothing(story: dict[str, Any]) -> None:
    assert story["published_again"] == story["published"]
    assert "already" in story["again"]


def test_drafts_changed_after_the_audit_are_refused(story: dict[str, Any]) -> None:
    assert "changed after their audit" in story["changed"]


def test_failed_audit_names_rule_and_examples_in_one_line(story: dict[str, Any]) -> None:
    assert "\n" not in story["failed"]
    also = "also broken: page_present, titles_suitable"
    said = rf"evidence_true .*1 of \d+, for example profile_id=bob row_position=2; {also}"
    assert re.search(said, story["failed"])


def test_failed_audit_keeps_its_findings(story: dict[str, Any]) -> None:
    broken = {rule: row for rule, row in story["failed_findings"].items() if not row["passed"]}
    assert {rule: row["examples"] for rule, row in broken.items()} == {
        "evidence_true": ["profile_id=bob row_position=2"],
        "page_present": ["profile_id=ann"],
        "titles_suitable": ["profile_id=bob"],
    }


def test_failed_audit_leaves_the_published_table_as_it_was(story: dict[str, Any]) -> None:
    assert "page_present" in story["refused"]
    assert story["published_after_failure"] == story["published"]


def test_publication_cut_short_before_its_receipt_leaves_readers_with_the_page_they_had(
    story: dict[str, Any],
) -> None:
    version, _, receipts = story["published_in_crash"]
    assert (
        receipts == 1 and version > story["trusted_in_crash"] == story["receipts"][0].table_version
    )


def test_next_run_finishes_it_without_writing_the_day_again(story: dict[str, Any]) -> None:
    assert story["published_after_crash"][:2] == story["published_in_crash"][:2]
    first, second = story["receipts"]
    assert second.table_version == story["published_in_crash"][0] > first.table_version
    assert second.content_hash != first.content_hash


def test_rollback_holds_until_it_is_lifted_and_the_day_published_again(
    story: dict[str, Any],
) -> None:
    first, second = story["receipts"]
    rolled_back, lifted, again = story["all_receipts"][2:]
    assert story["all_receipts"][:2] == [first, second]
    assert story["trusted_after_rollback"] == rolled_back.table_version > second.table_version
    assert rolled_back.content_hash == first.content_hash and rolled_back.on_hold
    assert "is on hold" in story["held"] and lifted.table_version == rolled_back.table_version
    assert story["trusted_after_publishing_again"] == again.table_version > lifted.table_version
    assert again.content_hash == second.content_hash
    assert [receipt.published_at for receipt in story["all_receipts"]] == sorted(
        {receipt.published_at for receipt in story["all_receipts"]}
    )


def test_day_that_shrank_is_stopped(spark: SparkSession, story: dict[str, Any]) -> None:
    """Half of the rows of the days before are the least.

    The audit of the next day says so by its rule.
    """
    rows = story["receipts"][-1].rows_count
    soon, later = (_receipts_before(drafts.DS + timedelta(days=n)) for n in (1, 30))
    assert _least_rows(soon) == rows // 2
    assert _least_rows(later) == 1


@pytest.mark.long
@pytest.mark.parametrize(
    ("sleeps_in", "score"),
    [
        ("_refuse_changed_drafts", 3),
        ("_publish", 3),  # what was published before, so that the newer run has nothing to write
        ("_publish", 4),
        ("keep_receipt", 5),
    ],
)
def test_run_that_slept_while_a_newer_one_published_changes_nothing(
    spark, story, lake, monkeypatch, sleeps_in, score
):
    older, newer = drafts.pages_of(NAMES), drafts.pages_of(NAMES)
    older["ann"][0]["cells"][0]["score"] += 2
    newer["ann"][0]["cells"][0]["score"] += score
    drafts.write_drafts(spark, older)
    run_audits(spark, drafts.DS)
    room = publication if sleeps_in == "keep_receipt" else job
    step = getattr(room, sleeps_in)

    def sleeps(*arguments: Any) -> object:
        """Wake up after another run has published newer drafts."""
        monkeypatch.setattr(room, sleeps_in, step)
        drafts.write_drafts(spark, newer)
        run_audits(spark, drafts.DS)
        publish_homepage_rows(spark, drafts.DS)
        seen.append((_published(spark), _trusted(spark)))
        return step(*arguments)

    seen: list[object] = []
    monkeypatch.setattr(room, sleeps_in, sleeps)
    refusal(spark, publish_homepage_rows, Rejected if sleeps_in.startswith("_ref") else Superseded)
    assert (_published(spark), _trusted(spark)) == seen[0]
