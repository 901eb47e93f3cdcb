"""A night with variants that add a kind of row and leave one out, or have another ranker: built,
audited, published, served, judged and explained.
"""

from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from benchmarks.page.facts import by_tables
from conf import experiments as conf_experiments
from conf.days import end_of
from conf.errors import UserMistake
from conf.experiments import CELLS
from conf.rows import rows as known_rows
from conf.settings import load_settings
from jobs import direct
from jobs.assemble_drafts import assemble_drafts
from jobs.declare_experiments import decide
from jobs.io.experiments.register import START, declaration
from jobs.io.serving.page_now import page_at
from jobs.io.serving.service import Online
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import arrow_writes
from jobs.io.tables import spark as tables
from jobs.io.tables.schemas import arrow_schema
from jobs.run_audits import run_audits
from jobs.serve_pages import serve_pages
from models.page.online.assemble import Visit
from studio.reports.row import row_report
from studio.reports.score import score_report
from tests.built import DAYS, WEEK, copy_of, tables_at

pytestmark = pytest.mark.long

DAY = DAYS[1]
OLDER = "top_picks-0123456789ab"
ADDED, LEFT_OUT = "month", "because_you_watched"
FILE = f"""\
layers:
  page: {{exclusive: true}}
metrics:
  plays: {{of: plays, about: plays}}
experiments:
  kinds:
    about: "a kind of row that the control has not, and one fewer"
    layer: page
    unit: profile
    start: {DAY}
    end: 2026-05-20
    metric: plays
    size: 5
    kids: include
    new: include
    cells:
      control: {{share: 0.25}}
      more:
        share: 0.25
        changes:
          rows.kinds.{LEFT_OUT}: null
          rows.kinds.{ADDED}:
            title: Popular This Month
            reason: "What all members play, most plays in the last {{window_days}} days first"
            texts:
              de: {{title: Diesen Monat, reason: "Was alle in {{window_days}} Tagen spielten"}}
              es: {{title: Este mes, reason: "Lo que vieron todos en {{window_days}} días"}}
            evidence: popular
            order: popularity
            window_days: 30
            min_length: 3
            max_length: 40
            may_repeat: true
      older: {{share: 0.25, changes: {{serving.top_picks: {OLDER}}}}}
      none: {{share: 0.25, changes: {{serving.top_picks: none, serving.pvr: none}}}}
"""
Night = tuple[list[Row], str]


@pytest.fixture(scope="module")
def night(
    spark: SparkSession, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Night]:
    """The drafts of a day while the experiment runs, and what was said as they were built and audited."""
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "experiments.yaml").write_text(FILE)
    with pytest.MonkeyPatch.context() as patched, tables_at(copy_of(built, folder / "tables")):
        patched.setattr(conf_experiments, "FILE", folder / "experiments.yaml")
        patched.setenv("FRONTROW_HOME", str(folder / "home"))
        keep_an_older_ranker()
        decide("kinds", START, DAY, declaration(conf_experiments.load_experiments(), "kinds"))
        with redirect_stdout(StringIO()) as said:
            assemble_drafts(spark, DAY)
            run_audits(spark, DAY)
        yield tables.read_day(spark, "drafts", DAY).collect(), said.getvalue()


def keep_an_older_ranker() -> None:
    """The ranker that serves, once more under another id, as of a week before: it serves nobody."""
    of_week = [("ranker", "=", "top_picks"), ("ds", "=", WEEK)]
    (record,) = arrow_tables.filtered_rows("rankers", of_week).to_pylist()
    earlier = {"ds": WEEK - timedelta(days=7), "trained_until": WEEK - timedelta(days=7)}
    arrow_writes.append("rankers", [record | earlier | {"ranker_id": OLDER}])


def member_of(rows: list[Row], cell: str) -> str:
    return min(row["profile_id"] for row in rows if row[CELLS] == [f"kinds:{cell}"])


def page_of(rows: list[Row], profile: str) -> list[dict[str, Any]]:
    page = [row.asDict(recursive=True) for row in rows if row["profile_id"] == profile]
    return sorted(page, key=itemgetter("row_position"))


