"""daily_counts, titles -> title_features: what was known of each title at the end of one day."""

from datetime import date

from pyspark.sql import SparkSession

from conf.days import end_of
from features.daily import complete_counts
from features.title import title_features
from jobs.io.step import day_job
from jobs.io.tables import spark as tables
from jobs.io.tables.events import events_learned_on


def build_title_features(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`."""
    events_learned_on(spark, ds)  # an error where the day was never landed
    as_of = end_of(ds)
    events, stored_counts = tables.read(spark, "events"), tables.read(spark, "daily_counts")
    counts = complete_counts(events, stored_counts, as_of).persist()
    features = title_features(counts, tables.read(spark, "titles"), as_of)
    count = tables.replace_day(spark, "title_features", ds, features)
    counts.unpersist()
    return f"{count} titles"


if __name__ == "__main__":
    day_job("build_title_features", __doc__, build_title_features)
