"""Which ranker serves a day, read from the `rankers` table."""

from datetime import date

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.io.tables import spark as tables
from models.page.build import UNTRAINED
from models.rankers.package import ServingRanker, package_from


def serving_ranker(spark: SparkSession, ranker: str, ds: date) -> ServingRanker:
    """The newest promoted ranker of a name trained on nothing after `ds`; popularity where there is none."""
    rankers = tables.read(spark, "rankers")
    until = F.col("ds") <= F.lit(ds)
    promoted = rankers.where((F.col("ranker") == ranker) & F.col("promoted") & until)
    newest = promoted.orderBy(F.col("ds").desc(), F.col("ranker_id")).first()
    if newest is None:
        return ServingRanker(None, UNTRAINED)
    return ServingRanker(package_from(newest.asDict()), newest["ranker_id"])
