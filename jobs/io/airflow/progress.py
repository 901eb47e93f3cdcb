"""Following DAG runs to their end: a live table on a terminal, one line for each change elsewhere."""
# Tested by tests/dags/test_backfill.py.

import contextlib
import time
from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.live import Live
from rich.table import Table

from conf.errors import FrontrowError
from conf.schedule import When, built_by, cadence, interval_start
from jobs.io.airflow.client import ENDED, AirflowApi, Run
from jobs.io.airflow.server import Airflow
from jobs.io.airflow.waiting import Watch

LOOK = 2.0  # seconds between looks at the runs
BUSY = ("running", "up_for_retry", "failed")


def follow(airflow: Airflow, dag_id: str, days: Sequence[When], console: Console) -> list[Run]:
    """Watch the runs of these run dates or ticks until each has ended; an Airflow that stops
    meanwhile is an error, and so are runs that it never starts.
    """
    api, told = airflow.api(), dict[datetime, str]()
    watch = Watch(
        api, dag_id, days, lambda text: console.print(text, soft_wrap=True, highlight=False)
    )
    with (
        Live(console=console, refresh_per_second=2)
        if console.is_terminal
        else contextlib.nullcontext() as live
    ):
        while True:
            runs = runs_of(api, dag_id, days)
            if live:
                live.update(table_of(dag_id, runs))
            else:
                _tell_changes(dag_id, runs, told, console)
            if len(runs) == len(days) and all(run.state in ENDED for run in runs):
                return runs
            airflow.require_alive()
            watch.look(runs)
            time.sleep(LOOK)


def require_success(api: AirflowApi, dag_id: str, runs: list[Run]) -> None:
    """An error with the first failed run's task and reason, unless every run succeeded."""
    failed = [run for run in runs if run.state == "failed"]
    if failed:
        why = api.why_failed(dag_id, failed[0])
        raise FrontrowError(
            f"{len(failed)} of {len(runs)} runs of {dag_id} failed; {built_by(dag_id, failed[0].logical_date)}: {why}"
        )


def runs_of(api: AirflowApi, dag_id: str, days: Sequence[When]) -> list[Run]:
    """The runs of these run dates or ticks, earliest first; those that are under way with their
    tasks' states.
    """
    first, last = interval_start(dag_id, days[0]), interval_start(dag_id, days[-1])
    found = api.runs(dag_id, first, last)
    return [api.with_tasks(dag_id, run) if run.state == "running" else run for run in found]


def table_of(dag_id: str, runs: list[Run]) -> Table:
    """One line for each run: what it builds, its state, how many tasks are done and which are busy."""
    table, steps = Table(title=dag_id, title_justify="left"), len(cadence(dag_id).jobs)
    for name in ("run", "state", "tasks done", "busy"):
        table.add_column(name)
    for run in runs:
        done = (
            steps
            if run.state == "success"
            else sum(state == "success" for state in run.tasks.values())
        )
        busy = ", ".join(task for task in cadence(dag_id).jobs if run.tasks.get(task) in BUSY)
        table.add_row(str(built_by(dag_id, run.logical_date)), run.state, f"{done}/{steps}", busy)
    return table


def _tell_changes(
    dag_id: str, runs: list[Run], told: dict[datetime, str], console: Console
) -> None:
    for run in runs:
        busy = ", ".join(task for task in cadence(dag_id).jobs if run.tasks.get(task) in BUSY)
        line = f"{dag_id} {built_by(dag_id, run.logical_date)}: {run.state} {busy}".rstrip()
        if told.get(run.logical_date) != line and (busy or run.state != "running"):
            told[run.logical_date] = line
            console.print(line, highlight=False, soft_wrap=True)
