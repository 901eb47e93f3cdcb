"""`frontrow why-not` and `frontrow health`: what they tell, and one line for every mistake."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyspark.sql import SparkSession

from cli.health import health
from cli.why_not import why_not
from conf.errors import UserMistake
from jobs.io.published import homepage
from studio.reports.why_not import why_not_for
from tests.built import DAYS, tables_at
from tests.studio.reports.test_titles import service

__all__ = ["service"]


def told(*arguments: str) -> str:
    return CliRunner().invoke(why_not, list(arguments), catch_exceptions=False).output


def test_the_rule_and_what_mends_it_are_told_in_words(service: Path) -> None:
    text = told("--title", "grim", "--country", "NO")
    assert "removed" in text and "Name grim (grim)" in text
    report = json.loads(told("--title", "grim", "--json"))
    assert {each["country"] for each in report["countries"]} == {"", "BR", "NO"}
    assert "NO: 1998-04-22 not launched, from 1998-04-25 open" in told("--title", "soon", "--ahead")


def test_health_counts_titles_by_rule(service: Path) -> None:
    done = CliRunner().invoke(health, ["--json"], catch_exceptions=False)
    report = json.loads(done.output)
    assert report["complete"] == 1.0 and report["shown_to_nobody"] == len(report["unseen"])
    text = CliRunner().invoke(health, ["--country", "NO"], catch_exceptions=False).output
    assert "were shown to nobody in NO" in text and "not_launched" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--title", "mystery"], "no title has the id"),
        (["--title", "name"], "give an id"),
        (["--title", "grim", "--country", "XX"], "there are BR, NO"),
        (["--title", "grim", "--ds", "1999-01-01"], "was not in the catalogue"),
    ],
)
def test_mistake_is_one_line_that_says_what_there_is(
    service: Path, arguments: list[str], words: str
) -> None:
    error = CliRunner().invoke(why_not, arguments).exception
    assert isinstance(error, UserMistake) and words in str(error) and "\n" not in str(error)


def test_before_a_night_was_audited_it_says_what_to_run(lake: Path) -> None:
    error = CliRunner().invoke(health, []).exception
    assert isinstance(error, UserMistake) and "run_audits" in str(error)


@pytest.mark.slow
def test_a_title_on_a_page_has_its_places_and_another_a_rule_or_rows(
    spark: SparkSession, built: Path
) -> None:
    with tables_at(built):
        page = homepage.page_records("p1", DAYS[1])
        shown = page[0]["cells"][0]["title_id"]
        report = why_not_for("p1", shown)
        assert report["places"][0]["row_id"] == page[0]["row_id"] and not report["rule"]
        on_page = {cell["title_id"] for row in page for cell in row["cells"]}
        other = next(f"t{n}" for n in range(40) if f"t{n}" not in on_page)
        absent = why_not_for("p1", other)
        assert not absent["places"] and absent["rule"]
