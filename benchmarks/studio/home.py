"""A home as large as a studio has to serve: a made log, and a night of pages by the real jobs.

Stand-ins are the log itself, rankers of a small service, and, above MOST_MADE profiles, copies of them.
"""

# Tested by tests/benchmarks/studio/test_run.py.

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import psutil
from pyspark.sql import SparkSession

from benchmarks.scale import rankers
from benchmarks.scale.made import session
from benchmarks.scale.night import DAY_BEFORE
from benchmarks.scale.plays import Service
from benchmarks.scale.service import write_service
from benchmarks.studio.copies import copy_profiles
from conf.days import parse_day
from conf.schedule import cadence
from conf.settings import load_settings
from jobs import direct, run_audits, serve_pages
from jobs.io.published import homepage
from jobs.io.tables import arrow as arrow_tables

DS = parse_day("2026-03-30")
SEED = 28
DAYS, PLAYS_A_DAY = 30, 0.7
MOST_MADE = 2_500  # profiles whose pages are made; the others are copies of them


def copies_of(profiles: int) -> int:
    """How often each profile that is made is there, so that there are so many.

    >>> copies_of(500), copies_of(50_000)
    (1, 20)
    """
    return -(-profiles // MOST_MADE)


def service_of(profiles: int, titles: int) -> Service:
    """The made service of a size, without the copies of its profiles."""
    return Service(-(-profiles // copies_of(profiles)), titles, DAYS, PLAYS_A_DAY, DS, SEED)


def make_home(home: Path, service: Service, copies: int, say: Callable[[str], None]) -> float:
    """Write a service into a folder, build its last night and a release, unless that was done before;
    the share of the night's CPU that `title_health` took.

    Its rankers are those of a small service of the same kind, and of each profile there are `copies`:
    what is measured is how long people wait.
    """
    made = home / "made.json"
    with session(home) as spark:
        if _is_made() and made.exists():
            return float(json.loads(made.read_text())["title_health_cost_share"])
        trained = rankers.trained_rankers(spark, home, service, say)
        say(f"{service.members:,} profiles, {service.titles:,} titles, {service.days} days")
        write_service(spark, service, say)
        rankers.serve(spark, trained)
        for job in DAY_BEFORE:
            direct.run_step(spark, job, service.ds - timedelta(days=1))
        share = _night(spark, service.ds, copies, say)
        say(f"serve_pages: {serve_pages.serve_pages()}")
    made.write_text(json.dumps({"title_health_cost_share": share}))
    return share


def _night(spark: SparkSession, day: date, copies: int, say: Callable[[str], None]) -> float:
    """Build a day, its profiles copied before the audit; the share of its jobs' CPU that
    `title_health` took, which is too high where there are copies: no job made their pages.
    """
    spent = 0.0
    with counted(run_audits, "write_title_health") as health:
        for job in cadence("homepage_daily").jobs:
            if job == "run_audits" and copies > 1:
                copy_profiles(spark, day, copies)
                say(f"each profile is there {copies} times")
            before = tree_cpu_s()
            say(f"{job}: {direct.run_step(spark, job, day)}")
            spent += max(
                0.0, tree_cpu_s() - before
            )  # what Spark's workers spent is lost as they end
    return sum(health) / spent


def title_health_share(spark: SparkSession, day: date, say: Callable[[str], None]) -> float:
    """Build a day; the share of its CPU that `title_health` took."""
    before = tree_cpu_s()
    with counted(run_audits, "write_title_health") as health:
        direct.run_dag(spark, "homepage_daily", day, say)
    return sum(health) / (tree_cpu_s() - before)


def share_of_a_copy(say: Callable[[str], None]) -> float:
    """The same of the newest day of this home, built again in a copy: the home stays as it is."""
    with TemporaryDirectory(prefix="frontrow-studio-") as folder:
        copied = Path(folder) / "home"
        shutil.copytree(load_settings().tables_root, copied / "tables")
        with session(copied) as spark:
            day = homepage.newest_day(homepage.publication_receipts())
            title_health_share(spark, day, say)  # once to load and compile all that a night needs
            return title_health_share(spark, day, say)


@contextmanager
def counted(module: Any, name: str) -> Iterator[list[float]]:
    """The CPU seconds of each call of a function of a module, all threads of this process together."""
    spent: list[float] = []
    function = getattr(module, name)

    def call(*arguments: Any, **options: Any) -> Any:
        """Call it and look at the clock."""
        began = time.process_time()
        try:
            return function(*arguments, **options)
        finally:
            spent.append(time.process_time() - began)

    with patch.object(module, name, call):
        yield spent


def tree_cpu_s() -> float:
    """The CPU seconds of this process and of all that it started, with those that ended."""
    own = psutil.Process()
    return sum(sum(each.cpu_times()[:4]) for each in (own, *own.children(recursive=True)))


def _is_made() -> bool:
    """Whether the last night of the service of FRONTROW_HOME was published."""
    if not arrow_tables.was_written("publications"):
        return False
    return any(receipt.ds == DS for receipt in homepage.publication_receipts())
