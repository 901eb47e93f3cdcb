"""`frontrow demo`: from a play log to homepages, by every step that each day takes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from conf.errors import FrontrowError, UserMistake
from conf.settings import load_settings
from jobs.io.landing.span import DAYS, days_in, days_of_log, planned
from jobs.io.progress import progress_printer
from jobs.io.tables import arrow as arrow_tables

if TYPE_CHECKING:
    from jobs.io.airflow.server import Airflow

ACCOUNTS = 150  # of the simulated service
PAST_PAGE_DAYS = 2  # days of its past that get pages; the third day is simulated with them
RESULT_TABLES = {"homepage_daily": "publications", "rankers_weekly": "rankers"}  # has a built day
LOG_DATASETS = ("ml-100k", "files")  # landed as they are
# the share of the time that is over when a stage begins, as measured on two cores
OVER = {"rankers_weekly": 0.13, "homepage_daily": 0.58, "simulate": 0.88}
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
    began = time.monotonic()
    say = progress_printer(console, began)
    what = _asked_for(dataset, folder)
    if built := _days_built(what):
        say(f"{dataset} was built by an earlier call, to {built[-1]}; nothing is left to do")
        _show(built[-1], say)
        return
    say("from a log to homepages: ten minutes on two free cores, most of them for training")

    def say_airflow(text: str) -> None:
        """Print a line about Airflow's start or stop."""
        say(f"airflow: {text}")

    plan = _landed_plan(dataset, folder, say)
    last_day = plan["homepage_daily"][-1]
    first, last = days_of_log()
    say(f"the log covers {first} to {last}; starting Airflow")
    from closed_loop import folder as world_folder
    from jobs.io.airflow.backfill import at_hand
    from jobs.io.airflow.progress import runs_of, table_of

    with at_hand(load_settings(), last_day, say_airflow) as airflow:
        for dag_id, days in plan.items():
            say(time_left(dag_id, time.monotonic() - began))
            _build(airflow, dag_id, days, say, console)
        for dag_id, days in plan.items():
            console.print(table_of(dag_id, runs_of(airflow.api(), dag_id, days)))
    if dataset == "simulated" and not world_folder.outcome_path(0).exists():
        say(time_left("simulate", time.monotonic() - began))
        say("a day with these pages is simulated, and the pages for the next day are built")
        _frontrow("simulate", "--days", "1")
    _note_built({**what, "days": [day.isoformat() for day in plan["homepage_daily"]]})
    _show(last_day, say)


def _show(last_day: date, say: Callable[[str], None]) -> None:
    """Print the tables, one profile's homepage and what to do next."""
    from cli.page import page
    from cli.tables import tables

    say("the tables")
    tables.main([], standalone_mode=False)
    say("one profile's homepage")
    page.main(["--profile", first_profile(last_day)], standalone_mode=False)
    say(
        "done; `frontrow page --profile ID` shows another, `frontrow query` asks the tables,"
        f" `{BACKFILL}` builds more days"
    )


def time_left(stage: str, seconds: float) -> str:
    """What the time so far says of the time to come.

    >>> time_left("homepage_daily", 348)
    'about 5 minutes are left'
    """
    left = round(seconds * (1 / OVER[stage] - 1) / 60)
    return "less than a minute is left" if left < 1 else f"about {left} minutes are left"


def _asked_for(dataset: str, folder: str | None) -> dict[str, Any]:
    """What a call asks for; files of another name, size or time of writing are another thing."""
    files = []
    for path in sorted(Path(folder).rglob("*")) if folder else []:
        if path.is_file():
            files.append([str(path), path.stat().st_size, path.stat().st_mtime_ns])
    return {"dataset": dataset, "files": files}


def _days_built(what: dict[str, Any]) -> list[date]:
    """The run dates that an earlier call built of the same, all still published; else none."""
    try:
        note = json.loads(_note().read_text(encoding="utf-8"))
        days = [date.fromisoformat(day) for day in note.pop("days")]
    except (OSError, ValueError, KeyError):
        return []
    return days if note == what and set(days) <= days_in("publications") else []


def _note_built(what: dict[str, Any]) -> None:
    _note().write_text(json.dumps(what) + "\n", encoding="utf-8")


def _note() -> Path:
    return load_settings().home_path / "demo.json"


def _landed_plan(
    dataset: str, folder: str | None, say: Callable[[str], None]
) -> dict[str, list[date]]:
    """The run dates to build, by DAG, of a data set that is landed, or of a simulated past."""
    if dataset == "simulated":
        from closed_loop import folder as world_folder
        from conf.world import world_settings

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
    airflow: "Airflow", dag_id: str, days: list[date], say: Callable[[str], None], console: Console
) -> None:
    """Backfill what is missing: a day is built when its run succeeded and its table has it."""
    from jobs.io.airflow.backfill import build
    from jobs.io.airflow.progress import require_success, runs_of

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
