"""What Airflow calls when a task fails, is tried again, or a run misses its deadline: each raises an alarm."""

import contextlib
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from conf.alarms import alarm_settings
from conf.schedule import built_by, cadence
from conf.settings import ROOT, load_settings

PATIENCE_S = 60


def failed(context: Any) -> None:
    """A task failed and is not tried again."""
    _of_task("failed", context)


def retried(context: Any) -> None:
    """A task failed and is tried again."""
    _of_task("retried", context)


def late(context: Any) -> None:
    """A run is not done by its deadline; one of a backfill has none."""
    run = context["dag_run"]
    if run.get("run_type") != "scheduled":
        return
    when = _built(run["dag_id"], run.get("data_interval_start") or run.get("logical_date"))
    raise_alarm("late", run["dag_id"], when, f"not done by {context['deadline']['deadline_time']}")


def deadline(dag_id: str) -> DeadlineAlert | None:
    """When a scheduled run has to be done; None for a log that has ended, whose nights are all past.

    Counted from the run's logical date, the start of what it builds: a run that Airflow began too
    late is late too.
    """
    settings, ticks = load_settings(), cadence(dag_id)
    if settings.schedule_end is not None:
        return None
    length = timedelta(days=ticks.days, minutes=ticks.minutes)
    allowed = timedelta(minutes=alarm_settings().deadlines[dag_id])
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_LOGICAL_DATE,
        interval=length + allowed,
        callback=SyncCallback(late),
        name=f"{dag_id} done",
    )


def raise_alarm(kind: str, subject: str, when: str, text: str) -> None:
    """Raise an alarm in a process of its own: a channel that hangs holds nothing up for long."""
    words = ["--kind", kind, f"--subject={subject}", f"--when={when}", f"--text={text}"]
    command = [sys.executable, "-m", "jobs.io.alarms", *words]
    with contextlib.suppress(OSError, subprocess.SubprocessError):  # the step goes on all the same
        subprocess.run(command, cwd=ROOT, timeout=PATIENCE_S, check=False)


def _of_task(kind: str, context: Any) -> None:
    task, run = context["task_instance"], context["dag_run"]
    when = _built(run.dag_id, run.data_interval_start or run.logical_date)
    reason = str(context.get("exception") or "its process ended without a word")
    raise_alarm(kind, f"{run.dag_id}.{task.task_id}", when, reason)


def _built(dag_id: str, start: datetime | str | None) -> str:
    """The run date or tick that a run builds, as text; empty for a run without a data interval."""
    if start is None:
        return ""
    if isinstance(start, str):
        start = datetime.fromisoformat(start.replace("Z", "+00:00"))
    return str(built_by(dag_id, start))
