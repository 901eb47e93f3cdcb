"""drafts -> audits, title_health: whether a day's pages keep their contract, before anybody may read them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import SparkSession

from conf.changes import Changes, in_force
from conf.contracts import columns, contract
from conf.days import end_of
from conf.errors import Rejected
from conf.experiments import NONE, SERVING
from conf.pages import pages
from conf.settings import load_settings
from features.asof import newest_versions
from features.audit.artwork import policies_of
from features.audit.comparison import Measures, complaints, own_measures, usual_places
from features.audit.day import DAY_TABLES, AuditedDay, audited_day
from features.audit.makers import makers_of
from features.audit.pages import PAGE_RULES
from features.audit.segments import POPULARITY
from features.audit.variants import AuditedVariants, broken_rules
from features.audit.verdicts import PartVerdicts, check_whole, day_measures, first_examples
from jobs.assemble_drafts import assemble_drafts
from jobs.io.audit_parts import audited_parts
from jobs.io.experiments import assigned, register
from jobs.io.faults import told
from jobs.io.great_expectations import EXAMPLES, Batch, Finding, Rule, validation_findings
from jobs.io.promises import broken as broken_promises
from jobs.io.promises import reach_of_day
from jobs.io.published.homepage import publication_receipts
from jobs.io.published.receipts import PublicationReceipt, newest_receipt, published_days
from jobs.io.step import day_job
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import delta_log
from jobs.io.tables import spark as tables
from jobs.io.tables.arrow import filtered_rows
from jobs.io.tables.partitions import missing_day
from jobs.io.title_health import write_title_health

MEASURED = "pages_as_before"  # the rule beside which a day's measures are written


def run_audits(spark: SparkSession, ds: date) -> str:
    """Write the findings for the drafts of `ds` as they are now.

    A broken rule ends the job (Rejected) and the published tables stay as they were. A variant whose
    pages break one is taken out first: its members get the control's pages, which are audited anew.
    """
    for name in ("drafts", "profile_features", "title_features"):
        _require_day(name, ds)
    version = arrow_tables.newest_version("drafts")
    content_hash = delta_log.content_hash(spark, "drafts", ds, version)
    receipts = _receipts_before(ds)
    before = _measures_before(ds, receipts)
    changes = register.changes(ds)
    sets = assigned.cell_sets(ds, changes) if changes else {()}
    day = AuditedVariants({cells: _day_of(cells, changes, ds, before) for cells in sorted(sets)})
    parts = audited_parts(spark, day, ds, version)
    check_whole(parts, int(content_hash.split(":")[0]))
    docs = load_settings().home_path / "reports" / "data_docs" / ds.isoformat()
    batches = _batches(parts, _least_rows(receipts))
    findings = [*validation_findings(batches, docs), *_comparisons(day, parts, before)]
    _write_findings(spark, ds, version, content_hash, findings)
    broken = [finding for finding in findings if not finding.passed]
    refused = _refused_variants(parts, broken)
    if refused:
        _fall_back(spark, ds, refused)
        return run_audits(spark, ds)
    if broken:
        raise Rejected(_rejection(ds, version, broken))
    for line in broken_promises(ds, reach_of_day(ds, version)):
        print(f"alarm: degraded: {line}", flush=True)
    held = f"{_held_note(spark, ds)}{_health_note(day.days[()], ds, version)}"
    return f"drafts version {version} keep all {len(findings)} rules{held}; see {docs}/index.html"


def _day_of(
    cells: tuple[str, ...], changes: Mapping[str, Changes], ds: date, before: list[Measures]
) -> AuditedDay:
    """What the pages of some cells are held against."""
    own = {path: value for cell in cells for path, value in changes[cell].items()}
    with in_force(own):
        return _audited_day(ds, before, own.get(f"{SERVING}.artwork") == NONE)


def _refused_variants(
    parts: Sequence[PartVerdicts], broken: Sequence[Finding]
) -> dict[str, list[str]]:
    """The cells that are to fall back, and the rules they break: those with broken rows or pages.

    Where none has any and the day does not pass, every variant of it: the control is tried alone.
    """
    by_cell = broken_rules(parts)
    faulty = {cell: rules for cell, rules in by_cell.items() if rules}
    return faulty or {cell: [each.rule for each in broken] for cell in by_cell if broken}


def _fall_back(spark: SparkSession, ds: date, refused: Mapping[str, list[str]]) -> None:
    """Build the day again without some cells, and say so."""
    for cell, rules in refused.items():
        reason = f"its pages break {', '.join(rules)}; its members get the control's pages"
        print(f"alarm: degraded: variant {cell} refused: {reason}", flush=True)
    assemble_drafts(spark, ds, {*refused, *assigned.fell_back(ds)})


def _require_day(name: str, ds: date) -> None:
    """Raises UserMistake, naming the job to run, where a table has nothing of a day."""
    if not arrow_tables.has_day(name, ds):
        raise missing_day(name, ds)


def _audited_day(ds: date, before: list[Measures], by_default: bool = False) -> AuditedDay:
    """What the drafts of a day are held against."""
    known = {
        name: filtered_rows(name)
        for name in DAY_TABLES
        if name not in ("title_features", "similars")
    }
    known["similars"] = filtered_rows("similars", [("ds", "=", ds)])
    known["title_features"] = filtered_rows("title_features", [("ds", "=", ds)])
    if "uncounted_count_1d" in known["title_features"].column_names:
        day_before = [("ds", "=", ds - timedelta(days=1))]
        columns_before = ["title_id", POPULARITY]
        known["title_features_before"] = filtered_rows("title_features", day_before, columns_before)
    policies = filtered_rows("policies", [("ds", "<=", ds)], ["ds", "policy"])
    learned = [] if by_default else policies.to_pylist()
    names = policies_of([(row["ds"], row["policy"]) for row in learned], ds)
    trained = filtered_rows(
        "rankers", [("ds", "<=", ds)], ["ranker", "ranker_id", "promoted"]
    ).to_pylist()
    makers = makers_of((row["ranker"], row["ranker_id"]) for row in trained if row["promoted"])
    return audited_day(end_of(ds), known, names, makers, usual_places(before))


def _batches(parts: Sequence[PartVerdicts], least_rows: int) -> list[Batch]:
    """What the parts have counted of rows and of pages, with the rules on either."""
    counts = [{**part.broken, "rows": part.rows, "pages": part.pages} for part in parts]
    examples = first_examples(parts)
    return [
        Batch("rows", counts, "rows", _row_rules(least_rows), examples),
        Batch("pages", counts, "pages", _declared_rules(of_pages=True), examples),
    ]


def _comparisons(
    day: AuditedVariants, parts: Sequence[PartVerdicts], before: list[Measures]
) -> list[Finding]:
    """The day's measures against those of the days published before it."""
    measures = day_measures(parts, day.measures)
    return [
        _comparison(rule, about, measures, before)
        for rule, about in contract("audits").rules.items()
    ]


