"""drafts -> audits: whether a day's pages keep their contract, before anybody may read them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from statistics import median

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.contracts import columns, contract
from conf.days import end_of
from conf.errors import Rejected
from conf.pages import pages
from conf.settings import load_settings
from features.asof import newest_versions
from features.audit.artwork import PICTURE_RULES, picture_verdicts, policies_of, title_pictures
from features.audit.claims import row_titles, true_claims
from features.audit.comparison import Measures, complaints, measures_of, usual_places
from features.audit.evidence import (
    EVIDENCE_RULES,
    cell_reasons,
    evidence_verdicts,
    reason_facts,
)
from features.audit.pages import PAGE_RULES, excused, page_verdicts, title_facts
from features.audit.rows import RANK_RULES, rank_verdicts, row_verdicts
from features.audit.segments import (
    ALL,
    burst_measures,
    catalogue_measures,
    claim_measures,
    order_measures,
    page_measures,
)
from jobs.io.great_expectations import EXAMPLES, Batch, Finding, Rule, validation_findings
from jobs.io.published import publication
from jobs.io.published.receipts import PublicationReceipt, newest_receipt
from jobs.io.step import day_job
from jobs.io.tables import spark as tables

MEASURED = "pages_as_before"  # the rule beside which a day's measures are written


def run_audits(spark: SparkSession, ds: date) -> str:
    """Write the findings for the drafts of `ds` as they are now.

    A broken rule ends the job (Rejected) and the published tables stay as they were.
    """
    version = tables.version_of(spark, "drafts")
    drafts = tables.read_day(spark, "drafts", ds, version).persist()
    day = _audited_day(spark, ds, drafts)
    on_pages = day.page_verdicts.persist()
    without_any = _excused(day, on_pages)
    on_rows = _row_verdicts(day).persist()
    docs = load_settings().home_path / "reports" / "data_docs" / ds.isoformat()
    present = F.col("page_present") | F.col("profile_id").isin(without_any)
    judged_pages = on_pages.withColumn("page_present", present).persist()
    batches = [
        Batch("rows", on_rows, ("profile_id", "row_position"), _row_rules(spark, ds)),
        Batch("pages", judged_pages, ("profile_id",), _page_rules()),
    ]
    findings = [*validation_findings(batches, docs), *_comparisons(day, len(without_any))]
    _write_findings(spark, ds, version, tables.content_hash(drafts), findings)
    for frame in (drafts, on_rows, on_pages, judged_pages, day.on_rows, day.facts, day.titles):
        frame.unpersist()
    broken = [finding for finding in findings if not finding.passed]
    if broken:
        raise Rejected(_rejection(ds, version, broken))
    held = _held_note(spark, ds)
    return f"drafts version {version} keep all {len(findings)} rules{held}; see {docs}/index.html"


@dataclass(frozen=True)
class AuditedDay:
    """The drafts of a day and what they are held against."""

    spark: SparkSession
    ds: date
    drafts: DataFrame
    profiles: DataFrame  # profile_features of the day
    title_features: DataFrame  # of the day
    facts: DataFrame  # of titles, see audit.pages.title_facts
    titles: DataFrame  # of rows, see audit.claims.row_titles
    on_rows: DataFrame  # what rows alone are held to

    @property
    def as_of(self) -> datetime:
        """The end of the day."""
        return end_of(self.ds)

    @property
    def page_verdicts(self) -> DataFrame:
        """The verdicts on pages, by profile."""
        return page_verdicts(self.on_rows, self.profiles, self.facts, self.as_of)


def _audited_day(spark: SparkSession, ds: date, drafts: DataFrame) -> AuditedDay:
    as_of = end_of(ds)
    profiles = tables.read_day(spark, "profile_features", ds)
    title_features = tables.read_day(spark, "title_features", ds)
    facts = title_facts(tables.read(spark, "titles"), tables.read(spark, "availability"), as_of)
    facts = facts.persist()
    titles = row_titles(title_features, facts, profiles, as_of).persist()
    on_rows = row_verdicts(drafts, profiles, true_claims(titles), facts, as_of)
    # from here on only the presence of cells is asked, which keeps what is held small
    presence = {"cells": F.col("cells").isNotNull(), "blank": F.size("cells") == 0}
    on_rows = on_rows.withColumns(presence).persist()
    return AuditedDay(spark, ds, drafts, profiles, title_features, facts, titles, on_rows)


def _row_verdicts(day: AuditedDay) -> DataFrame:
    """The verdicts on rows: every rule asks them again."""
    ranked = rank_verdicts(day.on_rows, day.titles)
    verdicts = day.on_rows.drop("titles", "in_order")
    for more in (_reason_verdicts(day), _picture_verdicts(day), ranked):
        verdicts = verdicts.join(more, ["profile_id", "row_position"], "left")
    # nothing is false of a row without cells, and nothing is said of an order by most kinds of row
    of_cells = {name: F.coalesce(name, "blank") for name in (*EVIDENCE_RULES, *PICTURE_RULES)}
    of_order = {name: F.coalesce(name, F.lit(True)) for name in RANK_RULES}
    return verdicts.withColumns({**of_cells, **of_order}).drop("blank")


def _reason_verdicts(day: AuditedDay) -> DataFrame:
    """By row whether the reasons of its cells are true, and their sentences say the same."""
    facts = reason_facts(tables.read(day.spark, "titles"), day.title_features, day.as_of)
    similars = tables.read(day.spark, "similars").where(F.col("ds") == F.lit(day.ds))
    cells = cell_reasons(day.drafts, day.profiles, facts)
    return evidence_verdicts(cells, day.profiles, facts, similars, day.titles)


def _picture_verdicts(day: AuditedDay) -> DataFrame:
    """By row whether its pictures are its titles' own, suit, and were chosen as the policy chooses."""
    pictures = title_pictures(day.facts, tables.read(day.spark, "artwork"), day.as_of)
    policies = tables.read(day.spark, "policies").where(F.col("ds") <= F.lit(day.ds))
    names = policies_of(policies.select("ds", "policy").collect(), day.ds)
    return picture_verdicts(day.drafts, day.profiles, pictures, names)


