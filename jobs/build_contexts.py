"""events, titles -> contexts: titles begun by hour, weekday and device in the weeks before."""

from datetime import date

from pyspark.sql import SparkSession

from conf.days import end_of
from conf.nearline import nearline_settings
from features.contexts import context_starts
from jobs.io.step import day_job
from jobs.io.tables import spark as tables


def build_contexts(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`, or none where no title that was begun has a genre or a kind."""
    settings = nearline_settings().context
    events, titles = tables.read(spark, "events"), tables.read(spark, "titles")
    starts = context_starts(events, titles, end_of(ds), settings).coalesce(1)
    counts = starts.toArrow()  # at most countries x (24 + 7 + devices) x (genres + kinds)
    if not counts.num_rows:
        tables.forget_day(spark, "contexts", ds)
        return f"nothing with a genre or a kind was begun in {settings.days} days"
    frame = spark.createDataFrame(counts)
    rows = tables.replace_day(spark, "contexts", ds, frame, rows=counts.num_rows)
    return f"{rows} rows"


if __name__ == "__main__":
    day_job("build_contexts", __doc__, build_contexts)
