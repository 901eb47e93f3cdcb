"""Which row model serves a day, read from the `rankers` table."""

from datetime import date

from pyspark.sql import SparkSession

from jobs.io.rankers import serving_ranker
from models.page.row_model import NAME, RowModel


def serving_row_model(spark: SparkSession, ds: date) -> RowModel:
    """The newest promoted row model trained on nothing after `ds`; where there is none rows go by their worth alone."""
    package, model_id = serving_ranker(spark, NAME, ds)
    return RowModel(model_id if package else "worth", package)
