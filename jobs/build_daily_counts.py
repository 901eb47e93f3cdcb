"""events -> daily_counts: what was learned on one day, as partials that windows add up."""

from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.errors import UserMistake
from features.daily import daily_counts
from jobs.io import tables
from jobs.io.command import day_job


def build_daily_counts(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`; a day on which nothing was learned is the user's mistake."""
    events = tables.read(spark, "events")
    day = events.where(F.col("ds") == F.lit(ds))
    if day.isEmpty():
        raise UserMistake(_nothing_learned(events, ds))
    counts = daily_counts(day)
    tables.replace_day(spark, "daily_counts", ds, counts)
    return f"{tables.read_day(spark, 'daily_counts', ds).count()} rows"


def _nothing_learned(events: DataFrame, ds: date) -> str:
    first, last = events.agg(F.min("ds"), F.max("ds")).first() or (None, None)
    if first is None:
        return "table events is empty; run `frontrow land` first"
    return f"--ds {ds}: no events were learned on that day; the log runs from {first} to {last}"


if __name__ == "__main__":
    day_job("build_daily_counts", __doc__, build_daily_counts)
