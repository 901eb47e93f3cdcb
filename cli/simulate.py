"""`frontrow simulate`: a simulated service that lives on the pages built for it."""

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
    help="Days to live from now on; 0: only the past.",
)
@click.option(
    "--members",
    type=click.IntRange(1, 100_000_000),
    help="Accounts; each has one to five profiles.",
)
@click.option("--seed", type=click.IntRange(0), help="Another world of the same kind.")
@click.option(
    "--airflow", "by_airflow", is_flag=True, help="Build pages with Airflow, not by direct calls."
)
@click.option(
    "--compare/--no-compare", default=True, show_default=True, help="Also measure other pages."
)
@click.option("--json", "as_json", is_flag=True, help="Print the last three days' figures as JSON.")
def simulate(
    days: int, members: int | None, seed: int | None, by_airflow: bool, compare: bool, as_json: bool
) -> None:
    """Let a simulated streaming service live for some days on the pages that the pipeline builds for it.

    The first call makes the world and its past; later calls go on from its last day. A day is never lived twice. The
    report is var/reports/world.html.

    Example: frontrow simulate --days 3 --members 500
    """
    began, console = time.monotonic(), Console(stderr=as_json)
    settings = asked(members, seed)
    say = progress_printer(console, began)
    spark = open_session("simulate")
    try:
        say(
            f"a simulated service: real titles of MovieLens 100K, {settings.accounts:,} made-up accounts"
        )
        life = SimulatedService(spark, settings, world_folder.true_world(settings, load_settings()))
        with builder(spark, settings, days, by_airflow, say, console) as pages:
            simulate_days(life, days, ARMS if compare else ARMS[:1], pages, say)
    finally:
        spark.stop()
    if world_folder.last_day() != world_folder.PAST:
        outcome.show_outcome(settings, console, as_json)


def asked(members: int | None, seed: int | None) -> WorldSettings:
    """The settings of the world that has begun, or of a new one; of what is asked only what differs is changed."""
    given = {
        name: value for name, value in (("accounts", members), ("seed", seed)) if value is not None
    }
    return world_folder.settings_of_world(world_settings(), given)


@contextlib.contextmanager
def builder(
    spark: SparkSession,
    settings: WorldSettings,
    days: int,
    by_airflow: bool,
    say: Say,
    console: Console,
) -> Iterator[Build]:
    """How pages are built: by direct calls of the jobs in our session, or by the scheduler of an Airflow."""
    if not by_airflow:
        yield partial(direct.run_dag, spark, say=say)
        return
    last = world_folder.date_of(settings, max(next_day(settings), 0) + days - 1)
    with at_hand(load_settings(), last, lambda what: say(f"airflow: {what}")) as airflow:

        def scheduled(dag_id: str, ds: date) -> None:
            runs = build(airflow, dag_id, [ds], max_active_runs=1, reprocess=False, console=console)
            require_success(airflow.api(), dag_id, runs)

        yield scheduled
