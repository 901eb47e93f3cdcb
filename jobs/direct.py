"""The steps of a DAG by direct calls, without Airflow: for benches, tests and the closed loop."""

import importlib
from collections.abc import Callable
from datetime import date

from pyspark.sql import SparkSession

from conf.schedule import cadence


def run_dag(
    spark: SparkSession, dag_id: str, ds: date, say: Callable[[str], None] = lambda _: None
) -> dict[str, str]:
    """Run the jobs of a DAG for one run date, in order, in one session; returns their lines."""
    lines = {}
    for job in cadence(dag_id).jobs:
        lines[job] = run_step(spark, job, ds)
        say(f"{job}: {lines[job]}")
    return lines


def run_step(spark: SparkSession, job: str, ds: date) -> str:
    """Run one job for one run date and drop what it kept in memory; the line that it returns."""
    step = getattr(importlib.import_module(f"jobs.{job}"), job)
    line: str = step(spark, ds)
    spark.catalog.clearCache()
    return line
