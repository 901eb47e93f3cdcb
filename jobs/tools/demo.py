"""`frontrow demo`: from a real play log to homepages, the whole way that every day takes, with nothing left out."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta

import click
from rich.console import Console

from conf.errors import FrontrowError, UserMistake
from conf.schedule import interval_start
from conf.settings import load_settings
from conf.world import world_settings
from jobs.io import lake, world
from jobs.io.airflow_server import Airflow
from jobs.tools.backfill import at_hand, build
from jobs.tools.progress import require_success, runs_of, table_of, teller

DAYS = 3  # how many days of pages are built: the last ones of the log
MEMBERS = 150  # accounts of the simulated service
BEFORE_PAGES = 2  # days of its past that get pages; the third day is lived with them
RESULT = {"homepage_daily": "publications", "rankers_weekly": "rankers"}  # the table that shows that a day is built
TAKEN = ("ml-100k", "files")  # data sets that are landed as they are
BACK = "frontrow backfill --from DAY --to DAY"


@click.command()
@click.option("--dataset", type=click.Choice(["simulated", *TAKEN]), default="simulated", show_default=True)
@click.option("--input", "folder", type=click.Path(), help="The directory of a data set of your own (--dataset files).")
def demo(dataset: str, folder: str | None) -> None:
    """Land a data set, train on its last weeks, build its last days with Airflow and show what came out.

    Example: frontrow demo --dataset ml-100k
    """
    began, console = time.monotonic(), Console()
    if (dataset == "files") != bool(folder):
        raise UserMistake("--input DIR goes with --dataset files, and only with it (make demo DATASET=files INPUT=dir)")
    say = teller(console, began)
    plan = _landed(dataset, folder, say)
    first, last = days_of_log()
    say(f"the log covers {first} to {last}; starting Airflow")
    with at_hand(load_settings(), plan["homepage_daily"][-1], lambda what: say(f"airflow: {what}")) as airflow:
        for dag_id, days in plan.items():
            _build(airflow, dag_id, days, say, console)
        for dag_id, days in plan.items():
            console.print(table_of(dag_id, runs_of(airflow.api(), dag_id, days)))
    if dataset == "simulated" and not world.has(world.lived(0)):
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
        say(f"simulated members and behaviour on real titles: {MEMBERS} made-up accounts, films of MovieLens 100K")
        if world.last_day() is None or not lake.has_rows("landings"):
            _frontrow("simulate", "--days", "0", "--members", f"{MEMBERS}")
        return planned(days_of_log()[0], world.date_of(world_settings(), world.BEFORE), BEFORE_PAGES)
    say(f"landing {dataset}")
    _frontrow("land", "--dataset", dataset, *(("--input", folder) if folder else ()))
    return planned(*days_of_log())


def planned(first: date, last: date, most: int = DAYS) -> dict[str, list[date]]:
    """The run dates to build of a log's days: the last ones, and before them one week's training, if one fits."""
    days = [last - timedelta(days=ago) for ago in range(min(most, (last - first).days + 1))][::-1]
    sunday = days[0] - timedelta(days=days[0].isoweekday())
    weeks = {"rankers_weekly": [sunday]} if interval_start("rankers_weekly", sunday).date() >= first else {}
    return {**weeks, "homepage_daily": days}


def days_of_log() -> tuple[date, date]:
    """The first and the last UTC day on which something happened, of what has been landed."""
    found = lake.sql("SELECT CAST(min(event_at) AS DATE) AS low, CAST(max(event_at) AS DATE) AS high FROM events")
    (row,) = found.to_pylist()
    if row["low"] is None:
        raise UserMistake(
            "table events has no rows: every record was refused; `frontrow query` on quarantine tells why"
        )
    return row["low"], row["high"]


def days_in(table: str) -> set[date]:
    """The days a table has; none for one that was never written."""
    if lake.version(table) < 0:
        return set()
    return {row["ds"] for row in lake.sql(f"SELECT DISTINCT ds FROM {table}").to_pylist()}


def a_profile(ds: date) -> str:
    """The profile with a page on the day whose name comes first, shorter names before longer ones."""
    text = (
        f"SELECT profile_id FROM homepage_rows WHERE ds = DATE '{ds}' ORDER BY length(profile_id), profile_id LIMIT 1"
    )
    return str(lake.sql(text).to_pylist()[0]["profile_id"])


def _build(airflow: Airflow, dag_id: str, days: list[date], say: Callable[[str], None], console: Console) -> None:
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
    wide = {} if sys.stdout.isatty() else {"COLUMNS": "140"}  # a pipe has no width, and 80 would cut the row counts off
    command = [sys.executable, "-m", "jobs.tools.frontrow", *words]
    done = subprocess.run(command, env={**os.environ, **wide}, check=False)
    if done.returncode:
        error = FrontrowError(f"`frontrow {' '.join(words)}` failed; see the line above")
        error.exit_status = done.returncode
        raise error
