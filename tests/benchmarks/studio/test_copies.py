"""Copies of profiles: the same page under another id, in the order that files have."""

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from benchmarks.studio.copies import copy_profiles, made_ones, names
from jobs import run_audits
from jobs.io.tables import arrow as arrow_tables
from tests.built import DAYS, tables_at


def test_copies_come_before_the_next_profile() -> None:
    ids = [name for profile in ("p0000000009", "p0000000010") for name in names(profile, 3)]
    assert ids == sorted(ids) and len(set(ids)) == 6
    assert made_ones(ids) == ["p0000000009", "p0000000010"]


@pytest.mark.slow
def test_pages_of_copies_keep_every_rule(spark: SparkSession, built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "tables")
    with tables_at(tmp_path / "tables"):
        before = _titles()
        copy_profiles(spark, DAYS[1], 3)
        after = _titles()
        assert len(after) == 3 * len(before)
        assert all(after[name] == titles for name, titles in before.items())
        assert all(after[f"{name}-copy-002"] == titles for name, titles in before.items())
        assert "keep all" in run_audits.run_audits(spark, DAYS[1])


def _titles() -> dict[str, list[list[str]]]:
    """Of each profile the titles of its rows in order."""
    drafts = pa.table(arrow_tables.filtered_rows("drafts", [("ds", "=", DAYS[1])]))
    found: dict[str, list[list[str]]] = {}
    for row in drafts.sort_by("row_position").to_pylist():
        titles = [cell["title_id"] for cell in row["cells"]]
        found.setdefault(row["profile_id"], []).append(titles)
    return found
