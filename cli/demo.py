"""`frontrow demo`: from a play log to homepages, by every step that each day takes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date

import click
from rich.console import Console

from closed_loop import folder as world_folder
from conf.errors import FrontrowError, UserMistake
from conf.settings import load_settings
from conf.world import world_settings
from jobs.io.airflow.backfill import at_hand, build
from jobs.io.airflow.progress import require_success, runs_of, table_of
from jobs.io.airflow.server import Airflow
from jobs.io.landing.span import DAYS, days_in, days_of_log, planned
from jobs.io.progress import progress_printer
from jobs.io.tables import arrow as arrow_tables

ACCOUNTS = 150  # of the simulated service
PAST_PAGE_DAYS = 2  # days of its past that get pages; the third day is simulated with them
RESULT_TABLES = {"homepage_daily": "publications", "rankers_weekly": "rankers"}  # has a built day
LOG_DATASETS = ("ml-100k", "files")  # landed as they are
BACKFILL = "frontrow backfill --from DAY --to DAY"


@click.command()
@click.option(
    "--dataset",
    type=click.Choice(["simulated", *LOG_DATASETS]),
    default="simulated",
    show_default=True,
    help="A simulated service, the real plays of MovieLens-100k, or files of your own.",
)
@click.option(
    "--input",
    "folder",
    type=click.Path(),
    help="The directory of a data set of your own (--dataset files).",
)
def demo(dataset: str, folder: str | None) -> None:
    """Land a data set, train on its last weeks, build its last days with Airflow and show a page.

    Run again it goes on where it stopped, and builds nothing twice.

    Example: frontrow demo --dataset ml-100k
    """
    if (dataset == "files") != bool(folder):
        raise UserMistake(
            "--input DIR goes with --dataset files, and only with it"
            " (make demo DATASET=files INPUT=dir)"
        )
    console = Console()
    say = progress_printer(console, time.monotonic())

    def say_airflow(text: str) -> None:
        """Print a line about Airflow's start or stop."""
        say(f"airflow: {text}")

    plan = _landed_plan(dataset, folder, say)
    last_day = plan["homepage_daily"][-1]
    first, last = days_of_log()
    say(f"the log covers {first} to {last}; starting Airflow")
    with at_hand(load_settings(), last_day, say_airflow) as airflow:
        for dag_id, days in plan.items():
            _build(airflow, dag_id, days, say, console)
        for dag_id, days in plan.items():
            console.print(table_of(dag_id, runs_of(airflow.api(), dag_id, days)))
    if dataset == "simulated" and not world_folder.outcome_path(0).exists():
        say("a day with these pages is simulated, and the pages for the next day are built")
        _frontrow("simulate", "--days", "1")
    say("the tables")
    _frontrow("tables")
    say("one profile's homepage")
    _frontrow("page", "--profile", first_profile(last_day))
    say(
        "done; `frontrow page --profile ID` shows another, `frontrow query` asks the tables,"
        f" `{BACKFILL}` builds more days"
    )


def _landed_plan(
    dataset: str, folder: str | None, say: Callable[[str], None]
) -> dict[str, list[date]]:
    """The run dates to build, by DAG, of a data set that is landed, or of a simulated past."""
    if dataset == "simulated":
        say(
            f"simulated behaviour on real titles: {ACCOUNTS} made-up accounts, films of"
            " MovieLens 100K"
        )
        if world_folder.last_day() is None or not arrow_tables.has_rows("landings"):
            _frontrow("simulate", "--days", "0", "--members", f"{ACCOUNTS}")
        first, _ = days_of_log()
        last = world_folder.date_of(world_settings(), world_folder.PAST)
        return planned(first, last, PAST_PAGE_DAYS)
    say(f"landing {dataset}")
    words = ["land", "--dataset", dataset]
    if folder:
        words += ["--input", folder]
    _frontrow(*words)
    first, last = days_of_log()
    return planned(first, last)


def first_profile(ds: date) -> str:
    """The profile with a page on the day whose name comes first, shorter names before longer ones."""
    text = (
        f"SELECT profile_id FROM homepage_rows WHERE ds = DATE '{ds}'"
        " ORDER BY length(profile_id), profile_id LIMIT 1"
    )
    return str(arrow_tables.sql(text).to_pylist()[0]["profile_id"])


def _build(
    airflow: Airflow, dag_id: str, days: list[date], say: Callable[[str], None], console: Console
) -> None:
    """Backfill what is missing: a day is built when its run succeeded and its table has it."""
    runs = runs_of(airflow.api(), dag_id, days)
    built_days = days_in(RESULT_TABLES[dag_id])
    in_table = all(day in built_days for day in days)
    succeeded = len(runs) == len(days) and all(run.state == "success" for run in runs)
    if in_table and succeeded:
        say(f"{dag_id}: {_span(days)} is built already")
        return
    say(f"{dag_id}: backfill of {_span(days)}")
    new_runs = build(
        airflow, dag_id, days, max_active_runs=DAYS, reprocess=not in_table, console=console
    )
    require_success(airflow.api(), dag_id, new_runs)


def _span(days: list[date]) -> str:
    return str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _frontrow(*words: str) -> None:
    """One `frontrow` command in a process of its own: its Spark is gone before Airflow's starts."""
    sys.stdout.flush()
    environment = dict(os.environ)
    if not sys.stdout.isatty():
        environment["COLUMNS"] = "140"  # a pipe has no width, and 80 would cut the row counts off
    command = [sys.executable, "-m", "cli.main", *words]
    process = subprocess.run(command, env=environment, check=False)
    if process.returncode:
        error = FrontrowError(f"`frontrow {' '.join(words)}` failed; see the line above")
        error.exit_status = process.returncode
        raise error
