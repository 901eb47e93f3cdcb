"""Text records -> typed rows with the first rule each one breaks."""
# Tested by tests/jobs/test_ingest_events.py.

from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.contracts import columns
from conf.errors import Reason
from conf.landing import (
    DEFAULT_KIND,
    FACT_TIMES,
    LATEST,
    RAW_LENGTH,
    file_columns,
)
from features.sources.typed import broken, given, two_times, typed

Rule = tuple[Column, Reason, str]


def shaped(records: DataFrame, table: str, known_at: datetime | None = None) -> DataFrame:
    """Rows of `table` from its text records: landing_id, file, line, raw, reason, field, then the
    columns of a file.

    `reason` and `field` name the first rule that the record breaks, both null for a sound one;
    `raw` is kept for a broken one only. Of a fact, known_at is when it happened unless the file
    says otherwise; of a version it stays null then. `known_at` is the moment after which nothing
    can have happened or been learned.
    """
    names = [name for name in file_columns(table) if name in records.columns]
    texts = records.withColumns({name: given(name) for name in names})
    rows = texts.select(
        "landing_id",
        "file",
        "line",
        "raw",
        "fault",
        "fault_field",
        *(F.col(n).alias(f"_{n}") for n in names),
        *(typed(table, n, F.col(n)).cast(columns()[n].type).alias(n) for n in names),
    )
    defaults = _defaults(table, names)
    rows = rows.withColumns(defaults)
    fault = F.struct(F.col("fault").alias("reason"), F.col("fault_field").alias("field"))
    reading_fault = F.when(F.col("fault").isNotNull(), fault)
    rule = F.coalesce(reading_fault, *_rules(table, names, known_at))
    start_of_text = F.substring(_as_text(names), 1, RAW_LENGTH)
    raw = F.when(rule.isNotNull(), F.coalesce("raw", start_of_text))
    values = dict.fromkeys([*names, *defaults])
    rows = rows.select("landing_id", "file", "line", raw.alias("raw"), rule.alias("rule"), *values)
    rows = rows.withColumns({"reason": F.col("rule.reason"), "field": F.col("rule.field")})
    return rows.drop("rule")


def _defaults(table: str, names: Sequence[str]) -> dict[str, Column]:
    if table not in FACT_TIMES:
        return {} if "known_at" in names else {"known_at": F.lit(None).cast("timestamp")}
    fact_time = F.col(FACT_TIMES[table])
    known_at = fact_time
    if "known_at" in names:
        known_at = F.when(F.col("_known_at").isNull(), fact_time).otherwise(F.col("known_at"))
    defaults = {"known_at": known_at}
    if table == "events":
        kind = F.lit(DEFAULT_KIND)
        defaults["kind"] = F.coalesce("kind", kind) if "kind" in names else kind
    return defaults


def _rules(table: str, names: Sequence[str], known_at: datetime | None) -> list[Column]:
    rules: list[Rule] = []
    for name in names:
        faults = broken(table, name, F.col(f"_{name}"), F.col(name))
        rules += [(condition, reason, name) for condition, reason in faults]
    latest = known_at or LATEST
    if table in FACT_TIMES:
        rules += two_times(FACT_TIMES[table], latest)
    else:
        rules.append((F.col("known_at") > F.lit(latest), Reason.FROM_THE_FUTURE, "known_at"))
    if table == "availability" and "until_at" in names:
        rules.append((F.col("until_at") <= F.col("from_at"), Reason.OUT_OF_RANGE, "until_at"))
    return [_rule_column(rule) for rule in rules]


def _rule_column(rule: Rule) -> Column:
    condition, reason, field = rule
    return F.when(
        condition, F.struct(F.lit(reason.value).alias("reason"), F.lit(field).alias("field"))
    )


def _as_text(names: Sequence[str]) -> Column:
    return F.to_json(F.struct(*(F.col(f"_{n}").alias(n) for n in names)))
