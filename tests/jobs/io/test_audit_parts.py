"""Spark's tasks and one process come to the same verdicts, over ranges that hold every row once."""

from dataclasses import replace

import pytest
from deltalake import write_deltalake
from pyspark.sql import SparkSession

from features.audit.verdicts import PartVerdicts, check_whole, first_examples
from jobs.io import audit_parts
from jobs.io.audit_parts import audited_parts
from jobs.io.tables.arrow import deltalake_path
from tests import audited, drafts

NAMES = ["ann", "bob", "eve", "joe", "kim", "lea"]


@pytest.fixture
def version(tmp_path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Drafts in three files: nobody's row and a stranger's page in one; `joe` has no page."""
    monkeypatch.setenv("FRONTROW_TABLES", str(tmp_path))
    pages = drafts.pages_of([*NAMES, "stranger"])
    pages["bob"][0]["reason"] = pages["lea"][0]["reason"] = "asdf"
    nobody = [{**pages["ann"][0], "profile_id": None}]
    for names in (["ann", "bob"], ["eve"], ["kim", "lea", "stranger"]):
        rows = [{**row, "ds": drafts.DS} for name in names for row in pages[name]]
        rows += [{**row, "ds": drafts.DS} for row in nobody]
        nobody = []
        table = audited.arrow("drafts", rows)
        write_deltalake(deltalake_path("drafts"), table, mode="append", partition_by=["ds"])
    people = audited.arrow("profile_features", drafts.profile_records([*NAMES, "toddler"]))
    path = deltalake_path("profile_features")
    write_deltalake(path, people, partition_by=["ds"])
    return 2


def in_all(parts: list[PartVerdicts]) -> tuple[object, ...]:
    """What parts amount to together."""
    broken: dict[str, int] = {}
    measures: dict[str, float] = {}
    for part in parts:
        for sums, more in ((broken, part.broken), (measures, part.measures)):
            for name, value in more.items():
                sums[name] = sums.get(name, 0) + value
    rows, excused = (sum(getattr(part, name) for part in parts) for name in ("rows", "excused"))
    return rows, excused, broken, measures, sorted(first_examples(parts))


def test_tasks_and_one_process_find_the_same(
    spark: SparkSession, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = audited.day_of_drafts()
    alone = audited_parts(spark, day, drafts.DS, version)
    monkeypatch.setattr(audit_parts, "AT_ONCE", 2)
    few = audited_parts(spark, day, drafts.DS, version)
    spread = audited_parts(spark, day, drafts.DS, version, in_process=0)
    assert [len(parts) for parts in (alone, few, spread)] == [1, 4, 3]
    whole = in_all(alone)
    assert whole == in_all(few) == in_all(spread)
    rows, excused, broken, _, named = whole
    assert rows == 1 + sum(len(page) for page in drafts.pages_of(NAMES).values())
    assert excused == 1
    assert broken["row_text_true"] >= 2
    assert broken["profile_id_present"] == 1
    assert named == sorted(rule for rule, count in broken.items() if count)
    for parts in (alone, few, spread):
        assert first_examples(parts)["page_present"] == ("profile_id=joe",)
        check_whole(parts, rows)
        assert all(replace(part) == part for part in parts)
