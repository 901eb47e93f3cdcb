"""events, profiles -> profile_features: what was known of each profile at the end of one day."""

from datetime import date

from pyspark.sql import SparkSession

from conf.days import end_of
from features.profile import profile_features
from jobs.io.step import day_job
from jobs.io.tables import spark as tables
from jobs.io.tables.events import events_learned_on


def build_profile_features(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`."""
    events_learned_on(spark, ds)  # an error where the day was never landed
    events, profiles = tables.read(spark, "events"), tables.read(spark, "profiles")
    features = profile_features(events, profiles, end_of(ds))
    count = tables.replace_day(spark, "profile_features", ds, features)
    return f"{count} profiles"


if __name__ == "__main__":
    day_job("build_profile_features", __doc__, build_profile_features)
