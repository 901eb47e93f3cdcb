"""A promised title comes to as many profiles of its country as were promised, and to no others."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from delta.tables import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.changes import in_force
from jobs import direct
from jobs.io.promises import reach_of_day
from jobs.io.published import homepage
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import seals
from jobs.io.tables import spark as tables
from jobs.io.tables.arrow import filtered_rows
from studio.reports.row import row_report
from studio.reports.trace import built_again, row_traces
from tests.built import DAYS, copy_of, tables_at

EVE, DAY = DAYS
Row = dict[str, Any]


@pytest.fixture(scope="module")
def lake(
    spark: SparkSession, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A built service, of which every profile but p1, p2 and p3 lives in Norway, and its drafts."""
    folder = tmp_path_factory.mktemp("promises")
    with pytest.MonkeyPatch.context() as patch, tables_at(copy_of(built, folder / "tables")):
        patch.setenv("FRONTROW_HOME", str(folder))
        people = DeltaTable.forPath(spark, tables.path_of("profile_features"))
        people.update("profile_id NOT IN ('p1', 'p2', 'p3')", {"country": F.lit("NO")})
        seals.seal("profile_features")
        for job in ("assemble_drafts", "run_audits", "publish_homepage_rows"):
            direct.run_step(spark, job, EVE)  # with which the day is compared
        direct.run_step(spark, "assemble_drafts", DAY)
        yield folder


def drafts() -> list[Row]:
    rows: list[Row] = filtered_rows("drafts", [("ds", "=", DAY)]).to_pylist()
    return sorted(rows, key=lambda row: (row["profile_id"], row["row_position"]))


def countries() -> dict[str, str]:
    people = filtered_rows("profile_features", [("ds", "=", DAY)], ["profile_id", "country"])
    return {row["profile_id"]: row["country"] or "" for row in people.to_pylist()}


def reach(rows: list[Row]) -> Counter[tuple[str, str]]:
    """How many profiles of each country have each title in the first three cells of the first three rows."""
    country = countries()
    seen = {
        (row["profile_id"], cell["title_id"])
        for row in rows
        if row["row_position"] <= 3
        for cell in row["cells"][:3]
    }
    return Counter((country[profile], title) for profile, title in seen)


def promise(title: str, country: str, profiles: int, ds: date = DAY) -> Row:
    return {
        "title_id": title,
        "country": country,
        "profiles": profiles,
        "from_ds": ds,
        "until_ds": ds,
    }


def as_changes(**own: Row) -> dict[str, Any]:
    plain = {
        name: each | {"from_ds": str(each["from_ds"]), "until_ds": str(each["until_ds"])}
        for name, each in own.items()
    }
    return {"promises.promises": plain}


@pytest.fixture(scope="module")
def hidden(lake: Path) -> tuple[str, str, int]:
    """A country, a title that few of its profiles see and more could, and to how many it is promised."""
    seen, country = reach(drafts()), "NO"
    picked = {
        cell["title_id"]
        for row in drafts()
        for cell in row["cells"]
        if row["row_kind"] == "top_picks" and countries()[row["profile_id"]] == country
    }
    title = min(picked, key=lambda each: (seen[country, each], each))
    return country, title, seen[country, title] + 2


def test_a_promise_is_kept_by_the_pages_and_every_rule_with_it(
    spark: SparkSession,
    lake: Path,
    hidden: tuple[str, str, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    country, title, wanted = hidden
    before = drafts()
    with in_force(as_changes(launch=promise(title, country, wanted))):
        said = direct.run_step(spark, "assemble_drafts", DAY)
        assert "promises launch " in said and "alarm" not in capsys.readouterr().out
        assert reach(drafts())[country, title] >= wanted > reach(before)[country, title]
        version = arrow_tables.newest_version("drafts")
        assert reach_of_day(DAY, version) == {"launch": reach(drafts())[country, title]}
        direct.run_step(spark, "run_audits", DAY)
        direct.run_step(spark, "publish_homepage_rows", DAY)
        assert "alarm" not in capsys.readouterr().out
        reports = [row_report(homepage.page_records(name, DAY), "1") for name in countries()]
        prices = {tuple(report["promised"].items()) for report in reports}
        assert all(report["same_as_published"] for report in reports) and len(prices) == 2
        assert () in prices  # of those who live elsewhere
        told = [
            each["source"]
            for name in countries()
            for row in homepage.page_records(name, DAY)[:3]
            for each, cell in zip(
                row_traces(built_again(homepage.page_records(name, DAY)), row),
                row["cells"],
                strict=True,
            )
            if cell["title_id"] == title and row["row_kind"] == "top_picks"
        ]
    assert told and all("Promises add " in text for text in told)
    elsewhere = {name for name, own in countries().items() if own != country}
    assert [row for row in drafts() if row["profile_id"] in elsewhere] == [
        row for row in before if row["profile_id"] in elsewhere
    ]


def test_pages_without_the_promise_are_those_of_before(spark: SparkSession, lake: Path) -> None:
    direct.run_step(spark, "assemble_drafts", DAY)
    plain = drafts()
    with in_force(as_changes(launch=promise("300", "NO", 1, date(2031, 1, 1)))):
        direct.run_step(spark, "assemble_drafts", DAY)
    assert drafts() == plain


def test_a_promise_that_cannot_be_kept_is_an_alarm_and_the_night_goes_on(
    spark: SparkSession,
    lake: Path,
    hidden: tuple[str, str, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    country, title, _ = hidden
    own = {"many": promise(title, country, 999), "gone": promise("no such title", "", 1)}
    with in_force(as_changes(**own)):
        direct.run_step(spark, "assemble_drafts", DAY)
        capsys.readouterr()
        assert direct.run_step(spark, "run_audits", DAY)
        alarms = [line for line in capsys.readouterr().out.splitlines() if "alarm" in line]
    shown = reach(drafts())[country, title]
    said = "alarm: degraded: promise"
    assert sorted(alarms) == [
        f"{said} gone: title no such title is in view of 0 profiles of every country, 1 are promised",
        f"{said} many: title {title} is in view of {shown} profiles of {country}, 999 are promised",
    ]