def _comparison(rule: str, about: str, measures: Measures, before: list[Measures]) -> Finding:
    broken = complaints(rule, measures, before)
    days = "day" if len(before) == 1 else "days"
    seen = f"{len(broken)} differ from the {len(before)} {days} before" if broken else "holds"
    # the measures are of the day, not of the rule: they are written once
    own = own_measures(measures) if rule == MEASURED else None
    return Finding(rule, about, not broken, seen, tuple(broken[:EXAMPLES]), own)


def _measures_before(ds: date, receipts: Sequence[PublicationReceipt]) -> list[Measures]:
    """The measures of the days just before, as they were when their pages were published."""
    first_day = ds - timedelta(days=pages().audit.history_days)
    audits = filtered_rows(
        "audits", [("ds", ">=", first_day), ("ds", "<", ds), ("rule", "=", MEASURED)]
    )
    if "measures" not in audits.column_names:
        return []
    hashes = pa.array([receipt.content_hash for receipt in receipts], pa.string())
    published = audits.filter(pc.is_in(audits["content_hash"], hashes)).sort_by("ds")
    return [dict(measures) for measures in published["measures"].to_pylist() if measures]


def _held_note(spark: SparkSession, ds: date) -> str:
    """How many profiles are held to the strictest settings until a sound record comes."""
    profiles = tables.read(spark, "profiles")
    if "held" not in profiles.columns:
        return ""
    held = newest_versions(profiles, ["profile_id"], end_of(ds)).where("held").count()
    return f"; {held} profiles are held to the strictest settings" if held else ""


def _health_note(day: AuditedDay, ds: date, version: int) -> str:
    """Write how each title stands; what goes wrong with it is said, and holds no page back."""
    try:
        write_title_health(day.tables, ds, version)
    except Exception as fault:
        print(f"alarm: degraded: title_health of {ds} was not written: {told(fault)}", flush=True)
        return "; how titles stand could not be written"
    return ""


def _row_rules(least_rows: int) -> tuple[Rule, ...]:
    """The contract's own rules, the page's rules for rows, and the day's size.

    The contract's are: keys are unique, required columns are present, numbers are in range.
    """
    table = contract("homepage_rows")
    keys = [key for key in table.keys if key not in table.partition]
    rules = [_none_broken("keys_unique", f"{keys} tell rows apart")]
    required = [name for name in table.required if name not in table.partition]
    rules += [_none_broken(f"{name}_present", f"{name} is given") for name in required]
    for name in table.columns:
        low, high = columns()[name].minimum, columns()[name].maximum
        if low is not None or high is not None:
            rules.append(_none_broken(f"{name}_in_range", f"{low} <= {name} <= {high}"))
    return (*rules, *_declared_rules(of_pages=False), _size_rule(least_rows))


def _none_broken(name: str, about: str) -> Rule:
    """The rule that no row, or no page, breaks what is counted under its name."""
    return Rule(name, name, about, least=0, most=0)


def _size_rule(least_rows: int) -> Rule:
    share = pages().audit.least_ratio
    about = f"at least {least_rows} rows, {share} of the median of the days published before"
    return Rule("rows_not_fewer", "rows", about, least=least_rows)


def _declared_rules(of_pages: bool) -> tuple[Rule, ...]:
    """The rules of the contract, on rows or on pages; each says that one verdict is true."""
    return tuple(
        _none_broken(verdict, meaning)
        for verdict, meaning in contract("homepage_rows").rules.items()
        if (verdict in PAGE_RULES) == of_pages
    )


def _least_rows(receipts: Sequence[PublicationReceipt]) -> int:
    """How many rows the day must have, from the receipts of the days just before it.

    1 where there are none.
    """
    counts = [receipt.rows_count for receipt in receipts]
    if not counts:
        return 1
    return max(1, int(pages().audit.least_ratio * median(counts)))


def _receipts_before(ds: date) -> list[PublicationReceipt]:
    """The receipts that hold for the days just before."""
    first_day = ds - timedelta(days=pages().audit.history_days)
    receipts = publication_receipts() if arrow_tables.was_written("publications") else []
    days = [day for day in published_days(receipts) if first_day <= day < ds]
    newest = [newest_receipt(receipts, day) for day in days]
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
