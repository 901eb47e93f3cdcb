"""What may be published, and the receipt that says it was."""

# Tested by tests/jobs/test_publish_homepage_rows.py.

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.errors import Rejected
from jobs.io.code_version import code_version
from jobs.io.published import rollbacks
from jobs.io.published.draft_notes import refused_rankers
from jobs.io.published.receipts import PUBLISHED, PublicationReceipt, next_instant
from jobs.io.tables import delta_log, fences
from jobs.io.tables import spark as tables
from jobs.io.tables.fences import Fence
from jobs.io.tables.part_files import files_checksum
from jobs.io.tables.partitions import Key, day_key


@dataclass(frozen=True)
class AuditedDrafts:
    """The drafts that an audit passed: nothing else may be published."""

    drafts_version: int
    content_hash: str


def passed_audit(spark: SparkSession, ds: date) -> AuditedDrafts:
    """The drafts that the newest audit of a day passed; Rejected where it failed."""
    all_findings = tables.read_day(spark, "audits", ds).orderBy("rule").collect()
    newest = max(row["drafts_version"] for row in all_findings)
    findings = [row for row in all_findings if row["drafts_version"] == newest]
    broken = [row["rule"] for row in findings if not row["passed"]]
    if broken:
        raise Rejected(
            f"ds={ds}: the audit of drafts version {newest} failed ({', '.join(broken)}),"
            f" so nothing was published; build the drafts again and audit them"
        )
    return AuditedDrafts(newest, findings[0]["content_hash"])


def homepage_receipts(spark: SparkSession) -> list[PublicationReceipt]:
    """All receipts of the homepage, in the order of publication."""
    rows = tables.read(spark, "publications").where(F.col("table_name") == PUBLISHED)
    # older tables have fewer columns
    names = [field.name for field in fields(PublicationReceipt) if field.name in rows.columns]
    receipts = []
    for row in rows.select(*names).collect():
        receipt = PublicationReceipt(**row.asDict())
        receipts.append(replace(receipt, published_at=_utc(receipt.published_at)))
    return sorted(receipts, key=lambda receipt: receipt.order)


def _utc(instant: datetime | None) -> datetime | None:
    """An instant as Spark gives it, without a zone, since the session's is UTC."""
    return None if instant is None else instant.replace(tzinfo=UTC)


def publication_fences(table_name: str, key: Key) -> tuple[Fence, Fence]:
    """Fences of a published partition and of its receipt, for who takes them before it reads."""
    return fences.taken(table_name, key), rollbacks.receipt_fence(table_name, key)


def note_of(ds: date, audited: AuditedDrafts) -> str:
    """The note of a publication's commit, by which a run that was cut short finds it again."""
    note = {"content_hash": audited.content_hash, "publishes": ds.isoformat()}
    return json.dumps(note, sort_keys=True)


def version_with(commits: Iterable[tables.Commit], note: str) -> int | None:
    """The version of the newest commit with the note."""
    return max((commit.version for commit in commits if commit.is_noted(note)), default=None)


def keep_receipt(
    spark: SparkSession, ds: date, audited: AuditedDrafts, version: int
) -> PublicationReceipt:
    """Append the receipt of a publication, its last step.

    Until then readers go on with the version before.
    """
    published_at = next_instant(homepage_receipts(spark), datetime.now(UTC))
    counts = row_counts(tables.read_day(spark, PUBLISHED, ds, version))
    audits_version = tables.version_of(spark, "audits")
    files = delta_log.part_files(spark, PUBLISHED, day_key(ds), version)
    record = {
        **counts,
        "table_name": PUBLISHED,
        "published_at": published_at,
        "table_version": version,
        "content_hash": audited.content_hash,
        "files_checksum": files and files_checksum(files),
        "drafts_version": audited.drafts_version,
        "refused_rankers": refused_rankers(ds, audited.drafts_version) or None,
        "input_versions": {"drafts": audited.drafts_version, "audits": audits_version},
        "ds": ds,
    }
    append_receipt(spark, record)
    return PublicationReceipt(
        ds=ds,
        table_version=version,
        rows_count=counts["rows_count"],
        profiles_count=counts["profiles_count"],
        content_hash=audited.content_hash,
        published_at=published_at,
        drafts_version=audited.drafts_version,
    )


def row_counts(rows: DataFrame) -> dict[str, Any]:
    """How many published rows there are, of how many profiles, and by which rankers."""
    ranker_ids = F.array_join(F.sort_array(F.collect_set("ranker_id")), " ")
    counts = rows.agg(
        F.count(F.lit(1)).alias("rows_count"),
        F.countDistinct("profile_id").alias("profiles_count"),
        ranker_ids.alias("ranker_id"),
    ).first()
    assert counts is not None  # an aggregate has one row
    return counts.asDict()


def append_receipt(spark: SparkSession, record: Mapping[str, Any]) -> None:
    """Append a receipt by its columns; `code_version` is added, a column left out is null."""
    schema = tables.schema_of(spark, "publications")
    columns = {**record, "code_version": code_version()}
    row = tuple(columns.get(field.name) for field in schema)
    tables.append(spark, "publications", spark.createDataFrame([row], schema))
