"""drafts -> audits: whether a day's pages keep their contract, proved before anybody may read them."""

from datetime import date, timedelta
from statistics import median

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.contracts import columns, contract
from conf.days import end_of
from conf.errors import Rejected
from conf.pages import pages
from conf.settings import load_settings
from features.audit.claims import true_claims
from features.audit.evidence import cell_reasons, evidence_verdicts, reason_facts
from features.audit.pages import PAGE_RULES, page_verdicts, title_facts
from features.audit.rows import row_verdicts
from jobs.io.great_expectations import Batch, Finding, Rule, findings
from jobs.io.published import publication
from jobs.io.published.receipts import newest_receipt
from jobs.io.snapshot.spark import SparkSnapshot
from jobs.io.step import day_job
from jobs.io.tables import spark as tables
from models.catalogue.eligibility import showable
from models.catalogue.from_arrow import profiles_from


def run_audits(spark: SparkSession, ds: date) -> str:
    """Write the findings for the drafts of `ds` as they are now; a broken rule ends the job, published tables stay."""
    version = tables.version_of(spark, "drafts")
    drafts = tables.read_day(spark, "drafts", ds, version).persist()
    rows, judged = _judged(spark, ds, drafts)
    docs = load_settings().home_path / "reports" / "data_docs" / ds.isoformat()
    found = findings(
        [
            Batch("rows", rows, ("profile_id", "row_position"), _row_rules(spark, ds)),
            Batch("pages", judged, ("profile_id",), _page_rules()),
        ],
        docs,
    )
    _keep(spark, ds, version, tables.content_hash(drafts), found)
    for frame in (drafts, rows, judged):
        frame.unpersist()
    broken = [finding for finding in found if not finding.passed]
    if broken:
        raise Rejected(_verdict(ds, version, broken))
    return f"drafts version {version} keep all {len(found)} rules; see {docs}/index.html"


def _judged(spark: SparkSession, ds: date, drafts: DataFrame) -> tuple[DataFrame, DataFrame]:
    """The verdicts on rows and on pages, persisted: every rule asks them again."""
    as_of = end_of(ds)
    profiles = tables.read_day(spark, "profile_features", ds)
    facts = title_facts(tables.read(spark, "titles"), tables.read(spark, "availability"), as_of)
    title_features = tables.read_day(spark, "title_features", ds)
    claims = true_claims(title_features, facts, profiles, as_of)
    judged = row_verdicts(drafts, profiles, claims, as_of)
    on_pages = page_verdicts(judged, profiles, facts, as_of).persist()
    excused = _excused(spark, ds, on_pages, profiles)
    present = F.col("page_present") | F.col("profile_id").isin(excused)
    # of the cells only whether they are there is asked from here on, which keeps the join and the batch small
    bare = judged.withColumns(
        {"cells": F.col("cells").isNotNull(), "blank": F.size("cells") == 0}
    ).drop("titles")
    told = bare.join(_reasons(spark, ds, drafts, profiles), ["profile_id", "row_position"], "left")
    told = told.withColumn(
        "evidence_true", F.coalesce(F.col("false_evidence") == 0, F.col("blank"))
    )
    on_rows = told.drop("blank").persist()
    return on_rows, on_pages.withColumn("page_present", present) if excused else on_pages


def _reasons(spark: SparkSession, ds: date, drafts: DataFrame, profiles: DataFrame) -> DataFrame:
    """How many cells of each row give a reason that is not true."""
    facts = reason_facts(
        tables.read(spark, "titles"), tables.read_day(spark, "title_features", ds), end_of(ds)
    )
    similars = tables.read(spark, "similars").where(F.col("ds") == F.lit(ds))
    return evidence_verdicts(cell_reasons(drafts), profiles, facts, similars)


