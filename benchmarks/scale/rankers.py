"""The rankers that serve a made service: trained by the real weekly jobs on a small one.

Their features do not tell the size of a service, so that a model of a small one serves a large one
at the cost it would have there. What is measured is cost: every ranker serves, whatever its
verdict, and the figures have the shape of its trees.
"""

# Tested by tests/benchmarks/scale/test_service.py.

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
from pyspark.sql import SparkSession

from benchmarks.scale.plays import Service
from benchmarks.scale.service import write_service
from closed_loop.homes import environment_variables
from jobs import direct
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables

TRAINING = ("build_examples", "build_resumes", "train_rankers")
MEMBERS, TITLES, DAYS = 400, 600, 30  # of the service that rankers are trained on


def trained_rankers(
    spark: SparkSession, home: Path, like: Service, say: Callable[[str], None]
) -> pa.Table:
    """The rows of `rankers` of a small service in tables of its own; made once for a home."""
    small = Service(MEMBERS, TITLES, DAYS, like.plays_a_day, like.ds, like.seed + 1)
    with tables_of(home):
        if not arrow_tables.was_written("rankers"):
            write_service(spark, small, say)
            for job in TRAINING:
                say(f"{job}: {direct.run_step(spark, job, last_sunday(like.ds))}")
        table = arrow_tables.open_table("rankers")
        assert table is not None
        return pa.table(table.to_pyarrow_table())


def tables_of(home: Path) -> AbstractContextManager[None]:
    """The tables of the small service."""
    return environment_variables(FRONTROW_TABLES=str(home / "rankers" / "tables"))


def last_sunday(ds: date) -> date:
    """The newest Sunday before a day: rankers are trained for the week that ends with it."""
    return ds - timedelta(days=ds.isoweekday())


def serve(spark: SparkSession, rankers: pa.Table) -> None:
    """Write the rankers into the tables of a service, each allowed to serve."""
    place = rankers.schema.get_field_index("promoted")
    promoted = rankers.set_column(place, "promoted", pa.array([True] * rankers.num_rows))
    tables.append(spark, "rankers", spark.createDataFrame(promoted))


def shapes(rankers: pa.Table) -> dict[str, dict[str, int]]:
    """Of each ranker how many trees it has, and the leaves of the largest."""
    found = {}
    for record in rankers.select(["ranker", "model"]).to_pylist():
        leaves = [int(count) for count in re.findall(r"^num_leaves=(\d+)", record["model"], re.M)]
        found[record["ranker"]] = {"trees": len(leaves), "leaves": max(leaves, default=0)}
    return found
