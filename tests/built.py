"""A small lake with everything built: landed log, a trained ranker, two published days."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from unittest.mock import patch

from pyspark.sql import SparkSession

from conf.candidates import candidate_settings
from jobs import build_examples, direct
from jobs.io.tables import spark as tables
from tests import worlds

WEEK = date(2026, 4, 26)
DAYS = (date(2026, 4, 29), date(2026, 4, 30))


def build(spark: SparkSession, root: Path) -> Path:
    """Land a random log under `root`, train on its last full week and build its last two days."""
    with tables_at(root):
        worlds.write_log(
            spark, worlds.random_events(5, count=900, profiles=16, titles=40), titles=40
        )
        with few_cuts():
            direct.run_dag(spark, "rankers_weekly", WEEK)
        for day in DAYS:
            direct.run_dag(spark, "homepage_daily", day)
    return root


@contextmanager
def few_cuts() -> Iterator[None]:
    """Train on three cuts instead of ten: a test wants a ranker, not a good one."""
    few = candidate_settings().model_copy(update={"cuts": 3, "judged_cuts": 1})
    with patch.object(build_examples, "candidate_settings", lambda: few):
        yield


def copy_of(built: Path, root: Path) -> Path:
    """A copy that a test may change."""
    shutil.copytree(built, root)
    return root


@contextmanager
def tables_at(root: Path) -> Iterator[None]:
    """The tables of this process are those under `root`, for as long as it lasts."""
    before = os.environ.get("FRONTROW_TABLES")
    os.environ["FRONTROW_TABLES"] = str(root)
    try:
        yield
    finally:
        os.environ.pop("FRONTROW_TABLES")
        if before is not None:
            os.environ["FRONTROW_TABLES"] = before


def page_hash(spark: SparkSession, ds: date) -> str:
    """The content of a published day."""
    return tables.content_hash(tables.read_day(spark, "homepage_rows", ds))
