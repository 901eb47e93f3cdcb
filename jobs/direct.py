"""The steps of a DAG by direct calls, without Airflow: for benches, tests and the simulated world."""

import importlib
from collections.abc import Callable
from datetime import date

from pyspark.sql import SparkSession

from conf.schedule import cadence


def run_dag(
    spark: SparkSession, dag_id: str, ds: date, say: Callable[[str], None] = lambda _: None
) -> dict[str, str]:
    """Run the jobs of a DAG for one run date, in their order, in one session; what each of them said, by job."""
    said = {}
    for job in cadence(dag_id).jobs:
        said[job] = run_step(spark, job, ds)
        say(f"{job}: {said[job]}")
    return said


def run_step(spark: SparkSession, job: str, ds: date) -> str:
    """Run one job for one run date and let go of what it kept in memory; what it said."""
    said: str = getattr(importlib.import_module(f"jobs.{job}"), job)(spark, ds)
    spark.catalog.clearCache()
    return said
