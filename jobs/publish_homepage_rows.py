"""drafts, audits -> homepage_rows, publications: the audited drafts, in one commit."""

from datetime import date

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.errors import Rejected
from jobs.io.published import publication
from jobs.io.published.receipts import PUBLISHED, newest_receipt
from jobs.io.step import day_job
from jobs.io.tables import spark as tables


def publish_homepage_rows(spark: SparkSession, ds: date) -> str:
    """Publish the audited drafts of `ds`; the same content again changes nothing."""
    audited = publication.passed_audit(spark, ds)
    _refuse_changed_drafts(spark, ds, audited)
    receipt = newest_receipt(publication.homepage_receipts(spark), ds)
    note = publication.note_of(ds, audited)
    was_published = receipt is not None or _commit_version(spark, note) is not None
    stored = tables.read(spark, PUBLISHED).where(F.col("ds") == F.lit(ds))
    is_same = was_published and tables.content_hash(stored) == audited.content_hash
    if is_same and receipt is not None and receipt.content_hash == audited.content_hash:
        return f"{receipt.rows_count} rows were published already, version {receipt.table_version}"
    if not is_same:
        # drafts are in order: a page is in few groups
        drafts = tables.read_day(spark, "drafts", ds, audited.drafts_version)
        tables.replace_day(spark, PUBLISHED, ds, drafts, note, rows=drafts.count())
    version = _commit_version(spark, note)
    if version is None:  # the day's rows are right, but the log no longer tells who wrote them
        version = tables.version_of(spark, PUBLISHED)
    receipt = publication.keep_receipt(spark, ds, audited, version)
    return (
        f"{receipt.rows_count} rows of {receipt.profiles_count} profiles,"
        f" version {receipt.table_version}"
    )


def _commit_version(spark: SparkSession, note: str) -> int | None:
    """The version that the newest commit with the note wrote."""
    return publication.version_with(tables.commits(spark, PUBLISHED), note)


def _refuse_changed_drafts(
    spark: SparkSession, ds: date, audited: publication.AuditedDrafts
) -> None:
    if tables.version_of(spark, "drafts") == audited.drafts_version:
        return  # nothing was written since, not even another day
    now = tables.content_hash(tables.read_day(spark, "drafts", ds))
    if now != audited.content_hash:
        raise Rejected(
            f"ds={ds}: the drafts changed after their audit (version {audited.drafts_version}),"
            f" so nothing was published; run `python -m jobs.run_audits --ds {ds}`"
            f" and publish again"
        )


if __name__ == "__main__":
    day_job("publish_homepage_rows", __doc__, publish_homepage_rows)