def _excused(day: AuditedDay, on_pages: DataFrame) -> list[str]:
    """Profiles without a page that may see nothing."""
    missing = on_pages.where(~F.col("page_present")).select("profile_id")
    if missing.isEmpty():
        return []
    without_page = day.profiles.join(missing, "profile_id", "left_semi")
    sees_nothing = excused(without_page, day.facts, day.title_features, day.as_of)
    return [str(record["profile_id"]) for record in sees_nothing.collect()]


def _comparisons(day: AuditedDay, excused_count: int) -> list[Finding]:
    """The day's measures against those of the days published before it."""
    before = _measures_before(day.spark, day.ds)
    size = F.coalesce(F.size("cells"), F.lit(0)).alias("size")
    page_rows = day.drafts.select("profile_id", "row_kind", "row_position", size).persist()
    artwork = tables.read(day.spark, "artwork")
    titles = tables.read(day.spark, "titles")
    frames = (
        page_measures(page_rows, day.profiles),
        order_measures(page_rows, usual_places(before)),
        claim_measures(day.titles),
        catalogue_measures(titles, day.facts, artwork, day.profiles, day.as_of),
    )
    records = reduce(DataFrame.unionByName, (*frames, *_bursts(day))).collect()
    page_rows.unpersist()
    measures = measures_of([tuple(record) for record in records])
    measures[f"{ALL}|excused"] = float(excused_count)
    return [
        _comparison(rule, about, measures, before)
        for rule, about in contract("audits").rules.items()
    ]


def _bursts(day: AuditedDay) -> list[DataFrame]:
    """The titles that a burst of newcomers played; none where the features do not tell of bursts."""
    if "uncounted_count_1d" not in day.title_features.columns:
        return []
    all_days = tables.read(day.spark, "title_features")
    day_before = all_days.where(F.col("ds") == F.lit(day.ds - timedelta(days=1)))
    return [burst_measures(day.title_features, day_before)]


def _comparison(rule: str, about: str, measures: Measures, before: list[Measures]) -> Finding:
    broken = complaints(rule, measures, before)
    days = "day" if len(before) == 1 else "days"
    seen = f"{len(broken)} differ from the {len(before)} {days} before" if broken else "holds"
    # the measures are of the day, not of the rule: they are written once
    own = measures if rule == MEASURED else None
    return Finding(rule, about, not broken, seen, tuple(broken[:EXAMPLES]), own)


def _measures_before(spark: SparkSession, ds: date) -> list[Measures]:
    """The measures of the days just before, as they were when their pages were published."""
    audits = tables.read(spark, "audits")
    if "measures" not in audits.columns:
        return []
    hashes = {receipt.content_hash for receipt in _receipts_before(spark, ds)}
    first_day = ds - timedelta(days=pages().audit.history_days)
    in_time = (F.col("ds") >= F.lit(first_day)) & (F.col("ds") < F.lit(ds))
    is_published = F.col("content_hash").isin(*hashes)
    measured = audits.where(in_time & is_published & (F.col("rule") == MEASURED))
    records = measured.orderBy("ds").select("measures").collect()
    return [record["measures"] for record in records if record["measures"]]


def _held_note(spark: SparkSession, ds: date) -> str:
    """How many profiles are held to the strictest settings until a sound record comes."""
    profiles = tables.read(spark, "profiles")
    if "held" not in profiles.columns:
        return ""
    held = newest_versions(profiles, ["profile_id"], end_of(ds)).where("held").count()
    return f"; {held} profiles are held to the strictest settings" if held else ""


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
    counts = [receipt.rows_count for receipt in _receipts_before(spark, ds)]
    if not counts:
        return 1
    return max(1, int(pages().audit.least_ratio * median(counts)))


def _receipts_before(spark: SparkSession, ds: date) -> list[PublicationReceipt]:
    """The receipts that hold for the days just before."""
    first_day = ds - timedelta(days=pages().audit.history_days)
    receipts = publication.homepage_receipts(spark)
    days = {receipt.ds for receipt in receipts if first_day <= receipt.ds < ds}
    newest = [newest_receipt(receipts, day) for day in sorted(days)]
    return [receipt for receipt in newest if receipt]


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
            "measures": finding.measures,
            "ds": ds,
        }
        rows.append(tuple(record.get(field.name) for field in schema))
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
