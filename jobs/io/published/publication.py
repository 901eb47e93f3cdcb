"""What may be published, and the receipt that says it was."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.errors import Rejected
from jobs.io.code_version import code_version
from jobs.io.published.receipts import PUBLISHED, PublicationReceipt, next_instant
from jobs.io.tables import spark as tables


@dataclass(frozen=True)
class AuditedDrafts:
    """The drafts that an audit passed: nothing else may be published."""

    drafts_version: int
    content_hash: str


def passed_audit(spark: SparkSession, ds: date) -> AuditedDrafts:
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
    return AuditedDrafts(newest, rows[0]["content_hash"])


def homepage_receipts(spark: SparkSession) -> list[PublicationReceipt]:
    """All receipts of the homepage, in the order of publication."""
    mine = tables.read(spark, "publications").where(F.col("table_name") == PUBLISHED)
    there = [
        field.name for field in fields(PublicationReceipt) if field.name in mine.columns
    ]  # older tables have fewer
    found = [PublicationReceipt(**row.asDict()) for row in mine.select(*there).collect()]
    return sorted(
        (replace(r, published_at=_utc(r.published_at)) for r in found),
        key=lambda receipt: receipt.order,
    )


def _utc(instant: datetime | None) -> datetime | None:
    """An instant as Spark gives it, without a zone, since the session's is UTC."""
    return None if instant is None else instant.replace(tzinfo=UTC)


def note_of(ds: date, audited: AuditedDrafts) -> str:
    """What the commit of a publication says of itself, so that a run that was cut short finds it again."""
    return json.dumps(
        {"content_hash": audited.content_hash, "publishes": ds.isoformat()}, sort_keys=True
    )


def version_with(commits: Iterable[tables.Commit], note: str) -> int | None:
    """The newest commit that bears the note."""
    return max((commit.version for commit in commits if commit.note == note), default=None)


def keep_receipt(
    spark: SparkSession, ds: date, audited: AuditedDrafts, version: int
) -> PublicationReceipt:
    """Append the receipt of a publication, its last step: until then readers go on with the version before."""
    published_at = next_instant(homepage_receipts(spark), datetime.now(UTC))
    row = row_counts(tables.read_day(spark, PUBLISHED, ds, version)) | {
        "table_name": PUBLISHED,
        "published_at": published_at,
        "table_version": version,
        "content_hash": audited.content_hash,
        "drafts_version": audited.drafts_version,
        "input_versions": {
            "drafts": audited.drafts_version,
            "audits": tables.version_of(spark, "audits"),
        },
        "ds": ds,
    }
    append_receipt(spark, row)
    return PublicationReceipt(
        ds, version, row["rows_count"], row["profiles_count"], audited.content_hash, published_at
    )


def row_counts(rows: DataFrame) -> dict[str, Any]:
    """What a receipt says of published rows: how many there are, of how many profiles, and by which rankers."""
    found = rows.agg(
        F.count(F.lit(1)).alias("rows_count"),
        F.countDistinct("profile_id").alias("profiles_count"),
        F.array_join(F.sort_array(F.collect_set("ranker_id")), " ").alias("ranker_id"),
    ).first()
    assert found is not None  # an aggregate has one row
    return found.asDict()


def append_receipt(spark: SparkSession, row: Mapping[str, Any]) -> None:
    """Append a receipt by its columns, but for the code's version; what is not given is null."""
    schema, row = tables.schema_of(spark, "publications"), {**row, "code_version": code_version()}
    tables.append(
        spark,
        "publications",
        spark.createDataFrame([tuple(row.get(f.name) for f in schema)], schema),
    )
