"""`frontrow demo`: from a real play log to homepages, the whole way that every day takes, with nothing left out."""

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

MEMBERS = 150  # accounts of the simulated service
BEFORE_PAGES = 2  # days of its past that get pages; the third day is lived with them
RESULT = {
    "homepage_daily": "publications",
    "rankers_weekly": "rankers",
}  # the table that shows that a day is built
TAKEN = ("ml-100k", "files")  # data sets that are landed as they are
BACK = "frontrow backfill --from DAY --to DAY"


@click.command()
@click.option(
    "--dataset", type=click.Choice(["simulated", *TAKEN]), default="simulated", show_default=True
)
@click.option(
    "--input",
    "folder",
    type=click.Path(),
    help="The directory of a data set of your own (--dataset files).",
)
def demo(dataset: str, folder: str | None) -> None:
    """Land a data set, train on its last weeks, build its last days with Airflow and show what came out.

    Example: frontrow demo --dataset ml-100k
    """
    began, console = time.monotonic(), Console()
    if (dataset == "files") != bool(folder):
        raise UserMistake(
            "--input DIR goes with --dataset files, and only with it (make demo DATASET=files INPUT=dir)"
        )
    say = progress_printer(console, began)
    plan = _landed(dataset, folder, say)
    first, last = days_of_log()
    say(f"the log covers {first} to {last}; starting Airflow")
    with at_hand(
        load_settings(), plan["homepage_daily"][-1], lambda what: say(f"airflow: {what}")
    ) as airflow:
        for dag_id, days in plan.items():
            _build(airflow, dag_id, days, say, console)
        for dag_id, days in plan.items():
            console.print(table_of(dag_id, runs_of(airflow.api(), dag_id, days)))
    if dataset == "simulated" and not world_folder.outcome_path(0).exists():
        say("members live a day with these pages, and the pages for the next day are built")
        _frontrow("simulate", "--days", "1")
    say("the tables")
    _frontrow("tables")
    say("one member's homepage")
    _frontrow("page", "--profile", a_profile(plan["homepage_daily"][-1]))
    say(
        f"done; `frontrow page --profile ID` shows another, `frontrow query` asks the tables, `{BACK}` builds more days"
    )


def _landed(dataset: str, folder: str | None, say: Callable[[str], None]) -> dict[str, list[date]]:
    """Land the data set, or let the simulated service live its past; the run dates to build of it."""
    if dataset == "simulated":
        say(
            f"simulated members and behaviour on real titles: {MEMBERS} made-up accounts, films of MovieLens 100K"
        )
        if world_folder.last_day() is None or not arrow_tables.has_rows("landings"):
            _frontrow("simulate", "--days", "0", "--members", f"{MEMBERS}")
        return planned(
            days_of_log()[0],
            world_folder.date_of(world_settings(), world_folder.PAST),
            BEFORE_PAGES,
        )
    say(f"landing {dataset}")
    _frontrow("land", "--dataset", dataset, *(("--input", folder) if folder else ()))
    return planned(*days_of_log())


def a_profile(ds: date) -> str:
    """The profile with a page on the day whose name comes first, shorter names before longer ones."""
    text = (
        f"SELECT profile_id FROM homepage_rows WHERE ds = DATE '{ds}'"
        " ORDER BY length(profile_id), profile_id LIMIT 1"
    )
    return str(arrow_tables.sql(text).to_pylist()[0]["profile_id"])


def _build(
    airflow: Airflow, dag_id: str, days: list[date], say: Callable[[str], None], console: Console
) -> None:
    """Backfill what is not there yet: a day counts when its run succeeded and its table has it."""
    runs = runs_of(airflow.api(), dag_id, days)
    built = days_in(RESULT[dag_id])
    there = all(day in built for day in days)
    if there and len(runs) == len(days) and all(run.state == "success" for run in runs):
        say(f"{dag_id}: {_span(days)} is built already")
        return
    say(f"{dag_id}: backfill of {_span(days)}")
    done = build(airflow, dag_id, days, max_active_runs=DAYS, reprocess=not there, console=console)
    require_success(airflow.api(), dag_id, done)


def _span(days: list[date]) -> str:
    return str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _frontrow(*words: str) -> None:
    """One `frontrow` command in a process of its own, so that its Spark is gone before Airflow's tasks start."""
    sys.stdout.flush()
    wide = (
        {} if sys.stdout.isatty() else {"COLUMNS": "140"}
    )  # a pipe has no width, and 80 would cut the row counts off
    command = [sys.executable, "-m", "cli.main", *words]
    done = subprocess.run(command, env={**os.environ, **wide}, check=False)
    if done.returncode:
        error = FrontrowError(f"`frontrow {' '.join(words)}` failed; see the line above")
        error.exit_status = done.returncode
        raise error
