"""events, titles -> contexts: what was played at which hour, by country and genre, in the weeks before the run date."""

from datetime import date

from pyspark.sql import SparkSession

from conf.days import end_of
from conf.nearline import nearline_settings
from features.contexts import hour_plays
from jobs.io import tables
from jobs.io.command import day_job


def build_contexts(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`, or none where no title that was played has a genre."""
    days = nearline_settings().context.days
    frame = hour_plays(tables.read(spark, "events"), tables.read(spark, "titles"), end_of(ds), days).coalesce(1)
    found = frame.toArrow()  # at most countries x 24 x genres
    if not found.num_rows:
        tables.forget_day(spark, "contexts", ds)
        return f"no plays of titles with genres in {days} days"
    return f"{tables.replace_day(spark, 'contexts', ds, spark.createDataFrame(found), rows=found.num_rows)} rows"


if __name__ == "__main__":
    day_job("build_contexts", __doc__, build_contexts)
