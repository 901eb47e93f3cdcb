"""Receipts: what was published, from which audited drafts, and which version a reader may trust for a day."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.errors import Rejected, UserMistake
from jobs.io import tables
from jobs.io.code import code_version

PUBLISHED = "homepage_rows"
UPKEEP = {"CREATE TABLE", "OPTIMIZE", "VACUUM START", "VACUUM END"}  # commits that change no row


@dataclass(frozen=True)
class Receipt:
    """What one publication put before the readers."""

    ds: date
    table_version: int
    rows_count: int
    profiles_count: int
    content_hash: str


@dataclass(frozen=True)
class Audited:
    """The drafts that an audit passed: nothing else may be published."""

    drafts_version: int
    content_hash: str


def passed_audit(spark: SparkSession, ds: date) -> Audited:
    """What the newest audit of a day passed; one that failed, or was cut short, is refused."""
    rows = tables.read_day(spark, "audits", ds).orderBy("rule").collect()
    newest = max(row["drafts_version"] for row in rows)
    rows = [row for row in rows if row["drafts_version"] == newest]
    broken = [row["rule"] for row in rows if not row["passed"]]
    if broken:
        raise Rejected(
            f"ds={ds}: the audit of drafts version {newest} failed ({', '.join(broken)}), so nothing was published;"
            f" build the drafts again and audit them"
        )
    return Audited(newest, rows[0]["content_hash"])


def receipts(spark: SparkSession) -> list[Receipt]:
    """All receipts of the homepage, in the order of publication."""
    mine = tables.read(spark, "publications").where(F.col("table_name") == PUBLISHED)
    fields = ("ds", "table_version", "rows_count", "profiles_count", "content_hash")
    return [Receipt(*row) for row in mine.select(*fields).orderBy("table_version").collect()]


def newest_receipt(known: Iterable[Receipt], ds: date) -> Receipt | None:
    """The receipt that holds for a day: of its last publication."""
    mine = [receipt for receipt in known if receipt.ds == ds]
    return max(mine, key=lambda receipt: receipt.table_version) if mine else None


def note_of(ds: date, audited: Audited) -> str:
    """What the commit of a publication says of itself, so that a run that was cut short finds it again."""
    return json.dumps({"content_hash": audited.content_hash, "publishes": ds.isoformat()}, sort_keys=True)


def version_with(commits: Iterable[tables.Commit], note: str) -> int | None:
    """The newest commit that bears the note."""
    return max((commit.version for commit in commits if commit.note == note), default=None)


def keep_receipt(spark: SparkSession, ds: date, audited: Audited, version: int) -> Receipt:
    """Append the receipt of a publication, its last step: until then readers go on with the version before."""
    day = tables.read_day(spark, PUBLISHED, ds, version)
    counted = day.agg(
        F.count(F.lit(1)).alias("rows"), F.countDistinct("profile_id").alias("profiles"), F.min("ranker_id").alias("by")
    ).first()
    assert counted is not None  # an aggregate has one row
    row = {
        "table_name": PUBLISHED,
        "table_version": version,
        "rows_count": counted["rows"],
        "profiles_count": counted["profiles"],
        "content_hash": audited.content_hash,
        "drafts_version": audited.drafts_version,
        "ranker_id": counted["by"],
        "input_versions": {"drafts": audited.drafts_version, "audits": tables.version_of(spark, "audits")},
        "code_version": code_version(),
        "ds": ds,
    }
    schema = tables.schema_of(spark, "publications")
    tables.append(spark, "publications", spark.createDataFrame([tuple(row[f.name] for f in schema)], schema))
    return Receipt(ds, version, counted["rows"], counted["profiles"], audited.content_hash)


def trusted_version(known: Sequence[Receipt], commits: Iterable[tuple[int, str]], ds: date) -> int:
    """The version of the published table at which a day is what its receipt says.

    `commits` are (version, operation) of the table. The newest version serves, unless there is a commit after the
    day's receipt that no receipt tells of (a publication cut short, or somebody else's write): then the version of
    the receipt itself. A day without receipt was never published.
    """
    receipt = newest_receipt(known, ds)
    if receipt is None:
        days = sorted({r.ds for r in known})
        there = f"published days: {_days(days)}" if days else "nothing was published yet"
        raise UserMistake(f"no page was published for ds={ds}; {there}")
    changes = {version for version, operation in commits if operation not in UPKEEP}
    newest = max(changes, default=-1)
    if receipt.table_version > newest:
        raise Rejected(
            f"table {PUBLISHED}: the receipt of ds={ds} tells of version {receipt.table_version}, but the table ends at"
            f" version {newest}; commits were lost, publish the day again"
        )
    told = {r.table_version for r in known}
    untold = [version for version in changes if version > receipt.table_version and version not in told]
    return receipt.table_version if untold else newest


def agreed(receipt: Receipt, rows_count: int) -> None:
    """Refuse a day whose rows are not as many as its receipt says."""
    if rows_count != receipt.rows_count:
        raise Rejected(
            f"table {PUBLISHED}: ds={receipt.ds} has {rows_count} rows, its receipt says {receipt.rows_count};"
            f" publish the day again"
        )


def _days(days: Sequence[date]) -> str:
    shown = [str(day) for day in days]
    return ", ".join(shown) if len(shown) <= 6 else f"{shown[0]} to {shown[-1]} ({len(shown)} days)"
