"""What a backfill asks of Airflow, in which order, and what it leaves as it was."""

from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from conf.errors import UserMistake
from jobs.io.airflow import backfill
from jobs.io.airflow.client import Run

DAYS = [date(1998, 4, 21), date(1998, 4, 22)]


class RecordedApi:
    """An Airflow with one paused DAG that notes what is changed."""

    def __init__(self, open_backfills: list[int], is_active: bool, runs: list[Run]) -> None:
        self.open, self.is_active, self.queued = open_backfills, is_active, runs
        self.changes: list[str] = []

    def paused(self, dag_id: str) -> bool:
        return True

    def pause(self, dag_id: str, paused: bool) -> None:
        self.changes.append("pause" if paused else "unpause")

    def backfills(self, dag_id: str) -> list[int]:
        return self.open

    def active(self, dag_id: str) -> bool:
        return self.is_active

    def cancel(self, backfill: int) -> None:
        self.changes.append(f"cancel {backfill}")

    def runs(self, dag_id: str, first: datetime, last: datetime) -> list[Run]:
        return self.queued

    def fail(self, dag_id: str, run: Run) -> None:
        self.changes.append(f"fail {run.run_id}")


class RecordedAirflow:
    """What `build` needs of an Airflow."""

    def __init__(self, api: RecordedApi) -> None:
        self.recorded = api

    def api(self) -> RecordedApi:
        return self.recorded


def queued(run_id: str, state: str = "queued") -> Run:
    return Run(run_id=run_id, logical_date=datetime(1998, 4, 21, tzinfo=UTC), state=state)


def built(api: RecordedApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "create", lambda *_: api.changes.append("create"))
    monkeypatch.setattr(backfill, "follow", lambda *_: [])
    backfill.build(RecordedAirflow(api), "homepage_daily", DAYS, 2, False, Console())


def test_a_paused_dag_is_told_unpaused_and_paused_again(monkeypatch, capsys) -> None:
    api = RecordedApi([], False, [])
    built(api, monkeypatch)
    assert api.changes == ["unpause", "create", "pause"]
    assert "homepage_daily is paused: it is unpaused for this backfill" in capsys.readouterr().out


def test_a_refusal_changes_nothing(monkeypatch) -> None:
    api = RecordedApi([7], True, [])
    said = (
        "another backfill of homepage_daily is under way; its DAG is paused: `airflow dags unpause"
    )
    with pytest.raises(UserMistake, match=said):
        built(api, monkeypatch)
    assert api.changes == []


def test_a_run_whose_backfill_was_cancelled_is_failed_and_built_again(monkeypatch, capsys) -> None:
    runs = [queued("backfill__1998-04-21"), queued("manual__x"), queued("backfill__y", "running")]
    api = RecordedApi([], True, runs)
    built(api, monkeypatch)
    assert api.changes == ["fail backfill__1998-04-21", "unpause", "create", "pause"]
    assert "waits for a backfill that was cancelled" in capsys.readouterr().out


def test_however_it_ends_the_dag_is_paused_again(monkeypatch) -> None:
    api = RecordedApi([], False, [])
    monkeypatch.setattr(backfill, "create", lambda *_: api.changes.append("create"))

    def killed(*_: object) -> None:
        raise SystemExit(143)

    monkeypatch.setattr(backfill, "follow", killed)
    with pytest.raises(SystemExit):
        backfill.build(RecordedAirflow(api), "homepage_daily", DAYS, 2, False, Console())
    assert api.changes[-1] == "pause"
