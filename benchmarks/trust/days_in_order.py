"""Days built in one process, one after the other: `python -m benchmarks.trust.days_in_order DAY ...`.

A job that may be tried again is, as Airflow would; the last line is how many tries that took.
"""

# Tested by tests/benchmarks/trust/test_schedules.py.

import sys
from collections.abc import Sequence
from datetime import date

from pyspark.sql import SparkSession

from conf.days import parse_day
from conf.errors import Retryable
from conf.schedule import cadence
from jobs import direct
from jobs.io.session import open_session

MOST_TRIES = 6
UNCOMPILED = {  # of tables this small a fifth of the time is spent on compiling plans
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


def build(spark: SparkSession, days: Sequence[date]) -> int:
    """Build and publish the days; how many times a job was tried again."""
    again = 0
    for ds in days:
        for job in cadence("homepage_daily").jobs:
            again += _tries(spark, job, ds) - 1
    return again


def _tries(spark: SparkSession, job: str, ds: date) -> int:
    for number in range(1, MOST_TRIES):
        try:
            direct.run_step(spark, job, ds)
        except Retryable as error:
            print(f"{job} {ds}: {error}", flush=True)
        else:
            return number
    direct.run_step(spark, job, ds)
    return MOST_TRIES


if __name__ == "__main__":
    session = open_session("trust")
    for option, value in UNCOMPILED.items():
        session.conf.set(option, value)
    print(build(session, [parse_day(text) for text in sys.argv[1:]]))
