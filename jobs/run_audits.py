"""drafts -> audits: whether a day's pages keep their contract, before anybody may read them."""

from datetime import date, timedelta
from statistics import median

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.contracts import columns, contract
from conf.days import end_of
from conf.errors import Rejected
from conf.pages import pages
from conf.settings import load_settings
from features.audit.claims import row_titles, true_claims
from features.audit.evidence import (
    EVIDENCE_RULES,
    cell_reasons,
    evidence_verdicts,
    reason_facts,
)
from features.audit.pages import PAGE_RULES, page_verdicts, title_facts
from features.audit.pictures import PICTURE_RULES, picture_verdicts, policies_of, title_pictures
from features.audit.rows import RANK_RULES, rank_verdicts, row_verdicts
from jobs.io.great_expectations import Batch, Finding, Rule, validation_findings
from jobs.io.published import publication
from jobs.io.published.receipts import newest_receipt
from jobs.io.snapshot.spark import SparkSnapshot
from jobs.io.step import day_job
from jobs.io.tables import spark as tables
from models.catalogue.eligibility import showable
from models.catalogue.from_arrow import profiles_from


def run_audits(spark: SparkSession, ds: date) -> str:
    """Write the findings for the drafts of `ds` as they are now.

    A broken rule ends the job (Rejected) and the published tables stay as they were.
    """
    version = tables.version_of(spark, "drafts")
    drafts = tables.read_day(spark, "drafts", ds, version).persist()
    rows, judged_pages = _verdicts(spark, ds, drafts)
    docs = load_settings().home_path / "reports" / "data_docs" / ds.isoformat()
    batches = [
        Batch("rows", rows, ("profile_id", "row_position"), _row_rules(spark, ds)),
        Batch("pages", judged_pages, ("profile_id",), _page_rules()),
    ]
    findings = validation_findings(batches, docs)
    _write_findings(spark, ds, version, tables.content_hash(drafts), findings)
    for frame in (drafts, rows, judged_pages):
        frame.unpersist()
    broken = [finding for finding in findings if not finding.passed]
    if broken:
        raise Rejected(_rejection(ds, version, broken))
    return f"drafts version {version} keep all {len(findings)} rules; see {docs}/index.html"


def _verdicts(spark: SparkSession, ds: date, drafts: DataFrame) -> tuple[DataFrame, DataFrame]:
    """The verdicts on rows and on pages, persisted: every rule asks them again."""
    as_of = end_of(ds)
    profiles = tables.read_day(spark, "profile_features", ds)
    facts = title_facts(tables.read(spark, "titles"), tables.read(spark, "availability"), as_of)
    facts = facts.persist()
    title_features = tables.read_day(spark, "title_features", ds)
    titles = row_titles(title_features, facts, profiles, as_of).persist()
    on_rows = row_verdicts(drafts, profiles, true_claims(titles), facts, as_of)
    on_pages = page_verdicts(on_rows, profiles, facts, as_of).persist()
    ranked = rank_verdicts(on_rows, titles)
    # from here on only the presence of cells is asked, which keeps the join and the batch small
    presence = {"cells": F.col("cells").isNotNull(), "blank": F.size("cells") == 0}
    verdicts = on_rows.withColumns(presence).drop("titles", "in_order")
    reasons = _reason_verdicts(spark, ds, drafts, profiles, titles)
    pictures = _picture_verdicts(spark, ds, drafts, profiles, facts)
    for more in (reasons, pictures, ranked):
        verdicts = verdicts.join(more, ["profile_id", "row_position"], "left")
    # nothing is false of a row without cells, and nothing is said of an order by most kinds of row
    of_cells = {name: F.coalesce(name, "blank") for name in (*EVIDENCE_RULES, *PICTURE_RULES)}
    of_order = {name: F.coalesce(name, F.lit(True)) for name in RANK_RULES}
    verdicts = verdicts.withColumns({**of_cells, **of_order})
    excused = _excused(spark, ds, on_pages, profiles)
    if excused:
        present = F.col("page_present") | F.col("profile_id").isin(excused)
        on_pages = on_pages.withColumn("page_present", present)
    return verdicts.drop("blank").persist(), on_pages


def _reason_verdicts(
    spark: SparkSession, ds: date, drafts: DataFrame, profiles: DataFrame, titles: DataFrame
) -> DataFrame:
    """By row whether the reasons of its cells are true, and their sentences say the same."""
    title_features = tables.read_day(spark, "title_features", ds)
    facts = reason_facts(tables.read(spark, "titles"), title_features, end_of(ds)).persist()
    similars = tables.read(spark, "similars").where(F.col("ds") == F.lit(ds))
    cells = cell_reasons(drafts, profiles, facts)
    return evidence_verdicts(cells, profiles, facts, similars, titles)


