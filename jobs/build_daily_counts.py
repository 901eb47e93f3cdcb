"""events -> daily_counts: what was learned on one day, as partials that windows add up."""

from datetime import date

from pyspark.sql import SparkSession

from conf.days import end_of
from features.asof import known_records
from features.daily import daily_counts
from jobs.io.step import day_job
from jobs.io.tables import spark as tables
from jobs.io.tables.events import events_learned_on


def build_daily_counts(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`; a day on which no event was learned is the user's mistake."""
    events_learned_on(spark, ds)  # for its refusal of a day without events
    log = known_records(tables.read(spark, "events"), end_of(ds))
    counts = daily_counts(log, [ds])
    rows = tables.replace_day(spark, "daily_counts", ds, counts)
    return f"{rows} rows"


if __name__ == "__main__":
    day_job("build_daily_counts", __doc__, build_daily_counts)
