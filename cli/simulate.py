"""`frontrow simulate`: days of a simulated service that shows the pages built for it."""
# Tested by tests/closed_loop/test_loop.py.

import contextlib
import time
from collections.abc import Iterator
from datetime import date
from functools import partial

import click
from pyspark.sql import SparkSession
from rich.console import Console

from closed_loop import folder as world_folder
from closed_loop import outcome
from closed_loop.days import ARMS, SimulatedService
from closed_loop.loop import Build, Say, next_day, simulate_days
from conf.settings import load_settings
from conf.world import WorldSettings, world_settings
from jobs import direct
from jobs.io.airflow.backfill import at_hand, build
from jobs.io.airflow.progress import require_success
from jobs.io.progress import progress_printer
from jobs.io.session import open_session


@click.command()
@click.option(
    "--days",
    type=click.IntRange(0, 3650),
    required=True,
    help="Days to simulate from the last one on; 0: only the past.",
)
@click.option(
    "--members",
    type=click.IntRange(1, 100_000_000),
    help="Accounts; each has one to five profiles.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    help="Seed of everything random; another one is another world.",
)
@click.option(
    "--airflow",
    "by_airflow",
    is_flag=True,
    help="Build pages with Airflow instead of direct calls.",
)
@click.option(
    "--compare/--no-compare",
    default=True,
    show_default=True,
    help="Also measure popular, random and oracle pages.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the last three days' figures as JSON.")
def simulate(
    days: int, members: int | None, seed: int | None, by_airflow: bool, compare: bool, as_json: bool
) -> None:
    """Simulate days of a streaming service that shows the pages which the pipeline builds for it.

    The first call makes the world and its past; later calls go on from its last day. A day is never
    simulated twice. The report is var/reports/world.html.

    Example: frontrow simulate --days 3
    """
    console = Console(stderr=as_json)
    say = progress_printer(console, time.monotonic())
    settings = world_of_options(members, seed)
    spark = open_session("simulate")
    try:
        accounts = f"{settings.accounts:,} made-up accounts"
        say(f"a simulated service: real titles of MovieLens 100K, {accounts}")
        world = world_folder.true_world(settings, load_settings())
        service = SimulatedService(spark, settings, world)
        arms = ARMS if compare else ARMS[:1]
        with page_builder(spark, settings, days, by_airflow, say, console) as build_pages:
            simulate_days(service, days, arms, build_pages, say)
    finally:
        spark.stop()
    if world_folder.last_day() != world_folder.PAST:
        outcome.show_outcome(settings, world, console, as_json)


def world_of_options(members: int | None, seed: int | None) -> WorldSettings:
    """The settings of the world that has begun, or of a new one with what the options change.

    Raises:
        UserMistake: an option differs from what the world began with.
    """
    changes: dict[str, object] = {}
    if members is not None:
        changes["accounts"] = members
    if seed is not None:
        changes["seed"] = seed
    return world_folder.settings_of_world(world_settings(), changes)


@contextlib.contextmanager
def page_builder(
    spark: SparkSession,
    settings: WorldSettings,
    days: int,
    by_airflow: bool,
    say: Say,
    console: Console,
) -> Iterator[Build]:
    """How pages are built: by direct calls of the steps in this session, or by Airflow's scheduler."""
    if not by_airflow:
        yield partial(direct.run_dag, spark, say=say)
        return
    first_day = max(next_day(settings), 0)
    last_date = world_folder.date_of(settings, first_day + days - 1)

    def say_airflow(text: str) -> None:
        """Print a line about Airflow's start or stop."""
        say(f"airflow: {text}")

    with at_hand(load_settings(), last_date, say_airflow) as airflow:

        def build_with_airflow(dag_id: str, ds: date) -> None:
            """Run a DAG for a day; raises where the run fails."""
            runs = build(airflow, dag_id, [ds], max_active_runs=1, reprocess=False, console=console)
            require_success(airflow.api(), dag_id, runs)

        yield build_with_airflow
