"""profile_features, title_features, similars, rankers, policies -> drafts: every profile's page in one pass."""

from datetime import date

from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from jobs.io import tables
from jobs.io.command import day_job
from jobs.io.page_maker import page_maker


def assemble_drafts(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`: one row for each profile and row of its page."""
    profiles = tables.read_day(spark, "profile_features", ds)
    maker = page_maker(spark, ds)
    schema = StructType([field for field in tables.schema_of(spark, "drafts").fields if field.name != "ds"])
    shared = spark.sparkContext.broadcast(maker)
    pages = profiles.mapInArrow(lambda batches: shared.value(batches), schema)
    rows = tables.replace_day(spark, "drafts", ds, pages)
    return f"{rows} rows, ranker {maker.ranker_id}, {maker.builder}"


if __name__ == "__main__":
    day_job("assemble_drafts", __doc__, assemble_drafts)
