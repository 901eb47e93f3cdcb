"""`frontrow bench spine`: the offline path from a log to published pages, timed and repeated.

The repetition shows whether the same day gives the same content.
"""

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
from jobs.io.landing.span import days_of_log, planned
from jobs.io.progress import progress_printer
from jobs.io.session import open_session
from jobs.io.tables import spark as tables

REBUILT_TABLES = (
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
    """Time landing, training and one offline day in tables of their own, without Airflow.

    Example: frontrow bench spine --dataset files --input my_log/
    """
    say = progress_printer(Console(stderr=as_json), time.monotonic())
    with _empty_tables(), peak_memory() as peak:
        landings = ingest_events.files_to_land(dataset, folder)
        spark = open_session("bench spine")

        def build(dag_id: str, ds: date) -> None:
            """Run a DAG's steps for a run date, and say so."""
            say(f"{dag_id} {ds}")
            direct.run_dag(spark, dag_id, ds)

        try:
            figures = _figures(spark, dataset, landings, build, again)
        finally:
            spark.stop()
    report("spine", figures | {"peak_rss_mb": round(peak.megabytes)}, as_json)


def _figures(
    spark: SparkSession,
    dataset: str,
    landings: list[ingest_events.Landing],
    build: Build,
    again: bool,
) -> Figures:
    """Land, train and build the last day; with `again`, build it again and after other days."""
    figures: Figures = {}
    with _timed(figures, "land_s"):
        ingest_events.ingest_events(spark, dataset, landings)
    figures |= _sizes(spark)
    plan = planned(*days_of_log())
    with _timed(figures, "train_s"):
        for week in plan.get("rankers_weekly", []):
            build("rankers_weekly", week)
    day = plan["homepage_daily"][-1]
    # once unmeasured: Python workers and compiled page code are warm after it
    build("homepage_daily", day)
    with _timed(figures, "offline_day_s"):
        build("homepage_daily", day)
    rows = tables.read_day(spark, "homepage_rows", day)
    pages = rows.select("profile_id").distinct().count()
    figures["pages"] = pages
    figures["pages_per_s"] = round(pages / float(figures["offline_day_s"]), 1)
    figures["content_hash"] = _content_hash(spark, day)
    if again:
        run_dates = plan["homepage_daily"]
        hashes = _rebuilt_hashes(spark, run_dates, build)
        figures["same_hash_after_rerun"] = set(hashes) == {figures["content_hash"]}
    return figures


def _rebuilt_hashes(spark: SparkSession, run_dates: list[date], build: Build) -> list[str]:
    """Content hashes of the last day: built again, then after the other days backwards."""
    last, *others = reversed(run_dates)
    hashes = []
    for ds in (last, *others, last):
        for table in REBUILT_TABLES:
            # so that building cannot pass by leaving the old rows in place
            tables.forget_day(spark, table, ds)
        build("homepage_daily", ds)
        if ds == last:
            hashes.append(_content_hash(spark, last))
    return hashes


def _content_hash(spark: SparkSession, ds: date) -> str:
    """The content hash of the published rows of a day."""
    return tables.content_hash(tables.read_day(spark, "homepage_rows", ds))


def _sizes(spark: SparkSession) -> Figures:
    events = tables.read(spark, "events")
    counts = events.agg(
        F.count("*").alias("events"), F.count_distinct("profile_id").alias("members")
    )
    row = counts.collect()[0]
    titles = tables.read(spark, "titles").count()
    return {"members": row["members"], "titles": titles, "events": row["events"]}


@contextmanager
def _timed(figures: Figures, key: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    figures[key] = round(time.monotonic() - began, 2)


@contextmanager
def _empty_tables() -> Iterator[None]:
    """Tables of the bench's own: a user's stay as they are, and no earlier run helps."""
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
