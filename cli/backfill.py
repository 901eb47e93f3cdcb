"""`frontrow backfill`: an Airflow backfill of a range of days or ticks, followed to its end."""

from datetime import date, datetime

import click
from rich.console import Console

from conf.days import parse_day, parse_instant
from conf.errors import UserMistake
from conf.schedule import CADENCES, When, run_date_of, runs_between
from conf.settings import Settings, load_settings
from jobs.io.airflow.backfill import at_hand, build
from jobs.io.airflow.progress import require_success


@click.command()
@click.option(
    "--from",
    "first",
    required=True,
    metavar="DAY|INSTANT",
    help="First run date, YYYY-MM-DD, or tick, by its end.",
)
@click.option(
    "--to", "last", required=True, metavar="DAY|INSTANT", help="Last run date or tick, included."
)
@click.option(
    "--dag-id", default="homepage_daily", show_default=True, help=f"One of {', '.join(CADENCES)}."
)
@click.option(
    "--max-active-runs",
    type=click.IntRange(1, 100),
    default=2,
    show_default=True,
    help="Runs at once.",
)
@click.option("--reprocess", is_flag=True, help="Build again also what has succeeded.")
@click.option("--dry-run", is_flag=True, help="Print the runs and change nothing.")
def backfill(
    first: str, last: str, dag_id: str, max_active_runs: int, reprocess: bool, dry_run: bool
) -> None:
    """Build a range of past days, or ticks of them, with Airflow.

    An Airflow that runs already is used; otherwise one is started for as long as it takes.

    Example: frontrow backfill --from 2026-01-02 --to 2026-01-03

    Example: frontrow backfill --dag-id homepage_nearline --from 2026-01-04T20:00Z
    --to 2026-01-04T21:00Z
    """
    settings = load_settings()
    console = Console()
    first_run = day_or_instant(first, "--from")
    last_run = day_or_instant(last, "--to")
    runs = runs_of_range(dag_id, first_run, last_run, settings)
    if dry_run:
        for run in runs:
            click.echo(f"{dag_id} {run}")
        return

    def say(text: str) -> None:
        """Print a line about Airflow's start or stop."""
        console.print(f"airflow: {text}")

    with at_hand(settings, run_date_of(runs[-1]), say) as airflow:
        airflow_runs = build(airflow, dag_id, runs, max_active_runs, reprocess, console)
        require_success(airflow.api(), dag_id, airflow_runs)


def day_or_instant(text: str, option: str) -> date | datetime:
    """A day, or an instant where the text has a T."""
    return parse_instant(text, option) if "T" in text else parse_day(text, option)


def runs_of_range(
    dag_id: str, first: date | datetime, last: date | datetime, settings: Settings
) -> list[When]:
    """The run dates or ticks of a range.

    Raises:
        UserMistake: the range begins before the schedule or goes on after its end.
    """
    runs = runs_between(dag_id, first, last)
    if run_date_of(runs[0]) < settings.schedule_start:
        raise UserMistake(
            f"--from {first} is before FRONTROW_SCHEDULE_START={settings.schedule_start};"
            " give a later day"
        )
    if settings.schedule_end and run_date_of(runs[-1]) > settings.schedule_end:
        raise UserMistake(
            f"--to {last} is after FRONTROW_SCHEDULE_END={settings.schedule_end}, where the log"
            " ends; give an earlier day"
        )
    return runs
