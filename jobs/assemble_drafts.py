"""profile_features, title_features, similars, rankers, policies -> drafts: every profile's page."""

from datetime import date

from pyspark.sql import SparkSession

from jobs.io.snapshot.page_maker import page_maker
from jobs.io.step import day_job
from jobs.io.tables import spark as tables
from jobs.io.tables import worker_writes

WORTH_A_TASK = 400  # profiles, beside a worker's start
LONG_TASK = 10_000  # profiles, some minutes of pages: what is lost where a worker dies


def assemble_drafts(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`: one row for each profile and row of its page."""
    profiles = tables.read_day(spark, "profile_features", ds)
    tasks = _task_count(profiles.count(), spark.sparkContext.defaultParallelism)
    in_order = profiles.repartitionByRange(tasks, "profile_id").sortWithinPartitions("profile_id")
    maker = page_maker(spark, ds)
    for line in maker.degraded:
        print(f"alarm: degraded: {line}", flush=True)  # the DAG's task raises it
    shared = spark.sparkContext.broadcast(maker)
    rows = worker_writes.replace_day(
        spark, "drafts", ds, in_order, lambda batches: shared.value(batches)
    )
    return f"{rows} rows, ranker {maker.ranker_id}, {maker.builder}"


def _task_count(profiles: int, cores: int) -> int:
    """How many tasks build the pages of so many profiles.

    As many as have work on these cores; more where a task would be long.
    """
    return max(1, min(cores, profiles // WORTH_A_TASK), profiles // LONG_TASK)


if __name__ == "__main__":
    day_job("assemble_drafts", __doc__, assemble_drafts)
