"""profile_features -> similars: for every title, the titles that a play of it speaks for."""

# Tested by tests/jobs/test_offline_days.py.

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
    profiles = tables.read_day(spark, "profile_features", ds)
    histories = profiles.select(F.col("history.title_id").alias("titles"))
    ease, cosine = item_models_of(histories, catalogue)
    rows = pa.concat_tables([_rows("ease", ease, catalogue), _rows("cosine", cosine, catalogue)])
    tables.replace_day(spark, "similars", ds, spark.createDataFrame(rows))
    return f"{rows.num_rows} rows"


def _rows(method: str, neighbours: Neighbours, catalogue: Catalogue) -> pa.Table:
    """One row for each title, with its neighbours by one method."""
    title_ids = pa.array(catalogue.title_ids, pa.string())
    neighbour_ids = title_ids.take(pa.array(neighbours.title))
    weights = pa.array(neighbours.weight)
    pairs = pa.StructArray.from_arrays([neighbour_ids, weights], ["title_id", "weight"])
    offsets = pa.array(neighbours.offsets, pa.int32())
    return pa.table(
        {
            "method": pa.array([method] * len(title_ids)),
            "title_id": title_ids,
            "neighbours": pa.ListArray.from_arrays(offsets, pairs),
        }
    )


if __name__ == "__main__":
    day_job("build_similars", __doc__, build_similars)
