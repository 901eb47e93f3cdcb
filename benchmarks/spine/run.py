"""`frontrow bench spine`: the offline path from a log to published pages, timed, and built again to see it equal."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from rich.console import Console

from benchmarks.report import report
from benchmarks.spine.memory import peak_memory
from conf.settings import load_settings
from jobs import direct, ingest_events
from jobs.io.landing.span import planned
from jobs.io.progress import progress_printer
from jobs.io.session import open_session
from jobs.io.tables import spark as tables

BUILT = (
    "daily_counts",
    "title_features",
    "profile_features",
    "similars",
    "drafts",
    "homepage_rows",
)
Figures = dict[str, float | int | bool | str]
Build = Callable[[str, date], None]  # (DAG, run date)


@click.command()
@click.option(
    "--dataset", type=click.Choice(["ml-100k", "files"]), default="ml-100k", show_default=True
)
@click.option(
    "--input",
    "folder",
    type=click.Path(),
    help="The directory of a data set of your own (--dataset files).",
)
@click.option(
    "--again/--once",
    default=True,
    show_default=True,
    help="Build the day again, and after other days.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def spine(dataset: str, folder: str | None, again: bool, as_json: bool) -> None:
    """Time landing, training and one offline day in a lake of their own, without Airflow.

    Example: frontrow bench spine --dataset files --input my_log/
    """
    say = progress_printer(Console(stderr=as_json), time.monotonic())
    with _fresh_lake(), peak_memory() as peak:
        found = ingest_events.found(dataset, folder)
        spark = open_session("bench spine")

        def build(dag_id: str, ds: date) -> None:
            say(f"{dag_id} {ds}")
            direct.run_dag(spark, dag_id, ds)

        try:
            figures = _measured(spark, dataset, found, build, again)
        finally:
            spark.stop()
    report("spine", figures | {"peak_rss_mb": round(peak.megabytes)}, as_json)


def _measured(
    spark: SparkSession, dataset: str, found: list[ingest_events.Landing], build: Build, again: bool
) -> Figures:
    figures: Figures = {}
    with _timed(figures, "land_s"):
        ingest_events.ingest_events(spark, dataset, found)
    figures |= _sizes(spark)
    plan = planned(*_span(spark))
    with _timed(figures, "train_s"):
        for week in plan.get("rankers_weekly", []):
            build("rankers_weekly", week)
    day = plan["homepage_daily"][-1]
    build(
        "homepage_daily", day
    )  # once unmeasured: Python workers and compiled page code are warm after it
    with _timed(figures, "offline_day_s"):
        build("homepage_daily", day)
    figures["pages"] = (
        tables.read_day(spark, "homepage_rows", day).select("profile_id").distinct().count()
    )
    figures["pages_per_s"] = round(int(figures["pages"]) / float(figures["offline_day_s"]), 1)
    if again:
        figures["same_hash_after_rerun"] = _same_after_rerun(spark, plan["homepage_daily"], build)
    return figures


def _same_after_rerun(spark: SparkSession, run_dates: list[date], build: Build) -> bool:
    """The last day built twice, then the other days backwards, then the last day again: one content or not."""
    last, *others = reversed(run_dates)
    hashes = [_content(spark, last)]
    for ds in (last, *others, last):
        for table in BUILT:
            tables.forget_day(
                spark, table, ds
            )  # so that building cannot pass by leaving the old rows in place
        build("homepage_daily", ds)
        hashes += [_content(spark, last)] if ds == last else []
    return len(set(hashes)) == 1


def _content(spark: SparkSession, ds: date) -> str:
    return tables.content_hash(tables.read_day(spark, "homepage_rows", ds))


def _sizes(spark: SparkSession) -> Figures:
    events = tables.read(spark, "events")
    row = events.agg(F.count("*").alias("n"), F.count_distinct("profile_id").alias("m")).collect()[
        0
    ]
    return {"members": row["m"], "titles": tables.read(spark, "titles").count(), "events": row["n"]}


def _span(spark: SparkSession) -> tuple[date, date]:
    log = tables.read(spark, "events")
    row = log.agg(F.min("ds").alias("first"), F.max("ds").alias("last")).collect()[0]
    return row["first"], row["last"]


@contextmanager
def _timed(figures: Figures, key: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    figures[key] = round(time.monotonic() - began, 2)


@contextmanager
def _fresh_lake() -> Iterator[None]:
    """Tables of the bench's own, so that nobody's lake is touched and nothing of an earlier run helps."""
    home = load_settings().home_path / "bench"
    home.mkdir(parents=True, exist_ok=True)
    before = os.environ.get("FRONTROW_TABLES")
    with TemporaryDirectory(dir=home, prefix="spine-") as folder:
        os.environ["FRONTROW_TABLES"] = str(Path(folder) / "tables")
        try:
            yield
        finally:
            os.environ.pop("FRONTROW_TABLES")
            if before:
                os.environ["FRONTROW_TABLES"] = before
