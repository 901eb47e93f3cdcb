"""A backfill in Airflow: created, followed to its end, retired."""
# Tested by tests/jobs/io/airflow/test_backfill.py and tests/dags/test_backfill.py.

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from rich.console import Console

from conf.errors import FrontrowError, UserMistake
from conf.schedule import CADENCES, When, interval_start
from conf.settings import Settings
from jobs.io.airflow import processes
from jobs.io.airflow import server as airflow_server
from jobs.io.airflow.client import AirflowApi, Run
from jobs.io.airflow.progress import follow
from jobs.io.airflow.server import Airflow


@contextlib.contextmanager
def at_hand(settings: Settings, last: date, tell: Callable[[str], None]) -> Iterator[Airflow]:
    """The running Airflow, or one that ends with the block and schedules nothing after the last
    day.
    """
    if running := airflow_server.running_airflow(settings):
        with processes.orderly_end():  # what was paused is paused again, however this ends
            yield running
        return
    end = settings.schedule_end or last
    with airflow_server.running(
        settings.model_copy(update={"schedule_end": end}), tell=tell
    ) as started:
        for dag_id in CADENCES:
            for one in started.api().backfills(dag_id):  # of a command that was stopped half-way
                started.api().cancel(one)
        yield started


def build(
    airflow: Airflow,
    dag_id: str,
    days: Sequence[When],
    max_active_runs: int,
    reprocess: bool,
    console: Console,
) -> list[Run]:
    """Create the backfill and follow its runs until each has ended."""
    api = airflow.api()
    _retire(api, dag_id)  # refuses before anything is changed
    for run in orphans(api, dag_id, days):
        console.print(
            f"{dag_id}: {run.run_id} waits for a backfill that was cancelled, and would for ever;"
            " it is failed and built again",
            soft_wrap=True,
            highlight=False,
        )
        api.fail(dag_id, run)
    with released(api, dag_id, console):
        create(airflow, dag_id, days, max_active_runs, reprocess)
        return follow(airflow, dag_id, days, console)


@contextlib.contextmanager
def released(api: AirflowApi, dag_id: str, console: Console) -> Iterator[None]:
    """The DAG unpaused for the time of the block: a backfill of a paused one would wait without a
    word.
    """
    paused = api.paused(dag_id)
    if paused:
        console.print(
            f"{dag_id} is paused: it is unpaused for this backfill and paused again after it",
            soft_wrap=True,
            highlight=False,
        )
        api.pause(dag_id, False)
    try:
        yield
    finally:
        if paused:
            with contextlib.suppress(
                FrontrowError
            ):  # it may be gone, and then the first error is the one to tell
                api.pause(dag_id, True)


def create(
    airflow: Airflow, dag_id: str, days: Sequence[When], max_active_runs: int, reprocess: bool
) -> None:
    """`airflow backfill create` for these runs; failed runs are always tried again."""
    first, last = interval_start(dag_id, days[0]), interval_start(dag_id, days[-1])
    words = [
        "backfill",
        "create",
        "--dag-id",
        dag_id,
        "--from-date",
        first.isoformat(),
        "--to-date",
        last.isoformat(),
    ]
    words += ["--max-active-runs", f"{max_active_runs}"]
    words += ["--reprocess-behavior", "completed" if reprocess else "failed"]
    done = airflow.command(*words)
    if done.returncode:
        said = processes.last_line(done.stderr or done.stdout, "it said nothing")
        raise FrontrowError(f"`airflow {' '.join(words)}` failed: {said}")


def orphans(api: AirflowApi, dag_id: str, days: Sequence[When]) -> list[Run]:
    """The runs among these that a cancelled backfill left queued: Airflow never starts one."""
    runs = api.runs(dag_id, interval_start(dag_id, days[0]), interval_start(dag_id, days[-1]))
    return [run for run in runs if run.state == "queued" and run.run_id.startswith("backfill__")]


def _retire(api: AirflowApi, dag_id: str) -> None:
    """Airflow allows one backfill of a DAG at a time, and takes half a minute to see that one has
    completed.
    """
    open_ones = api.backfills(dag_id)
    if open_ones and api.active(dag_id):
        waits = "wait for it, or cancel it in Airflow"
        if api.paused(dag_id):
            waits = f"its DAG is paused: `airflow dags unpause {dag_id}`, or cancel it in Airflow"
        raise UserMistake(f"another backfill of {dag_id} is under way; {waits}")
    for one in open_ones:
        api.cancel(one)
