"""What a search offers before a letter: of the own page, behind its first screen, and only what may be seen."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from pyspark.sql import SparkSession

from conf.errors import Rejected
from conf.pages import pages
from conf.rows import rows
from jobs.io import search_suggestions as table
from jobs.io.published import homepage
from jobs.io.serving.offered import offered_to
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.arrow import deltalake_path
from jobs.io.tables.schemas import arrow_schema
from models.page.suggestions import suggestions
from tests import drafts, published
from tests.published import DAY, EARLY, NOW, UNTIL


def stored(ds=DAY) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for row in arrow_tables.filtered_rows("search_suggestions", [("ds", "=", ds)]).to_pylist():
        lists.setdefault(row["profile_id"], []).append(row["title_id"])
    return lists


def stored_rows() -> list[dict[str, Any]]:
    """All rows of the table, by key."""
    keys = [(name, "ascending") for name in ("ds", "profile_id", "list_position")]
    return arrow_tables.filtered_rows("search_suggestions", []).sort_by(keys).to_pylist()


@pytest.fixture
def version(spark: SparkSession, root: Path, lake: Path) -> int:
    """The version of the newest published day, of which lists were written."""
    newest = homepage.trusted_version_of(DAY)
    table.write_suggestions(spark, DAY, newest)
    return newest


def test_lists_are_what_the_page_itself_would_offer(version: int) -> None:
    for name in published.NAMES:
        page = homepage.page_records(name, DAY)
        chosen = suggestions(page, rows(), pages(), table.MOST)
        wanted = [page[cell.row]["cells"][cell.column]["title_id"] for cell in chosen]
        assert stored().get(name, []) == wanted
    assert any(stored().values()) and table.version_of(DAY) == version


@pytest.mark.parametrize("in_process", [table.IN_PROCESS, 0])
def test_another_day_stays_and_the_same_day_is_replaced(
    spark: SparkSession, version: int, in_process: int
) -> None:
    before = stored_rows()
    count = table.write_suggestions(spark, DAY, version, in_process)
    assert stored_rows() == before
    assert count == sum(row["ds"] == DAY for row in before)
    assert table.version_of(DAY - timedelta(days=9)) is None


PAGE = pa.table(
    {
        "profile_id": ["ann"] * 2,
        "row_position": [1, 2],
        "row_id": ["top", "new"],
        "row_kind": ["top_picks", "new"],
        "titles": [[f"a{n}" for n in range(10)], [f"b{n}" for n in range(10)]],
    }
)


@pytest.mark.parametrize("writer", ["workers", "spark"])
def test_lists_of_many_files_are_those_of_one(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: str
) -> None:
    monkeypatch.setenv("FRONTROW_TABLES", str(tmp_path))
    monkeypatch.setenv("FRONTROW_WRITER", writer)
    names = [["ann", "bob"], ["cem"], ["dora", "eva"]]
    for profiles in reversed(names):  # the log names the newest file first
        write_page_file(profiles)
    count = table.write_suggestions(spark, DAY, 2, in_process=0)
    lists = stored()
    assert sorted(lists) == ["ann", "bob", "cem", "dora", "eva"]
    assert sum(map(len, lists.values())) == count
    made = table.suggested(PAGE, rows())["title_id"].to_pylist()
    assert lists == {name: [f"{name} {title}" for title in made] for name in lists}


def write_page_file(profiles: list[str]) -> None:
    """One more file of the day's pages: PAGE for each profile, its titles with the profile's name."""
    rows = [
        {
            **{column: row[column] for column in ("row_position", "row_id", "row_kind")},
            "profile_id": name,
            "ds": DAY,
            "cells": [{"title_id": f"{name} {title}"} for title in row["titles"]],
        }
        for name in profiles
        for row in PAGE.to_pylist()
    ]
    schema = arrow_schema("homepage_rows")
    pages_of_file = pa.Table.from_pylist(rows, schema)
    write_deltalake(
        deltalake_path("homepage_rows"), pages_of_file, mode="append", partition_by=["ds"]
    )


def test_lists_of_a_sound_page_are_not_refused() -> None:
    made = table.suggested(PAGE, rows())
    assert made.num_rows
    table.refuse_broken(made, PAGE)
    table.refuse_broken(made.slice(0, 0), PAGE)


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("suggestions_of_own_page", {"title_id": "elsewhere"}),
        ("suggestions_of_own_page", {"profile_id": "bob"}),
        ("suggestions_of_own_page", {"column_position": 2}),
        (
            "suggestions_behind_the_screen",
            {"title_id": "a0", "row_id": "top", "column_position": 1},
        ),
        ("suggestions_behind_the_screen", "again"),
        ("suggestions_numbered_from_one", {"list_position": 77}),
    ],
)
def test_list_that_breaks_a_rule_is_refused(rule: str, change: object) -> None:
    records = table.suggested(PAGE, rows()).to_pylist()
    if isinstance(change, dict):
        records[-1] |= change
    else:
        records.append(records[0] | {"list_position": len(records) + 1})
    with pytest.raises(Rejected, match=rule):
        table.refuse_broken(pa.Table.from_pylist(records, table.LIST), PAGE)


def test_what_may_not_be_seen_any_more_is_not_offered(version: int, lake: Path) -> None:
    first, *others = [row["title_id"] for row in offered_to("bob", NOW)]
    published.settings(lake, UNTIL, "bob", blocked_titles=[first])
    assert [row["title_id"] for row in offered_to("bob", NOW)] == others
    window = {"title_id": others[0], "country": "NO", "from_at": EARLY, "until_at": NOW}
    published.write(lake, "availability", [window | published.LOGGED])
    assert others[0] not in [row["title_id"] for row in offered_to("bob", NOW)]
    limit = pages().legality.kids_maturity_limit
    published.settings(lake, UNTIL + timedelta(minutes=1), "bob", kids=True)
    ages = [drafts.TITLES[row["title_id"]]["maturity"] for row in offered_to("bob", NOW)]
    assert all(age is not None and age <= limit for age in ages)


def test_lists_of_pages_that_do_not_serve_any_more_are_passed_by(version: int, lake: Path) -> None:
    assert offered_to("bob", NOW)
    published.publish(lake, DAY, title="Anew")
    assert offered_to("bob", NOW) == []
