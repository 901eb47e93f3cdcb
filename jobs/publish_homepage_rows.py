"""drafts, audits -> homepage_rows, publications, search_suggestions: the audited drafts, in one commit."""

from datetime import date

from pyspark.sql import SparkSession

from conf.errors import Rejected
from jobs.io import search_suggestions
from jobs.io.faults import told
from jobs.io.published import publication, rollbacks
from jobs.io.published.receipts import PUBLISHED, UPKEEP_NOTE, newest_receipt
from jobs.io.step import day_job
from jobs.io.tables import delta_log, fences, seals, worker_writes
from jobs.io.tables import spark as tables
from jobs.io.tables.part_files import content_of
from jobs.io.tables.partitions import day_key


def publish_homepage_rows(spark: SparkSession, ds: date) -> str:
    """Publish the audited drafts of `ds`; the same content again changes nothing.

    What another run published since this one began stays: Superseded.
    """
    fence, receipt_fence = publication.publication_fences(PUBLISHED, day_key(ds))
    audited = publication.passed_audit(spark, ds)
    _refuse_changed_drafts(spark, ds, audited)
    receipts = publication.homepage_receipts(spark)
    rollbacks.refuse_held(receipts, (ds, None))
    receipt = newest_receipt(receipts, ds)
    note = publication.note_of(ds, audited)
    was_published = receipt is not None or _commit_version(spark, note) is not None
    is_same = was_published and _content_hash(spark, PUBLISHED, ds) == audited.content_hash
    if is_same and receipt is not None and receipt.content_hash == audited.content_hash:
        if receipt.drafts_version != audited.drafts_version:
            fences.renew(fence, UPKEEP_NOTE)  # other drafts were audited in between
            seals.seal(PUBLISHED)
        note = _suggestions_note(spark, ds, receipt.table_version)
        line = f"{receipt.rows_count} rows were published already, version {receipt.table_version}"
        return f"{line}{note}"
    if not is_same:
        with fences.through(spark, fence):
            _publish(spark, ds, audited, note)
    version = _commit_version(spark, note)
    if version is None:  # the day's rows are right, but the log no longer tells who wrote them
        version = tables.version_of(spark, PUBLISHED)
    with fences.through(spark, receipt_fence):
        receipt = publication.keep_receipt(spark, ds, audited, version)
    return (
        f"{receipt.rows_count} rows of {receipt.profiles_count} profiles,"
        f" version {receipt.table_version}"
        f"{_suggestions_note(spark, ds, receipt.table_version)}"
    )


def _suggestions_note(spark: SparkSession, ds: date, version: int) -> str:
    """Write what a search offers of these pages, unless it is there; what goes wrong with it is said,
    and holds no page back.
    """
    try:
        if search_suggestions.version_of(ds) != version:
            search_suggestions.write_suggestions(spark, ds, version)
    except Exception as fault:
        print(f"alarm: degraded: search_suggestions of {ds} not written: {told(fault)}", flush=True)
        return "; what a search offers could not be written"
    return ""


def _publish(spark: SparkSession, ds: date, audited: publication.AuditedDrafts, note: str) -> None:
    """Replace the published day by the audited drafts: their files as they are, where workers wrote
    them, else their rows.
    """
    version = audited.drafts_version
    files = delta_log.part_files(spark, "drafts", day_key(ds), version)
    if files is None or not worker_writes.takes_files(spark, PUBLISHED):
        drafts = tables.read_day(spark, "drafts", ds, version)
        if tables.content_hash(drafts) != audited.content_hash:
            raise _changed(ds, audited)
        # drafts are in order: a page is in few groups
        tables.replace_day(spark, PUBLISHED, ds, drafts, note, rows=drafts.count())
        return
    if str(content_of(files)) != audited.content_hash:
        raise _changed(ds, audited)
    worker_writes.copy_day(spark, "drafts", PUBLISHED, ds, files, note)


def _content_hash(spark: SparkSession, name: str, ds: date) -> str:
    """The content hash of a day as it is now."""
    return delta_log.content_hash(spark, name, ds, tables.version_of(spark, name))


def _commit_version(spark: SparkSession, note: str) -> int | None:
    """The version that the newest commit with the note wrote."""
    return publication.version_with(tables.commits(spark, PUBLISHED), note)


def _refuse_changed_drafts(
    spark: SparkSession, ds: date, audited: publication.AuditedDrafts
) -> None:
    if tables.version_of(spark, "drafts") == audited.drafts_version:
        return  # nothing was written since, not even another day
    if _content_hash(spark, "drafts", ds) != audited.content_hash:
        raise _changed(ds, audited)


def _changed(ds: date, audited: publication.AuditedDrafts) -> Rejected:
    return Rejected(
        f"ds={ds}: the drafts changed after their audit (version {audited.drafts_version}),"
        f" so nothing was published; run `python -m jobs.run_audits --ds {ds}` and publish again"
    )


if __name__ == "__main__":
    day_job("publish_homepage_rows", __doc__, publish_homepage_rows)
