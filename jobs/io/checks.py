"""What landing decides about records: which files are refused whole, which records go to quarantine, and the counts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.errors import UserMistake
from features.sources.identity import DUPLICATE, NEW, REJECTED
from jobs.io import tables
from jobs.io.records import BROKEN_FILE


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


def refuse_whole(rows: DataFrame, table: str) -> None:
    """Stop, before any table changes, at a file that breaks off, or where a table would get no sound record at all.

    `rows` are shaped. Every record wrong means a wrong file, not wrong records.
    """
    seen = F.col("reason").isNotNull()
    worst = rows.agg(
        F.count(F.when(~seen, 1)).alias("sound"),
        F.count(F.when(seen, 1)).alias("broken"),
        F.min(F.when(seen, F.struct("line", "file", "reason", "field", "raw"))).alias("first"),
    ).first()
    if worst is None or not worst["broken"]:
        return
    first = worst["first"]
    if first["line"] == BROKEN_FILE:
        raise UserMistake(f"{first['file']}: cannot be read to its end ({first['raw']})")
    if not worst["sound"]:
        field = f"{first['field']}: " if first["field"] else ""
        raise UserMistake(
            f"{first['file']}:{first['line']}: {field}{first['reason']}; none of the {worst['broken']} records for"
            f" {table} keeps the contract, so nothing was landed"
        )


def counts(judged: DataFrame) -> dict[str, Counter[str]]:
    """Records by landing_id and fate."""
    found: dict[str, Counter[str]] = {}
    for row in judged.groupBy("landing_id", "fate").count().collect():
        found.setdefault(row["landing_id"], Counter())[row["fate"]] = row["count"]
    return found


def receipt(table: str, file: str, landing_id: str, fates: Counter[str], source: str) -> Receipt:
    """The receipt of a file from the fates of its records."""
    return Receipt(table, file, landing_id, fates[NEW], fates[DUPLICATE], fates[REJECTED], source)


def quarantine(spark: SparkSession, table: str, judged: DataFrame) -> None:
    """Append the rejected records, once for each file: a landing cut short may have got so far before."""
    there = tables.read(spark, "quarantine").where(F.col("target_table") == table).select("landing_id").distinct()
    rejected = judged.where(F.col("fate") == REJECTED).withColumn("target_table", F.lit(table))
    rejected = rejected.join(F.broadcast(there), "landing_id", "left_anti")
    named = rejected.select("target_table", "file", "line", "field", "reason", "raw", "landing_id")
    if not named.isEmpty():
        tables.append(spark, "quarantine", named.coalesce(1), f"landing {table}")


def keep(spark: SparkSession, receipts: Iterable[Receipt]) -> None:
    """Append the receipts: the last commit of a landing."""
    rows = [
        (r.landing_id, r.target_table, r.file, r.accepted_count, r.rejected_count, r.duplicate_count, r.source)
        for r in receipts
        if not r.again
    ]
    if rows:
        tables.append(spark, "landings", spark.createDataFrame(rows, tables.schema_of(spark, "landings")).coalesce(1))


def receipts_of(spark: SparkSession) -> dict[tuple[str, str], Receipt]:
    """Receipts of earlier landings by (table, landing_id)."""
    return {
        (row["target_table"], row["landing_id"]): Receipt(
            row["target_table"],
            row["file"],
            row["landing_id"],
            row["accepted_count"],
            row["duplicate_count"],
            row["rejected_count"],
            row["source"],
        )
        for row in tables.read(spark, "landings").collect()
    }
