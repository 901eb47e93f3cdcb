"""The rules that come from the contract: each is broken once, and the audit names the rows."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

from conf.contracts import contract
from conf.days import end_of
from features.audit.artwork import PICTURE_RULES
from features.audit.claims import row_titles, true_claims
from features.audit.evidence import EVIDENCE_RULES
from features.audit.pages import title_facts
from features.audit.rows import RANK_RULES, row_verdicts
from jobs.io.great_expectations import Batch, Finding, Rule, validation_findings
from jobs.run_audits import _row_rules
from tests import drafts

REQUIRED = [name for name in contract("homepage_rows").required if name != "ds"]


@pytest.fixture(scope="module")
def found(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    """Findings on a page with its second row twice, one row without any required value and one at
    position 0.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRONTROW_TABLES", str(tmp_path_factory.mktemp("empty")))
        made = drafts.drafts_frame(spark, drafts.pages_of(["ann"]))
        loose = StructType([StructField(field.name, field.dataType) for field in made.schema])
        page = spark.createDataFrame(made.collect(), loose)
        blank = page.where("row_position = 1").select(
            *(
                F.lit(None).cast(f.dataType).alias(f.name) if f.name in REQUIRED else f.name
                for f in loose
            )
        )
        low = page.where("row_position = 3").withColumn("row_position", F.lit(0))
        rows = page.union(page.where("row_position = 2")).union(blank).union(low)
        people, as_of = drafts.profile_features(spark, ["ann"]), end_of(drafts.DS)
        facts = title_facts(*drafts.log_tables(spark), as_of)
        claims = true_claims(row_titles(drafts.title_features(spark), facts, people, as_of))
        judged = row_verdicts(rows, people, claims, facts, as_of)
        others = (*EVIDENCE_RULES, *PICTURE_RULES, *RANK_RULES)
        judged = judged.withColumns({name: F.lit(True) for name in others})
        frame = (
            judged.drop("titles", "in_order")
            .withColumn("cells", F.when(F.col("cells").isNotNull(), F.lit(True)))
            .persist()
        )
        rules = _row_rules(spark, drafts.DS)
        batch = Batch("rows", frame, ("profile_id", "row_position"), rules)
        seen = {f.rule: f for f in validation_findings([batch], tmp_path_factory.mktemp("docs"))}
        frame.unpersist()
        return seen


@pytest.mark.parametrize("column", REQUIRED)
def test_missing_value_is_found(found: dict[str, Finding], column: str) -> None:
    assert not found[f"{column}_present"].passed
    assert found[f"{column}_present"].observed == "1 of 10"


def test_repeated_key_is_found_with_its_example(found: dict[str, Finding]) -> None:
    assert not found["keys_unique"].passed
    assert found["keys_unique"].examples == ("profile_id=ann row_position=2",)


def test_value_out_of_range_is_found_with_its_example(found: dict[str, Finding]) -> None:
    assert not found["row_position_in_range"].passed
    assert found["row_position_in_range"].examples == ("profile_id=ann row_position=0",)


def test_day_without_days_before_it_needs_one_row(found: dict[str, Finding]) -> None:
    assert found["rows_not_fewer"].passed


def test_too_few_rows_are_found(spark: SparkSession, tmp_path: Path) -> None:
    rule = Rule(
        "rows_not_fewer", "ExpectTableRowCountToBeBetween", {"min_value": 4}, "at least 4 rows"
    )
    (finding,) = validation_findings([Batch("rows", spark.range(3), ("id",), (rule,))], tmp_path)
    assert (finding.passed, finding.observed) == (False, "3")
