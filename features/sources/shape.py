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
    required_columns,
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
        *(typed(n, F.col(n)).cast(columns()[n].type).alias(n) for n in names),
    )
    defaults = _defaults(table, names)
    rows = rows.withColumns(defaults)
    rule = F.coalesce(
        F.when(F.col("fault").isNotNull(), _named("fault", "fault_field")),
        *_rules(table, names, known_at),
    )
    raw = F.when(rule.isNotNull(), F.coalesce("raw", F.substring(_as_text(names), 1, RAW_LENGTH)))
    values = dict.fromkeys([*names, *defaults])
    kept = rows.select("landing_id", "file", "line", raw.alias("raw"), rule.alias("rule"), *values)
    return kept.withColumns({"reason": F.col("rule.reason"), "field": F.col("rule.field")}).drop(
        "rule"
    )


def _defaults(table: str, names: Sequence[str]) -> dict[str, Column]:
    if table not in FACT_TIMES:
        return {} if "known_at" in names else {"known_at": F.lit(None).cast("timestamp")}
    happened = F.col(FACT_TIMES[table])
    given_at = (
        F.when(F.col("_known_at").isNull(), happened).otherwise(F.col("known_at"))
        if "known_at" in names
        else happened
    )
    kind = F.coalesce("kind", F.lit(DEFAULT_KIND)) if "kind" in names else F.lit(DEFAULT_KIND)
    return {"known_at": given_at, **({"kind": kind} if table == "events" else {})}


def _rules(table: str, names: Sequence[str], known_at: datetime | None) -> list[Column]:
    needed = required_columns(table)
    rules: list[Rule] = [
        (condition, reason, name)
        for name in names
        for condition, reason in broken(name, name in needed, F.col(f"_{name}"), F.col(name))
    ]
    latest = known_at or LATEST
    if table in FACT_TIMES:
        rules += two_times(FACT_TIMES[table], latest)
    else:
        rules.append((F.col("known_at") > F.lit(latest), Reason.FROM_THE_FUTURE, "known_at"))
    if table == "availability" and "until_at" in names:
        rules.append((F.col("until_at") <= F.col("from_at"), Reason.OUT_OF_RANGE, "until_at"))
    return [
        F.when(c, F.struct(F.lit(r.value).alias("reason"), F.lit(n).alias("field")))
        for c, r, n in rules
    ]


def _named(reason: str, field: str) -> Column:
    return F.struct(F.col(reason).alias("reason"), F.col(field).alias("field"))


def _as_text(names: Sequence[str]) -> Column:
    return F.to_json(F.struct(*(F.col(f"_{n}").alias(n) for n in names)))
