"""profile_features, title_features, similars, rankers, policies, experiments -> drafts, assignments."""

# Tested by tests/jobs/test_offline_days.py too.

from collections.abc import Collection
from datetime import date

from pyspark.sql import SparkSession

from conf.days import end_of
from conf.errors import FrontrowError
from jobs.io.experiments import assigned, register
from jobs.io.experiments.variants import variants
from jobs.io.faults import known_error
from jobs.io.promises import prices_of_day, told
from jobs.io.published import draft_notes
from jobs.io.snapshot.page_maker import page_maker_from
from jobs.io.snapshot.spark import SparkSnapshot
from jobs.io.step import day_job
from jobs.io.tables import spark as tables
from jobs.io.tables import worker_writes
from models.page.variants import VariantPages, Variants, faulty_variants

WORTH_A_TASK = 400  # profiles, beside a worker's start
LONG_TASK = 10_000  # profiles, some minutes of pages: what is lost where a worker dies


def assemble_drafts(spark: SparkSession, ds: date, without: Collection[str] = ()) -> str:
    """Write the partition of `ds`: one row for each profile and row of its page.

    Members of a variant have its page, made beside the control's. One that cannot be built, and
    those of `without`, have the control's, and an alarm says so.
    """
    try:
        return _assembled(spark, ds, without)
    except Exception as error:
        known: FrontrowError | None = known_error(error)
        faulty = faulty_variants(str(known)) if known else ()
        if not faulty or set(faulty) <= set(without):
            raise
        print(f"alarm: degraded: {known}; its members get the control's pages", flush=True)
        return assemble_drafts(spark, ds, {*without, *faulty})


def _assembled(spark: SparkSession, ds: date, without: Collection[str]) -> str:
    profiles = tables.read_day(spark, "profile_features", ds)
    profiles = assigned.write_assignments(spark, ds, profiles, without)
    tasks = _task_count(profiles.count(), spark.sparkContext.defaultParallelism)
    in_order = profiles.repartitionByRange(tasks, "profile_id").sortWithinPartitions("profile_id")
    snapshot = SparkSnapshot(spark, end_of(ds))
    changes = {cell: own for cell, own in register.changes(ds).items() if cell not in without}
    built = variants(snapshot, changes)
    maker = page_maker_from(snapshot)
    for line in maker.degraded:
        print(f"alarm: degraded: {line}", flush=True)  # the DAG's task raises it
    priced = prices_of_day(ds, profiles, maker)
    maker = maker.priced(each.as_price for each in priced)
    shared = spark.sparkContext.broadcast(VariantPages(maker, built))
    rows = worker_writes.replace_day(
        spark,
        "drafts",
        ds,
        in_order,
        lambda batches: shared.value(batches),
        draft_notes.note_of(ds, maker.degraded, maker.prices),
    )
    return f"{rows} rows, ranker {maker.ranker_id}, {maker.builder}{_told(built)}{told(priced)}"


def _told(built: Variants) -> str:
    """The variants that were built, for people."""
    return f", variants {', '.join(sorted(built.changes))}" if built.changes else ""


def _task_count(profiles: int, cores: int) -> int:
    """How many tasks build the pages of so many profiles.

    As many as have work on these cores; more where a task would be long.
    """
    return max(1, min(cores, profiles // WORTH_A_TASK), profiles // LONG_TASK)


if __name__ == "__main__":
    day_job("assemble_drafts", __doc__, assemble_drafts)