def test_a_title_is_explained_by_the_ranker_of_the_profiles_own_variant(night):
    rows, _ = night
    control = score_report(member_of(rows, "control"), None, "top_picks", DAY)
    assert control["ranker_id"] != OLDER and control["experiment_cells"] == ["kinds:control"]
    older = member_of(rows, "older")
    report = score_report(older, None, None, DAY)
    assert (report["ranker_id"], report["experiment_cells"]) == (OLDER, ["kinds:older"])
    page = page_of(rows, older)
    assert row_report(page, "1")["ranker_id"] == OLDER
    assert OLDER in {row["ranker_id"] for row in page}
    with pytest.raises(UserMistake, match="an experiment cell that it is in leaves it out"):
        score_report(member_of(rows, "none"), None, None, DAY)


def test_members_have_the_added_kind_and_not_the_one_left_out(spark, night):
    rows, said = night
    assert "alarm" not in said
    kinds = {True: set(), False: set()}
    for row in rows:
        kinds[row[CELLS] == ["kinds:more"]].add(row["row_kind"])
    assert ADDED in kinds[True] and ADDED not in kinds[False]
    assert LEFT_OUT in kinds[False] and LEFT_OUT not in kinds[True]
    members = {row["profile_id"] for row in rows if row[CELLS] == ["kinds:more"]}
    with_row = {row["profile_id"] for row in rows if row["row_kind"] == ADDED}
    assert members and with_row == members


def test_readers_show_the_added_kind(spark, night):
    rows, _ = night
    direct.run_step(spark, "publish_homepage_rows", DAY)
    serve_pages(now=end_of(DAY))
    online = Online(load_settings().home_path)
    at = end_of(DAY).timestamp() + 3600
    for profile in {row["profile_id"] for row in rows if row["row_kind"] == ADDED}:
        served = online.page(profile, Visit(at, "tv"))
        assert served.level == "base" and ADDED in served.rows["row_kind"].to_pylist()
        stored = arrow_tables.filtered_rows(
            "homepage_rows", [("ds", "=", DAY), ("profile_id", "=", profile)]
        )
        now = page_at(profile, stored, end_of(DAY)).rows
        assert now["row_kind"].to_pylist() == stored.sort_by("row_position")["row_kind"].to_pylist()
    online.close()
    assert ADDED not in known_rows().kinds


def test_the_judge_judges_each_page_by_its_own_variant(night):
    """Planted: a variant's row on a page of the control, and the control's name of a row in a variant."""
    rows, _ = night
    more, control = (page_of(rows, member_of(rows, cell)) for cell in ("more", "control"))
    assert judged(more + control) == {}
    row = next(row for row in more if row["row_kind"] == ADDED)
    moved = {name: control[0][name] for name in ("profile_id", CELLS, "page_id")}
    assert judged([*control, row | moved | {"row_position": 99}])["row_untrue"] == 1
    assert judged([*more, {**row, CELLS: ["kinds:control"]}])["row_untrue"] == 1
    assert judged([{**each, CELLS: ["kinds:lost"]} for each in control]) == {"cell_undeclared": 1}


def judged(page_rows: list[dict[str, Any]]) -> dict[str, int]:
    """What the judge finds, of rows and cells, on pages as they are read the next morning."""
    table = pa.Table.from_pylist(page_rows, arrow_schema("homepage_rows"))
    found = by_tables(table, end_of(DAY) + timedelta(hours=1), "test").offences
    return {
        name: count for name, count in found.items() if name in ("row_untrue", "cell_undeclared")
    }


def test_a_row_of_the_added_kind_that_breaks_a_rule_takes_its_variant_back(spark, night, capsys):
    rows, _ = night
    schema = tables.read_day(spark, "drafts", DAY).schema
    wrong = F.when(F.col("row_kind") == ADDED, F.lit("Wrong")).otherwise(F.col("row_title"))
    drafts = spark.createDataFrame(rows, schema)
    tables.replace_day(spark, "drafts", DAY, drafts.withColumn("row_title", wrong).drop("ds"))
    run_audits(spark, DAY)
    said = capsys.readouterr().out
    assert "alarm: degraded: variant kinds:more refused: its pages break row_text_true" in said
    fell = tables.read_day(spark, "assignments", DAY).collect()
    assert {row["cell"]: row["fell_back"] for row in fell} == {
        **dict.fromkeys(("control", "older", "none"), False),
        "more": True,
    }
    again = tables.read_day(spark, "drafts", DAY).collect()
    assert ADDED not in {row["row_kind"] for row in again}
    assert {row["profile_id"] for row in again} == {row["profile_id"] for row in rows}
