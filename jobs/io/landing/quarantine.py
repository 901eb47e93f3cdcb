"""What becomes of records: which go to quarantine, and the receipt of each file."""
# Tested by tests/jobs/test_ingest_events.py.

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from conf.contracts import contract
from conf.errors import Reason, UserMistake
from conf.landing import ABOUT, RAW_LENGTH, content_columns, version_keys
from features.sources.versions import DUPLICATE, HELD, NEW, REJECTED, UNDATED
from jobs.io.landing.files import Landing
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
    nameless_count: int = 0  # refused ones that do not say whom they are about
    empty_count: int = 0  # lines without anything, which are rejected and say nothing

    @property
    def refused_count(self) -> int:
        """How many records are refused."""
        return self.rejected_count - self.empty_count

    @property
    def count(self) -> int:
        """How many records the file has."""
        return self.accepted_count + self.duplicate_count + self.refused_count


def receipts_of(
    verdicts: DataFrame, landings: Sequence[Landing], source: str, landed_at: datetime
) -> list[Receipt]:
    """The receipts of files of one table, from the fates of their records; an undated version stops
    the landing.
    """
    table = landings[0].table
    key = F.struct(*version_keys(table)) if table in ABOUT else F.lit(None)
    kept = F.countDistinct(F.when(F.col("fate") == HELD, key))
    is_empty = F.coalesce(F.col("reason") == Reason.EMPTY_LINE.value, F.lit(False))
    nobody = F.col(ABOUT[table]).isNull() if table in ABOUT else F.lit(False)
    counts: dict[str, dict[str, Row]] = {}
    grouped = verdicts.groupBy("landing_id", "fate").agg(
        F.count("*").alias("count"),
        kept.alias("keys"),
        F.count(F.when(nobody & ~is_empty, 1)).alias("nameless"),
        F.count(F.when(is_empty, 1)).alias("empty"),
    )
    for row in grouped.collect():
        counts.setdefault(row["landing_id"], {})[row["fate"]] = row
    if any(UNDATED in fates for fates in counts.values()):
        keys = ", ".join(version_keys(table))
        raise UserMistake(
            f"{landings[0].file}: changes a {keys} landed before, and no event says when; give --known-at"
        )
    return [_receipt(x, source, landed_at, counts.get(x.landing_id, {})) for x in landings]


def _receipt(
    landing: Landing, source: str, landed_at: datetime, fates: Mapping[str, Row]
) -> Receipt:
    def of(fate: str, name: str = "count") -> int:
        return int(fates[fate][name]) if fate in fates else 0

    return Receipt(
        landing.table,
        landing.file,
        landing.landing_id,
        of(NEW),
        of(DUPLICATE),
        of(REJECTED),
        source,
        held_count=of(HELD, "keys"),
        landed_at=landed_at,
        nameless_count=of(REJECTED, "nameless"),
        empty_count=of(REJECTED, "empty"),
    )


def quarantine(spark: SparkSession, table: str, verdicts: DataFrame) -> None:
    """Append the rejected records, once for each file: a landing cut short may have got so far
    before.
    """
    there = landing_ids("quarantine", f"target_table = '{contract(table).table}'")
    rejected = verdicts.where(F.col("fate") == REJECTED).where(~F.col("landing_id").isin(there))
    rejected = rejected.withColumn("target_table", F.lit(table))
    text = F.to_json(
        F.struct(*(name for name in content_columns(table) if name in verdicts.columns))
    )
    raw = F.coalesce("raw", F.substring(text, 1, RAW_LENGTH)).alias("raw")
    records = rejected.select("target_table", "file", "line", "field", "reason", raw, "landing_id")
    if not there or not records.isEmpty():
        tables.append(spark, "quarantine", records.coalesce(1), f"landing {table}")


def landing_ids(table: str, condition: str = "true") -> list[str]:
    """The landings of which a table holds anything."""
    if not arrow_tables.was_written(table):
        return []
    query = f"SELECT DISTINCT landing_id FROM {contract(table).table} WHERE {condition}"
    ids: list[str] = arrow_tables.sql(query)["landing_id"].to_pylist()
    return ids


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
