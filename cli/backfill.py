"""`frontrow backfill`: create an Airflow backfill of a range of days or ticks and follow it to its end."""

from datetime import date, datetime

import click
from rich.console import Console

from conf.airflow import ACTIVE_RUNS
from conf.days import parse_day, parse_instant
from conf.errors import UserMistake
from conf.schedule import CADENCES, When, day_of, runs_between
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
    default=ACTIVE_RUNS,
    show_default=True,
    help="Runs at once.",
)
@click.option("--reprocess", is_flag=True, help="Build again also what has succeeded.")
@click.option("--dry-run", is_flag=True, help="Print the runs and change nothing.")
def backfill(
    first: str, last: str, dag_id: str, max_active_runs: int, reprocess: bool, dry_run: bool
) -> None:
    """Build a range of past days, or ticks of them, with Airflow: the one that runs, or else one started for the time.

    Example: frontrow backfill --from 1998-04-20 --to 1998-04-22

    Example: frontrow backfill --dag-id homepage_nearline --from 1998-04-22T20:00Z --to 1998-04-22T21:00Z
    """
    settings, console = load_settings(), Console()
    days = asked(dag_id, day_or_instant(first, "--from"), day_or_instant(last, "--to"), settings)
    if dry_run:
        click.echo("\n".join(f"{dag_id} {day}" for day in days))
        return
    with at_hand(
        settings, day_of(days[-1]), lambda what: console.print(f"airflow: {what}")
    ) as airflow:
        runs = build(airflow, dag_id, days, max_active_runs, reprocess, console)
        require_success(airflow.api(), dag_id, runs)


def day_or_instant(text: str, name: str) -> date | datetime:
    """A day, or a moment of it where the text has a T."""
    return parse_instant(text, name) if "T" in text else parse_day(text, name)


def asked(
    dag_id: str, first: date | datetime, last: date | datetime, settings: Settings
) -> list[When]:
    """The run dates or ticks of the range; one that no run may have is the user's mistake."""
    days = runs_between(dag_id, first, last)
    if day_of(days[0]) < settings.schedule_start:
        raise UserMistake(
            f"--from {first} is before FRONTROW_SCHEDULE_START={settings.schedule_start}"
        )
    if settings.schedule_end and day_of(days[-1]) > settings.schedule_end:
        raise UserMistake(
            f"--to {last} is after FRONTROW_SCHEDULE_END={settings.schedule_end}, where the log ends"
        )
    return days
