"""profile_features -> similars: for every title, the titles that a play of it speaks for."""

from datetime import date

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.days import end_of
from jobs.io.snapshot.past_log import item_models_of
from jobs.io.snapshot.spark import SparkSnapshot
from jobs.io.step import day_job
from jobs.io.tables import spark as tables
from models.catalogue.arrays import Catalogue, Neighbours


def build_similars(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`, both methods."""
    catalogue = SparkSnapshot(spark, end_of(ds)).catalogue()
    histories = tables.read_day(spark, "profile_features", ds).select(
        F.col("history.title_id").alias("titles")
    )
    ease, cosine = item_models_of(histories, catalogue)
    table = pa.concat_tables([_rows("ease", ease, catalogue), _rows("cosine", cosine, catalogue)])
    frame = spark.createDataFrame(table)
    tables.replace_day(spark, "similars", ds, frame)
    return f"{table.num_rows} rows"


def _rows(method: str, neighbours: Neighbours, catalogue: Catalogue) -> pa.Table:
    ids = pa.array(catalogue.title_ids, pa.string())
    target = pa.StructArray.from_arrays(
        [ids.take(pa.array(neighbours.title)), pa.array(neighbours.weight)], ["title_id", "weight"]
    )
    lists = pa.ListArray.from_arrays(pa.array(neighbours.offsets, pa.int32()), target)
    return pa.table({"method": pa.array([method] * len(ids)), "title_id": ids, "neighbours": lists})


if __name__ == "__main__":
    day_job("build_similars", __doc__, build_similars)
