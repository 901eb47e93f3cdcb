"""`frontrow why`: the page built again without Spark is the published one, and every score is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pyspark.sql import SparkSession

from cli.why import why
from conf.errors import UserMistake
from jobs.io.published import homepage
from jobs.io.tables import arrow as arrow_tables
from tests.built import DAYS, tables_at


def told(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(why, [*arguments, "--json"], catch_exceptions=False)
    return dict(json.loads(done.output))


def test_page_built_again_without_spark_is_the_published_one(
    spark: SparkSession, built: Path
) -> None:
    with tables_at(built):
        names = sorted(
            set(
                arrow_tables.sql("SELECT DISTINCT profile_id FROM homepage_rows")[
                    "profile_id"
                ].to_pylist()
            )
        )
        for name in names[:6]:
            found = told("--profile", name, "--row", "1")
            page = homepage.page_records(name)
            assert found["same_as_published"] and found["position"] == 1
            assert found["row_id"] == page[0]["row_id"] and found["builder"] == page[0]["builder"]


def test_row_that_won_has_the_best_score_that_no_rule_forbids(
    spark: SparkSession, built: Path
) -> None:
    with tables_at(built):
        name = homepage.page_records("p1", DAYS[1])[0]["profile_id"]
        found = told("--profile", name, "--row", "2")
        if found["builder"] == "template":
            assert found["candidates"] == []
            return
        winner = next(one for one in found["candidates"] if one["row_id"] == found["row_id"])
        assert winner["barred"] == "" and len(found["candidates"]) > 1
        parts = winner["worth"] + winner["coverage"] + winner["row_model_and_calibration"]
        assert winner["score"] == pytest.approx(parts)
        assert found["titles"]["left"] <= found["titles"]["titles"]


def test_row_that_was_not_considered_is_a_mistake_that_names_some(
    spark: SparkSession, built: Path
) -> None:
    with tables_at(built):
        error = CliRunner().invoke(why, ["--profile", "p1", "--row", "mystery"]).exception
    assert isinstance(error, UserMistake) and "rows were considered" in str(error)


def test_text_names_the_row_its_builder_and_what_the_rules_removed(
    spark: SparkSession, built: Path
) -> None:
    with tables_at(built):
        done = CliRunner().invoke(why, ["--profile", "p1", "--row", "1"], catch_exceptions=False)
    assert "stands at position 1" in done.output and "may be shown" in done.output
