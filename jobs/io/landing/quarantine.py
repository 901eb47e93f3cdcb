"""What becomes of records: which go to quarantine, and the receipt of each file."""
# Tested by tests/jobs/test_ingest_events.py.

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from conf.contracts import contract
from conf.errors import Reason, UserMistake
from conf.landing import ABOUT, FACT_TIMES, RAW_LENGTH, content_columns, version_keys
from features.sources.versions import DUPLICATE, HELD, NEW, REJECTED, UNDATED
from jobs.io.landing.files import Landing
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import fences
from jobs.io.tables import spark as tables
from jobs.io.tables.fences import Fence


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


def keep(spark: SparkSession, receipts: Iterable[Receipt], fence: Fence) -> None:
    """Append receipts: the last commit of a landing."""
    names = contract("landings").columns
    rows = [{name: getattr(r, name) for name in names} for r in receipts if not r.again]
    if rows:
        frame = spark.createDataFrame(rows, tables.schema_of(spark, "landings"))
        with fences.through(spark, fence):
            tables.append(spark, "landings", frame.coalesce(1))


def landing_fences(landings: Sequence[Landing]) -> dict[str, Fence]:
    """A fence of each table that files go to, and of the receipts."""
    names = sorted({*(landing.table for landing in landings), "landings"})
    return {name: fences.taken(name, name=fences.LANDING) for name in names}


def with_rows_there(done: Sequence[Receipt]) -> list[Receipt]:
    """The receipts to keep: what a landing cut short had added before counts as accepted too, so
    that receipts add up to the rows of the tables. One that was kept before stays as it was.
    """
    before = receipts()
    kept = []
    for receipt in done:
        if (receipt.target_table, receipt.landing_id) in before:
            continue
        there = 0
        if receipt.target_table in FACT_TIMES:  # versions are judged without those of their file
            there = _rows_of(receipt.target_table, [receipt.landing_id]).get(receipt.landing_id, 0)
        accepted, repeated = receipt.accepted_count + there, receipt.duplicate_count - there
        kept.append(replace(receipt, accepted_count=accepted, duplicate_count=repeated))
    return kept


def whole_receipts(landings: Sequence[Landing]) -> dict[tuple[str, str], Receipt]:
    """Receipts of these files by (table, landing_id), where the table still has every row that they
    tell of: a receipt says nothing of what was lost since.
    """
    of_files = {(landing.table, landing.landing_id) for landing in landings}
    found = {key: receipt for key, receipt in receipts().items() if key in of_files}
    ids = [landing_id for _, landing_id in found]
    rows = {name: _rows_of(name, ids) for name in {table for table, _ in found}}
    return {
        (table, landing_id): receipt
        for (table, landing_id), receipt in found.items()
        if rows[table].get(landing_id, 0) >= receipt.accepted_count + receipt.held_count
    }


def _rows_of(table: str, ids: Sequence[str]) -> dict[str, int]:
    """How many rows a table has of each of these landings."""
    filters = [("landing_id", "in", list(ids))]
    column = arrow_tables.filtered_rows(table, filters, ["landing_id"])
    counts = column.group_by("landing_id").aggregate([([], "count_all")])
    names, numbers = counts["landing_id"].to_pylist(), counts["count_all"].to_pylist()
    return dict(zip(names, numbers, strict=True))


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
