"""`frontrow backfill`: create an Airflow backfill of a range of days or ticks and follow it to its end."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

import click
from rich.console import Console

from conf.days import parse_day, parse_instant
from conf.errors import FrontrowError, UserMistake
from conf.schedule import CADENCES, When, day_of, interval_start, runs_between
from conf.settings import Settings, load_settings
from jobs.io import airflow_server, processes
from jobs.io.airflow_api import AirflowApi, Run
from jobs.io.airflow_server import Airflow
from jobs.tools.progress import follow, require_success


@click.command()
@click.option(
    "--from", "first", required=True, metavar="DAY|INSTANT", help="First run date, YYYY-MM-DD, or tick, by its end."
)
@click.option("--to", "last", required=True, metavar="DAY|INSTANT", help="Last run date or tick, included.")
@click.option("--dag-id", default="homepage_daily", show_default=True, help=f"One of {', '.join(CADENCES)}.")
@click.option("--max-active-runs", type=click.IntRange(1, 100), default=2, show_default=True, help="Runs at once.")
@click.option("--reprocess", is_flag=True, help="Build again also what has succeeded.")
@click.option("--dry-run", is_flag=True, help="Print the runs and change nothing.")
def backfill(first: str, last: str, dag_id: str, max_active_runs: int, reprocess: bool, dry_run: bool) -> None:
    """Build a range of past days, or ticks of them, with Airflow: the one that runs, or else one started for the time.

    Example: frontrow backfill --from 1998-04-20 --to 1998-04-22

    Example: frontrow backfill --dag-id homepage_nearline --from 1998-04-22T20:00Z --to 1998-04-22T21:00Z
    """
    settings, console = load_settings(), Console()
    days = asked(dag_id, day_or_instant(first, "--from"), day_or_instant(last, "--to"), settings)
    if dry_run:
        click.echo("\n".join(f"{dag_id} {day}" for day in days))
        return
    with at_hand(settings, day_of(days[-1]), lambda what: console.print(f"airflow: {what}")) as airflow:
        runs = build(airflow, dag_id, days, max_active_runs, reprocess, console)
        require_success(airflow.api(), dag_id, runs)


def day_or_instant(text: str, name: str) -> date | datetime:
    """A day, or a moment of it where the text has a T."""
    return parse_instant(text, name) if "T" in text else parse_day(text, name)


def asked(dag_id: str, first: date | datetime, last: date | datetime, settings: Settings) -> list[When]:
    """The run dates or ticks of the range; one that no run may have is the user's mistake."""
    days = runs_between(dag_id, first, last)
    if day_of(days[0]) < settings.schedule_start:
        raise UserMistake(f"--from {first} is before FRONTROW_SCHEDULE_START={settings.schedule_start}")
    if settings.schedule_end and day_of(days[-1]) > settings.schedule_end:
        raise UserMistake(f"--to {last} is after FRONTROW_SCHEDULE_END={settings.schedule_end}, where the log ends")
    return days


@contextlib.contextmanager
def at_hand(settings: Settings, last: date, tell: Callable[[str], None]) -> Iterator[Airflow]:
    """The running Airflow, or one that ends with the block and schedules nothing after the last day."""
    if running := airflow_server.found(settings):
        yield running
        return
    end = settings.schedule_end or last
    with airflow_server.running(settings.model_copy(update={"schedule_end": end}), tell=tell) as started:
        for dag_id in CADENCES:
            for one in started.api().backfills(dag_id):  # of a command that was stopped half-way
                started.api().cancel(one)
        yield started


def build(
    airflow: Airflow, dag_id: str, days: Sequence[When], max_active_runs: int, reprocess: bool, console: Console
) -> list[Run]:
    """Create the backfill and follow its runs until each has ended."""
    api = airflow.api()
    with released(api, dag_id):
        _retire(api, dag_id)
        create(airflow, dag_id, days, max_active_runs, reprocess)
        return follow(airflow, dag_id, days, console)


@contextlib.contextmanager
def released(api: AirflowApi, dag_id: str) -> Iterator[None]:
    """The DAG unpaused for the time of the block: a backfill of a paused one would wait without a word."""
    paused = api.paused(dag_id)
    if paused:
        api.pause(dag_id, False)
    try:
        yield
    finally:
        if paused:
            with contextlib.suppress(FrontrowError):  # it may be gone, and then the first error is the one to tell
                api.pause(dag_id, True)


def create(airflow: Airflow, dag_id: str, days: Sequence[When], max_active_runs: int, reprocess: bool) -> None:
    """`airflow backfill create` for these runs; failed runs are always tried again."""
    first, last = interval_start(dag_id, days[0]), interval_start(dag_id, days[-1])
    words = ["backfill", "create", "--dag-id", dag_id, "--from-date", first.isoformat(), "--to-date", last.isoformat()]
    words += ["--max-active-runs", f"{max_active_runs}"]
    words += ["--reprocess-behavior", "completed" if reprocess else "failed"]
    done = airflow.command(*words)
    if done.returncode:
        said = processes.last_line(done.stderr or done.stdout, "it said nothing")
        raise FrontrowError(f"`airflow {' '.join(words)}` failed: {said}")


def _retire(api: AirflowApi, dag_id: str) -> None:
    """Airflow allows one backfill of a DAG at a time, and takes half a minute to see that one has completed."""
    open_ones = api.backfills(dag_id)
    if open_ones and api.active(dag_id):
        raise UserMistake(f"another backfill of {dag_id} is under way; wait for it, or cancel it in Airflow")
    for one in open_ones:
        api.cancel(one)