def _picture_verdicts(
    spark: SparkSession, ds: date, drafts: DataFrame, profiles: DataFrame, facts: DataFrame
) -> DataFrame:
    """By row whether its pictures are its titles' own, suit, and were chosen as the policy chooses."""
    pictures = title_pictures(facts, tables.read(spark, "artwork"), end_of(ds))
    policies = tables.read(spark, "policies").where(F.col("ds") <= F.lit(ds))
    names = policies_of(policies.select("ds", "policy").collect(), ds)
    return picture_verdicts(drafts, profiles, pictures, names)


def _excused(spark: SparkSession, ds: date, on_pages: DataFrame, profiles: DataFrame) -> list[str]:
    """Profiles without a page that may see nothing.

    All titles are blocked, for older viewers, or not available in their country.
    """
    missing = on_pages.where(~F.col("page_present")).select("profile_id")
    if missing.isEmpty():
        return []
    catalogue = SparkSnapshot(spark, end_of(ds)).catalogue()
    without_page = profiles.join(missing, "profile_id", "left_semi")
    candidates = profiles_from(without_page.toArrow(), catalogue)
    sees_nothing = ~showable(catalogue, candidates)
    return [str(profile_id) for profile_id in candidates.profile_ids[sees_nothing]]


def _row_rules(spark: SparkSession, ds: date) -> tuple[Rule, ...]:
    """The contract's own rules, the page's rules for rows, and the day's size.

    The contract's are: keys are unique, required columns are present, numbers are in range.
    """
    table = contract("homepage_rows")
    keys = [key for key in table.keys if key not in table.partition]
    rules = [
        Rule(
            "keys_unique",
            "ExpectCompoundColumnsToBeUnique",
            {"column_list": keys},
            f"{keys} tell rows apart",
        )
    ]
    required = [name for name in table.required if name not in table.partition]
    rules += [_presence_rule(name) for name in required]
    for name in table.columns:
        low, high = columns()[name].minimum, columns()[name].maximum
        if low is not None or high is not None:
            rules.append(_range_rule(name, low, high))
    return (*rules, *_declared_rules(of_pages=False), _size_rule(_least_rows(spark, ds)))


def _presence_rule(column: str) -> Rule:
    expectation = "ExpectColumnValuesToNotBeNull"
    return Rule(f"{column}_present", expectation, {"column": column}, f"{column} is given")


def _range_rule(column: str, low: float | None, high: float | None) -> Rule:
    return Rule(
        f"{column}_in_range",
        "ExpectColumnValuesToBeBetween",
        {"column": column, "min_value": low, "max_value": high},
        f"{low} <= {column} <= {high}",
    )


def _size_rule(least_rows: int) -> Rule:
    share = pages().audit.least_ratio
    return Rule(
        "rows_not_fewer",
        "ExpectTableRowCountToBeBetween",
        {"min_value": least_rows},
        f"at least {least_rows} rows, {share} of the median of the days published before",
    )


def _page_rules() -> tuple[Rule, ...]:
    return _declared_rules(of_pages=True)


def _declared_rules(of_pages: bool) -> tuple[Rule, ...]:
    """The rules of the contract, on rows or on pages; each says that one verdict is true."""
    rules = []
    for verdict, meaning in contract("homepage_rows").rules.items():
        if (verdict in PAGE_RULES) == of_pages:
            arguments = {"column": verdict, "value_set": [True]}
            rules.append(Rule(verdict, "ExpectColumnValuesToBeInSet", arguments, meaning))
    return tuple(rules)


def _least_rows(spark: SparkSession, ds: date) -> int:
    """How many rows the day must have, from the receipts of the days just before it.

    1 where there are none.
    """
    bounds = pages().audit
    first_day = ds - timedelta(days=bounds.history_days)
    receipts = publication.homepage_receipts(spark)
    days = {receipt.ds for receipt in receipts if first_day <= receipt.ds < ds}
    newest = [newest_receipt(receipts, day) for day in days]
    counts = [receipt.rows_count for receipt in newest if receipt]
    if not counts:
        return 1
    return max(1, int(bounds.least_ratio * median(counts)))


def _write_findings(
    spark: SparkSession, ds: date, version: int, content_hash: str, findings: list[Finding]
) -> None:
    schema = tables.schema_of(spark, "audits")
    rows = []
    for finding in findings:
        record = {
            "drafts_version": version,
            "content_hash": content_hash,
            "rule": finding.rule,
            "passed": finding.passed,
            "observed": finding.observed,
            "examples": list(finding.examples),
            "ds": ds,
        }
        rows.append(tuple(record[field.name] for field in schema))
    tables.replace_day(spark, "audits", ds, spark.createDataFrame(rows, schema))


def _rejection(ds: date, version: int, broken: list[Finding]) -> str:
    first = broken[0]
    examples = f", for example {'; '.join(first.examples)}" if first.examples else ""
    other_rules = ", ".join(finding.rule for finding in broken[1:])
    others = f"; also broken: {other_rules}" if other_rules else ""
    return (
        f"drafts ds={ds} version {version} break rule {first.rule} ({first.about}):"
        f" {first.observed}{examples}{others}; the published table stays as it was,"
        f" all findings are in table audits"
    )


if __name__ == "__main__":
    day_job("run_audits", __doc__, run_audits)
