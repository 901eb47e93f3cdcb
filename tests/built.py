"""A small lake with everything built: landed log, a trained ranker, two published days."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from unittest.mock import patch

from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from conf.candidates import candidate_settings
from conf.rankers import PromotionSettings
from jobs import build_examples, direct
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import delta_log
from jobs.io.tables import spark as tables
from jobs.io.tables.part_files import PartFile
from jobs.io.tables.partitions import Key
from jobs.training import ranker
from models.rankers.promotion import Gain, Judgement, Verdict, verdict
from tests import worlds

WEEK = date(2026, 4, 26)
DAYS = (date(2026, 4, 29), date(2026, 4, 30))
READS = "_reads.json"


def build(spark: SparkSession, root: Path) -> Path:
    """Land a random log under `root`, train on its last full week and build its last two days.

    Beside the tables READS says which of them each job read.
    """
    with tables_at(root), reads_noted() as reads:
        worlds.write_log(
            spark, worlds.random_events(5, count=900, profiles=16, titles=40), titles=40
        )
        with few_cuts():
            direct.run_dag(spark, "rankers_weekly", WEEK)
        for day in DAYS:
            direct.run_dag(spark, "homepage_daily", day)
    by_job = {job: sorted(names) for job, names in sorted(reads.items()) if job}
    (root / READS).write_text(json.dumps(by_job, indent=1) + "\n")
    return root


@contextmanager
def reads_noted() -> Iterator[dict[str, set[str]]]:
    """The tables that each job reads through the doors of `jobs.io.tables`, by job."""
    reads: dict[str, set[str]] = {}
    jobs = [""]
    step, by_spark, by_arrow = direct.run_step, tables.read, arrow_tables.open_table
    by_log = delta_log.part_files

    def run_step(spark: SparkSession, job: str, ds: date) -> str:
        """Run a job and remember its name."""
        jobs[0] = job
        return step(spark, job, ds)

    def read(spark: SparkSession, name: str, version: int | None = None) -> DataFrame:
        """Read and take note."""
        reads.setdefault(jobs[0], set()).add(name)
        return by_spark(spark, name, version)

    def open_table(name: str, version: int | None = None) -> DeltaTable | None:
        """Open and take note."""
        reads.setdefault(jobs[0], set()).add(name)
        return by_arrow(name, version)

    def part_files(spark: SparkSession, name: str, key: Key, version: int) -> list[PartFile] | None:
        """List and take note."""
        reads.setdefault(jobs[0], set()).add(name)
        return by_log(spark, name, key, version)

    with (
        patch.object(direct, "run_step", run_step),
        patch.object(delta_log, "part_files", part_files),
        patch.object(tables, "read", read),
        patch.object(arrow_tables, "open_table", open_table),
    ):
        yield reads


@contextmanager
def few_cuts() -> Iterator[None]:
    """Train on three cuts and promote every ranker: a test wants one that serves, not a good one."""
    few = candidate_settings().model_copy(
        update={"cuts": 3, "step_days": 7, "judged_every": 1, "judged_cuts": 1}
    )

    def promoted(judgement: Judgement, gain: Gain, needs: PromotionSettings) -> Verdict:
        """The true sentence, whatever it says."""
        return Verdict(True, verdict(judgement, gain, needs).reason)

    with (
        patch.object(build_examples, "candidate_settings", lambda: few),
        patch.object(ranker, "verdict", promoted),
    ):
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
