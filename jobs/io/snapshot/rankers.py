"""Which ranker serves a day, read from the `rankers` table."""

import json
from datetime import date

from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from jobs.io.tables import spark as tables
from models.page.build import UNTRAINED
from models.rankers.package import Package


def serving_ranker(spark: SparkSession, ranker: str, ds: date) -> tuple[Package | None, str]:
    """The newest promoted ranker trained on nothing after `ds`, and its id; popularity where there is none."""
    fit = tables.read(spark, "rankers").where(
        (F.col("ranker") == ranker) & F.col("promoted") & (F.col("ds") <= F.lit(ds))
    )
    newest = fit.orderBy(F.col("ds").desc(), F.col("ranker_id")).first()
    return (None, UNTRAINED) if newest is None else (package_of(newest), newest["ranker_id"])


def package_of(row: Row) -> Package:
    """A row of `rankers` as a package; nothing is loaded yet."""
    return Package(
        row["model"], row["model_sha256"], json.loads(row["probe"]), tuple(row["feature_names"])
    )
