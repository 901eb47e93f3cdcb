"""What Airflow calls when a task fails, is tried again, or a run is late."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk import DeadlineReference

from conf.schedule import CADENCES
from dags import alarms
from dags.step import pipeline

START = datetime(2026, 1, 4, tzinfo=UTC)


@pytest.fixture
def raised(monkeypatch) -> list[tuple[str, ...]]:
    """The alarms that were raised."""
    kept: list[tuple[str, ...]] = []
    monkeypatch.setattr(alarms, "raise_alarm", lambda *words: kept.append(words))
    return kept


def context(**more):
    run = SimpleNamespace(
        dag_id="homepage_daily", data_interval_start=START, logical_date=START, run_id="r"
    )
    task = SimpleNamespace(task_id="run_audits")
    return {"dag_run": run, "task_instance": task, **more}


def run_of(run_type: str) -> dict[str, object]:
    run = {"dag_id": "homepage_daily", "run_type": run_type}
    run["data_interval_start"] = "2026-01-04T00:00:00Z"
    return {"dag_run": run, "deadline": {"deadline_time": "2026-01-05 06:00"}}


def test_failed_task_names_its_day_and_why(raised):
    alarms.failed(context(exception=ValueError("error: no rows")))
    assert raised == [("failed", "homepage_daily.run_audits", "2026-01-04", "error: no rows")]


def test_task_whose_process_vanished_has_no_reason_and_is_an_alarm_all_the_same(raised):
    alarms.retried(context())
    assert raised[0][0] == "retried" and "ended without a word" in raised[0][3]


def test_late_run_is_an_alarm_and_one_of_a_backfill_is_none(raised):
    alarms.late(run_of("backfill"))
    assert raised == []
    alarms.late(run_of("scheduled"))
    assert raised == [
        ("late", "homepage_daily", "2026-01-04", "not done by 2026-01-05 06:00"),
    ]


@pytest.mark.parametrize("dag_id", list(CADENCES))
def test_every_dag_of_a_living_service_has_its_deadline_and_callbacks(dag_id, monkeypatch):
    monkeypatch.delenv("FRONTROW_SCHEDULE_END", raising=False)
    dag = pipeline(dag_id, "about", ())
    (alert,) = dag.deadline
    assert alert.reference == DeadlineReference.DAGRUN_LOGICAL_DATE
    assert alert.callback.path == "dags.alarms.late"
    ticks = CADENCES[dag_id]
    assert alert.interval > timedelta(days=ticks.days, minutes=ticks.minutes)
    for task in dag.tasks:
        assert task.on_failure_callback == [alarms.failed]
        assert task.on_retry_callback == [alarms.retried]


def test_log_that_has_ended_has_no_deadlines(monkeypatch):
    monkeypatch.setenv("FRONTROW_SCHEDULE_END", "1998-04-22")
    assert alarms.deadline("homepage_daily") is None


def test_alarm_that_cannot_be_raised_does_not_fail_the_step(monkeypatch):
    monkeypatch.setattr(alarms, "ROOT", "/nowhere")
    alarms.raise_alarm("failed", "x", "", "text")
