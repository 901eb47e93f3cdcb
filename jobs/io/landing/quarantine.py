"""What landing decides about records: which files are refused whole, which records go to
quarantine, and the counts.
"""
# Tested by tests/jobs/test_ingest_events.py.

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from conf.contracts import contract
from conf.errors import UserMistake
from conf.landing import FACT_TIMES, RAW_LENGTH, content_columns, version_keys
from features.sources.identity import DUPLICATE, NEW, REJECTED, UNDATED
from jobs.io.landing.files import Landing
from jobs.io.landing.records import BROKEN_FILE
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables


@dataclass(frozen=True)
class Receipt:
    """What became of the records of one file."""

    target_table: str
    file: str
    landing_id: str
    accepted_count: int
    duplicate_count: int
    rejected_count: int
    source: str
    again: bool = False  # landed before; nothing was read
    held_count: int = 0
    landed_at: datetime | None = None


@dataclass(frozen=True)
class Span:
    """The first day on which sound records happened and the last moment at which one was learned;
    None for none.
    """

    happened_from: date | None
    known_until: datetime | None


def refuse_whole(rows: DataFrame, table: str) -> Span:
    """Stop, before any table changes, at a file that breaks off, or where a table would get no
    sound record at all.

    `rows` are shaped; the answer tells between which moments the sound ones lie. Every record wrong
    means a wrong file, not wrong records.
    """
    broken = F.col("reason").isNotNull()
    seen = rows.agg(
        F.count(F.when(~broken, 1)).alias("sound"),
        F.count(F.when(broken, 1)).alias("broken"),
        F.min(F.when(broken, F.struct("line", "file", "reason", "field", "raw"))).alias("first"),
        F.min(F.when(~broken, F.to_date(FACT_TIMES.get(table, "known_at")))).alias("happened_from"),
        F.max(F.when(~broken, F.col("known_at"))).alias("known_until"),
    ).collect()[0]
    if seen["broken"]:
        _refuse(table, seen["sound"], seen["broken"], seen["first"])
    return Span(seen["happened_from"], seen["known_until"])


def _refuse(table: str, sound: int, broken: int, first: Row) -> None:
    if first["line"] == BROKEN_FILE:
        raise UserMistake(f"{first['file']}: cannot be read to its end ({first['raw']})")
    if not sound:
        field = f"{first['field']}: " if first["field"] else ""
        raise UserMistake(
            f"{first['file']}:{first['line']}: {field}{first['reason']}; none of the {broken} records for"
            f" {table} keeps the contract, so nothing was landed"
        )


def receipts_of(verdicts: DataFrame, landings: Sequence[Landing], source: str) -> list[Receipt]:
    """The receipts of files of one table, from the fates of their records; an undated version stops
    the landing.
    """
    counts: dict[str, Counter[str]] = {}
    for row in verdicts.groupBy("landing_id", "fate").count().collect():
        counts.setdefault(row["landing_id"], Counter())[row["fate"]] = row["count"]
    if any(fates[UNDATED] for fates in counts.values()):
        keys = ", ".join(version_keys(landings[0].table))
        raise UserMistake(
            f"{landings[0].file}: changes a {keys} landed before, and no event says when; give --known-at"
        )
    fates = [(landing, counts.get(landing.landing_id, Counter())) for landing in landings]
    return [
        Receipt(x.table, x.file, x.landing_id, fate[NEW], fate[DUPLICATE], fate[REJECTED], source)
        for x, fate in fates
    ]


def quarantine(spark: SparkSession, table: str, verdicts: DataFrame) -> None:
    """Append the rejected records, once for each file: a landing cut short may have got so far
    before.
    """
    query = (
        f"SELECT DISTINCT landing_id FROM quarantine WHERE target_table = '{contract(table).table}'"
    )
    there = (
        arrow_tables.sql(query)["landing_id"].to_pylist()
        if arrow_tables.was_written("quarantine")
        else []
    )
    rejected = verdicts.where(F.col("fate") == REJECTED).where(~F.col("landing_id").isin(there))
    rejected = rejected.withColumn("target_table", F.lit(table))
    text = F.to_json(
        F.struct(*(name for name in content_columns(table) if name in verdicts.columns))
    )
    raw = F.coalesce("raw", F.substring(text, 1, RAW_LENGTH)).alias("raw")
    records = rejected.select("target_table", "file", "line", "field", "reason", raw, "landing_id")
    if not there or not records.isEmpty():
        tables.append(spark, "quarantine", records.coalesce(1), f"landing {table}")


def keep(spark: SparkSession, receipts: Iterable[Receipt]) -> None:
    """Append the receipts: the last commit of a landing."""
    names = contract("landings").columns
    rows = [{name: getattr(r, name) for name in names} for r in receipts if not r.again]
    if rows:
        frame = spark.createDataFrame(rows, tables.schema_of(spark, "landings"))
        tables.append(spark, "landings", frame.coalesce(1))


def receipts() -> dict[tuple[str, str], Receipt]:
    """Receipts of earlier landings by (table, landing_id)."""
    if arrow_tables.newest_version("landings") < 0:
        return {}
    names = [field.name for field in fields(Receipt)]
    found = {}
    for row in arrow_tables.whole_table("landings").to_pylist():
        known = {name: row[name] for name in names if row.get(name) is not None}
        found[row["target_table"], row["landing_id"]] = Receipt(**known)
    return found


def again(earlier: Receipt, file: str) -> Receipt:
    """The receipt of a file whose bytes were landed before: all that was sound is a duplicate now."""
    known = earlier.accepted_count + earlier.duplicate_count
    return replace(earlier, file=file, accepted_count=0, duplicate_count=known, again=True)
