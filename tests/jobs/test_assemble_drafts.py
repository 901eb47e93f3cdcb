"""A night with variants: those that cannot be built, or break a rule, leave the control's pages."""

from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from delta.tables import DeltaTable
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from cli.page import page
from conf import experiments as conf_experiments
from conf.experiments import CELLS
from jobs import direct
from jobs.assemble_drafts import assemble_drafts
from jobs.declare_experiments import decide
from jobs.io.experiments.register import START, declaration
from jobs.io.published import homepage
from jobs.io.published.receipts import newest_receipt
from jobs.io.tables import seals
from jobs.io.tables import spark as tables
from jobs.run_audits import run_audits
from studio.reports.row import row_report
from tests.built import DAYS, copy_of, tables_at

EVE, DAY = DAYS
FILE = f"""\
layers:
  page: {{exclusive: true}}
metrics:
  plays: {{of: plays, about: plays}}
experiments:
  trial:
    about: "another builder, and a ranker that was never promoted"
    layer: page
    unit: profile
    start: {DAY}
    end: 2026-05-20
    metric: plays
    size: 5
    kids: include
    new: include
    cells:
      control: {{share: 0.3}}
      rules: {{share: 0.4, changes: {{pages.builder: template}}}}
      lost: {{share: 0.3, changes: {{serving.top_picks: top_picks-0123456789ab}}}}
"""
Said = tuple[list[Row], str]


@pytest.fixture(scope="module")
def night(
    spark: SparkSession, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Said]:
    """The drafts of a day while an experiment runs, and what was said as they were built."""
    folder = tmp_path_factory.mktemp("trial")
    (folder / "experiments.yaml").write_text(FILE)
    with pytest.MonkeyPatch.context() as patched, tables_at(copy_of(built, folder / "tables")):
        patched.setattr(conf_experiments, "FILE", folder / "experiments.yaml")
        decide("trial", START, DAY, declaration(conf_experiments.load_experiments(), "trial"))
        with redirect_stdout(StringIO()) as said:  # no longer: other tests ask what is printed
            assemble_drafts(spark, DAY)
        yield tables.read_day(spark, "drafts", DAY).collect(), said.getvalue()


def cells_of(spark: SparkSession) -> dict[str, tuple[str, bool]]:
    """The cell of each profile, and whether it fell back."""
    rows = tables.read_day(spark, "assignments", DAY).collect()
    return {row["profile_id"]: (row["cell"], row["fell_back"]) for row in rows}


def test_a_variant_that_cannot_be_built_leaves_its_members_the_controls_pages(spark, night):
    rows, said = night
    assert "alarm: degraded: variant trial:lost cannot be built: top_picks" in said
    assert said.count("alarm: ") == 1
    cells = cells_of(spark)
    assert dict(cells.values()) == {
        "control": False,
        "rules": False,
        "lost": True,
    }
    of_page = {row["profile_id"]: row[CELLS] for row in rows}
    for profile, (cell, fell) in cells.items():
        assert of_page[profile] == (None if fell else [f"trial:{cell}"])
    builders = {(cells[row["profile_id"]][0], row["builder"].split("-")[0]) for row in rows}
    assert ("rules", "template") in builders
    assert not {("control", "template"), ("lost", "template")} & builders


def test_a_members_page_is_explained_by_its_own_variant_whatever_the_file_says_by_now(
    spark, night, monkeypatch, tmp_path
):
    rows, _ = night
    (tmp_path / "experiments.yaml").write_text("layers: {}\nmetrics: {}\nexperiments: {}\n")
    monkeypatch.setattr(conf_experiments, "FILE", tmp_path / "experiments.yaml")
    for cells in (None, ["trial:rules"]):
        member = next(row["profile_id"] for row in rows if row[CELLS] == cells)
        page = [row.asDict(recursive=True) for row in rows if row["profile_id"] == member]
        page.sort(key=lambda row: row["row_position"])
        report = row_report(page, "1")
        assert report["same_as_published"] and report["experiment_cells"] == (cells or [])
        assert report["builder"].split("-")[0] == page[0]["builder"].split("-")[0]


def test_a_variant_that_breaks_a_rule_leaves_its_members_the_controls_pages(spark, night):
    rows, _ = night
    schema = tables.read_day(spark, "drafts", DAY).schema
    is_rules = F.array_contains(F.coalesce(CELLS, F.array()), "trial:rules")
    wrong = F.when(is_rules, F.lit("Wrong")).otherwise(F.col("row_title"))
    drafts = spark.createDataFrame(rows, schema)
    tables.replace_day(spark, "drafts", DAY, drafts.withColumn("row_title", wrong).drop("ds"))
    run_audits(spark, DAY)
    cells = cells_of(spark)
    assert dict(cells.values()) == {
        "control": False,
        "rules": True,
        "lost": True,
    }
    again = tables.read_day(spark, "drafts", DAY).collect()
    assert {row["builder"].split("-")[0] for row in again} == {
        row["builder"].split("-")[0] for row in rows if not row["builder"].startswith("template")
    }
    assert "Wrong" not in {row["row_title"] for row in again}
    assert direct.run_step(spark, "publish_homepage_rows", DAY)


def test_a_ranker_that_is_refused_is_named_in_the_receipt_and_with_the_page(
    spark, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    with tables_at(copy_of(built, tmp_path / "tables")):
        rankers = DeltaTable.forPath(spark, tables.path_of("rankers"))
        rankers.update("ranker = 'top_picks'", {"model_sha256": F.lit("00")})
        seals.seal("rankers")
        for job in ("assemble_drafts", "run_audits", "publish_homepage_rows"):
            direct.run_step(spark, job, DAY)
        alarm = next(line for line in capsys.readouterr().out.splitlines() if "degraded" in line)
        receipt = newest_receipt(homepage.publication_receipts(), DAY)
        assert receipt is not None and receipt.refused_rankers
        assert alarm == f"alarm: degraded: {receipt.refused_rankers[0]}"
        before = newest_receipt(homepage.publication_receipts(), EVE)
        assert before is not None and before.refused_rankers is None
        profile = tables.read_day(spark, "homepage_rows", DAY).first()["profile_id"]
        shown = CliRunner().invoke(page, ["--profile", profile], catch_exceptions=False)
        assert "A model was refused as the page was made: top_picks: " in shown.output
