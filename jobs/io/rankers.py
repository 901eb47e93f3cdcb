"""Which ranker serves a day, read from the `rankers` table."""

import json
from datetime import date, timedelta

from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from conf.days import end_of
from features.context import context_features
from jobs.io import tables
from models.package import Package
from models.page.build import UNTRAINED
from models.rankers.continuation import MODE, ORDER
from models.resuming import Resuming


def serving_ranker(spark: SparkSession, ranker: str, ds: date) -> tuple[Package | None, str]:
    """The newest promoted ranker trained on nothing after `ds`, and its id; popularity where there is none."""
    fit = tables.read(spark, "rankers").where(
        (F.col("ranker") == ranker) & F.col("promoted") & (F.col("ds") <= F.lit(ds))
    )
    newest = fit.orderBy(F.col("ds").desc(), F.col("ranker_id")).first()
    return (None, UNTRAINED) if newest is None else (package_of(newest), newest["ranker_id"])


def resuming_at(spark: SparkSession, ds: date) -> Resuming:
    """The rankers of Continue Watching that serve the pages of the day after `ds`."""
    order, order_id = serving_ranker(spark, ORDER, ds)
    mode, _ = serving_ranker(spark, MODE, ds)
    return Resuming(order, order_id, mode, context_features(end_of(ds + timedelta(days=1))))


def package_of(row: Row) -> Package:
    """A row of `rankers` as a package; nothing is loaded yet."""
    return Package(row["model"], row["model_sha256"], json.loads(row["probe"]), tuple(row["feature_names"]))
