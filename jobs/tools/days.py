"""The steps of a DAG by direct calls, without Airflow: for benches, tests and the simulated world."""

import importlib
from datetime import date

from pyspark.sql import SparkSession

from conf.schedule import cadence


def run(spark: SparkSession, dag_id: str, ds: date) -> dict[str, str]:
    """Run the jobs of a DAG for one run date, in their order, in one session; what each of them said, by job."""
    said = {}
    for job in cadence(dag_id).jobs:
        step = getattr(importlib.import_module(f"jobs.{job}"), job)
        said[job] = step(spark, ds)
        spark.catalog.clearCache()
    return said
