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
    RAW_LENGTH,
    file_columns,
    header_columns,
    required_columns,
)
from features.sources.typed import broken, given, two_times, typed

Rule = tuple[Column, Reason, str]


def shaped(records: DataFrame, table: str, latest: datetime) -> DataFrame:
    """Rows of `table` from its text records: landing_id, file, line, raw, reason, field, then the
    columns of a file.

    `reason` and `field` name the first rule that the record breaks, both null for a sound one;
    `raw` is kept for a broken one only. Of a fact, known_at is when it happened unless the file
    says otherwise; of a version it stays null then, and there are two columns more: `given`, the
    columns that it has, and `unread`, those of them that break a rule. `latest` is the moment after
    which nothing can have happened or been learned.
    """
    names = [name for name in file_columns(table) if name in records.columns]
    texts = records.withColumns({name: given(name) for name in names})
    marks = [] if table in FACT_TIMES else ["given"]
    rows = texts.select(
        "landing_id",
        "file",
        "line",
        "raw",
        "fault",
        "fault_field",
        *marks,
        *(F.col(n).alias(f"_{n}") for n in names),
        *(typed(table, n, F.col(n)).cast(columns()[n].type).alias(n) for n in names),
    )
    defaults = _defaults(table, names)
    rows = rows.withColumns(defaults)
    fault = F.struct(F.col("fault").alias("reason"), F.col("fault_field").alias("field"))
    reading_fault = F.when(F.col("fault").isNotNull(), fault)
    rules = _rules(table, names, latest)
    rule = F.coalesce(reading_fault, *(_rule_column(rule) for rule in rules))
    start_of_text = F.substring(_as_text(names), 1, RAW_LENGTH)
    raw = F.when(rule.isNotNull(), F.coalesce("raw", start_of_text))
    values = dict.fromkeys([*names, *defaults])
    if marks:
        marks.append("unread")
        # what an adapter adds is given too
        filled = F.array_compact(F.array(*(F.when(F.col(f"_{n}").isNotNull(), n) for n in names)))
        all_given = F.array_union("given", filled)
        rows = rows.withColumns({"unread": _unread(names, rules), "given": all_given})
    rows = rows.withColumns({"raw": raw, "rule": rule})
    rows = rows.select("landing_id", "file", "line", "raw", "rule", *marks, *values)
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


def _rules(table: str, names: Sequence[str], latest: datetime) -> list[Rule]:
    rules: list[Rule] = []
    for name in names:
        faults = broken(table, name, F.col(f"_{name}"), F.col(name))
        if name in required_columns(table) and name not in header_columns(table):
            faults = [
                (condition & F.array_contains("given", name), why) for condition, why in faults
            ]
        rules += [(condition, reason, name) for condition, reason in faults]
    if table in FACT_TIMES:
        rules += two_times(FACT_TIMES[table], latest)
    else:
        rules.append((F.col("known_at") > F.lit(latest), Reason.FROM_THE_FUTURE, "known_at"))
    if table == "availability" and "until_at" in names:
        rules.append((F.col("until_at") <= F.col("from_at"), Reason.OUT_OF_RANGE, "until_at"))
    return rules


def _unread(names: Sequence[str], rules: Sequence[Rule]) -> Column:
    """The columns that break a rule; of a record that is broken as a whole all but whom it is about."""
    broken_names = []
    for name in names:
        conditions = [condition for condition, _, field in rules if field == name]
        is_broken = F.coalesce(*(F.when(condition, True) for condition in conditions), F.lit(False))
        as_whole = F.col("fault").isNotNull() & F.col("fault_field").isNull()
        is_lost = as_whole & F.col(f"_{name}").isNull()
        is_fault = F.coalesce(F.col("fault_field") == name, F.lit(False))
        broken_names.append(F.when(is_broken | is_lost | is_fault, F.lit(name)))
    return F.array_compact(F.array(*broken_names))


def _rule_column(rule: Rule) -> Column:
    condition, reason, field = rule
    return F.when(
        condition, F.struct(F.lit(reason.value).alias("reason"), F.lit(field).alias("field"))
    )


def _as_text(names: Sequence[str]) -> Column:
    return F.to_json(F.struct(*(F.col(f"_{n}").alias(n) for n in names)))
