"""every table -> the same tables, lighter: days past their time deleted, small files joined, files
that nobody names removed.
"""

from datetime import date, timedelta

from pyspark.sql import SparkSession

from conf.contracts import contract, table_names
from jobs.io.step import day_job
from jobs.io.tables import spark as tables
from jobs.io.tables import upkeep

# Logs and receipts to which every run adds a file. No others: what is read at earlier versions
# (drafts, what is published, landings) keeps its files, and `events` the times of its files, which
# tell whether a day was counted since.
JOINED = (
    "publications",
    "impressions",
    "profiles",
    "titles",
    "availability",
    "artwork",
    "quarantine",
)

BY_LANDING = ("quarantine",)  # without days: as old as the landing that its rows came with


def maintain_tables(spark: SparkSession, ds: date) -> str:
    """Delete what is older than its contract's `retention_days` at the end of `ds`, join small
    files, and remove files that no commit of the last week names.

    Of rejected records a landing's go together, by its clock. Earlier versions can be read for a
    week.
    """
    written = [name for name in table_names() if tables.exists(spark, name)]
    deleted = 0
    for name in written:
        retention_days = contract(name).retention_days
        if retention_days is not None:
            first = ds - timedelta(days=retention_days)
            forget = upkeep.forget_landings_before if name in BY_LANDING else upkeep.forget_before
            deleted += forget(spark, name, first)
        if name in JOINED:
            upkeep.join_files(spark, name)
        upkeep.remove_unnamed_files(spark, name)
    return f"{len(written)} tables, {deleted} days and landings past their time deleted"


if __name__ == "__main__":
    day_job("maintain_tables", __doc__, maintain_tables)