def _excused(spark: SparkSession, ds: date, on_pages: DataFrame, profiles: DataFrame) -> list[str]:
    """Profiles without a page that may see nothing: all blocked, too young for all, or nothing in their country."""
    missing = on_pages.where(~F.col("page_present")).select("profile_id")
    if missing.isEmpty():
        return []
    catalogue = SparkSnapshot(spark, end_of(ds)).catalogue()
    found = profiles_from(profiles.join(missing, "profile_id", "left_semi").toArrow(), catalogue)
    return [str(profile) for profile in found.profile_ids[~showable(catalogue, found)]]


def _row_rules(spark: SparkSession, ds: date) -> tuple[Rule, ...]:
    """The contract's own rules (keys, required columns, ranges), the page's rules for rows, and the day's size."""
    table, known = contract("homepage_rows"), columns()
    keys = [key for key in table.keys if key not in table.partition]
    rules = [
        Rule(
            "keys_unique",
            "ExpectCompoundColumnsToBeUnique",
            {"column_list": keys},
            f"{keys} tell rows apart",
        )
    ]
    for name in table.required:
        if name not in table.partition:
            rules.append(
                Rule(
                    f"{name}_present",
                    "ExpectColumnValuesToNotBeNull",
                    {"column": name},
                    f"{name} is given",
                )
            )
    for name in table.columns:
        low, high = known[name].minimum, known[name].maximum
        if low is not None or high is not None:
            bounds = {"column": name, "min_value": low, "max_value": high}
            rules.append(
                Rule(
                    f"{name}_in_range",
                    "ExpectColumnValuesToBeBetween",
                    bounds,
                    f"{low} <= {name} <= {high}",
                )
            )
    least = _least_rows(spark, ds)
    size = Rule(
        "rows_not_fewer",
        "ExpectTableRowCountToBeBetween",
        {"min_value": least},
        f"at least {least} rows, {pages().audit.least_ratio} of the median of the days published before",
    )
    return (*rules, *_declared(of_pages=False), size)


def _page_rules() -> tuple[Rule, ...]:
    return _declared(of_pages=True)


def _declared(of_pages: bool) -> tuple[Rule, ...]:
    """The checks of the contract, on rows or on pages; each is about one verdict."""
    checks = [
        check
        for check in contract("homepage_rows").checks
        if (check.columns[0] in PAGE_RULES) == of_pages
    ]
    return tuple(
        Rule(c.columns[0], c.expect, {"column": c.columns[0], **c.kwargs}, c.about) for c in checks
    )


def _least_rows(spark: SparkSession, ds: date) -> int:
    """How many rows the day must have, from the receipts of the days just before it; 1 where there are none."""
    bounds = pages().audit
    known = publication.homepage_receipts(spark)
    days = {
        receipt.ds
        for receipt in known
        if ds - timedelta(days=bounds.history_days) <= receipt.ds < ds
    }
    counts = [receipt.rows_count for day in days if (receipt := newest_receipt(known, day))]
    return max(1, int(bounds.least_ratio * median(counts))) if counts else 1


def _keep(
    spark: SparkSession, ds: date, version: int, content_hash: str, found: list[Finding]
) -> None:
    schema = tables.schema_of(spark, "audits")
    rows = [
        {
            "drafts_version": version,
            "content_hash": content_hash,
            "rule": f.rule,
            "passed": f.passed,
            "observed": f.observed,
            "examples": list(f.examples),
            "ds": ds,
        }
        for f in found
    ]
    frame = spark.createDataFrame(
        [tuple(row[field.name] for field in schema) for row in rows], schema
    )
    tables.replace_day(spark, "audits", ds, frame)


def _verdict(ds: date, version: int, broken: list[Finding]) -> str:
    first = broken[0]
    examples = f", for example {'; '.join(first.examples)}" if first.examples else ""
    others = (
        f"; also broken: {', '.join(finding.rule for finding in broken[1:])}" if broken[1:] else ""
    )
    return (
        f"drafts ds={ds} version {version} break rule {first.rule} ({first.about}): {first.observed}{examples}{others};"
        f" the published table stays as it was, all findings are in table audits"
    )


if __name__ == "__main__":
    day_job("run_audits", __doc__, run_audits)
