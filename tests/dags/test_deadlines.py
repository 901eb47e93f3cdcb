"""Alarms that Airflow's own scheduler raises: of a run that hangs, of tasks that fail or vanish; jobs are stand-ins."""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from conf.airflow import POOL_SLOTS
from conf.schedule import CADENCES
from conf.settings import ROOT, Settings
from jobs.io.airflow.client import AirflowApi
from jobs.io.airflow.server import Airflow
from jobs.io.alarms import Alarm, read_alarms
from tests import webhook
from tests.dags import servers

HANGS, IN_TIME, FAILS = "rankers_weekly", "upkeep_weekly", "homepage_daily"
FIRST = {"build_examples", "build_resumes", "build_contexts"}  # of the run that hangs
OWN = ("conf", "dags")  # folders that the test has a copy of
FAR = 100_000  # minutes: no run of this test is late by it
START_S = 170  # at least, in which Airflow starts and the steps hang
PATIENCE_S = 120
SOON_S = 20  # from a deadline to its alarm: a loop of the scheduler and two starts of Python
EVER = datetime(2000, 1, 1, tzinfo=UTC)
SUBMIT = """import os, pathlib, sys, time
job, home = pathlib.Path(sys.argv[-3]).stem, pathlib.Path(os.environ["FRONTROW_HOME"])
with open(home / "calls", "a") as calls:
    calls.write(job + chr(10))
until = time.monotonic() + 600
while job in %s and not (home / "go").exists() and time.monotonic() < until:
    time.sleep(0.1)
if job == "build_daily_counts":
    tries = (home / "calls").read_text().split().count(job)
    if tries == 1:
        os.kill(os.getppid(), 9)  # the task's own process, which Airflow then misses
    print("error: planted in try", tries)
    sys.exit(75 if tries == 2 else 65)
"""


@dataclass(frozen=True)
class Service:
    """A running Airflow whose weekly runs, which build `ds`, have to be done by `deadline`."""

    home: Path
    ds: date
    deadline: datetime
    posted: list[dict[str, Any]]  # to its webhook

    @property
    def api(self) -> AirflowApi:
        running = (self.home / "airflow" / "running.json").read_text()
        return Airflow.model_validate_json(running).api()

    def calls(self) -> list[str]:
        """The jobs that have begun, in order."""
        calls = self.home / "calls"
        return calls.read_text().split() if calls.exists() else []

    def alarms(self, *subjects: str) -> list[Alarm]:
        """The alarms in the log, all or those with these subjects."""
        every = read_alarms(Settings(home=str(self.home)), EVER)
        return [alarm for alarm in every if not subjects or alarm.subject in subjects]

    def ended(self, dag_id: str) -> list[str]:
        """The states of the runs of a DAG, once each has ended."""
        states = [run.state for run in self.api.runs(dag_id, EVER, datetime.now(UTC))]
        return states if {"success", "failed"} >= set(states) else []


def wait(seen: Callable[[], Any], seconds: float, what: str) -> Any:
    """What is seen, as soon as it is."""
    until = time.monotonic() + seconds
    while not (found := seen()):
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.2)
    return found


def checkout(folder: Path, minutes: dict[str, int]) -> Path:
    """This checkout with other deadlines in its `conf`, as an operator would edit it."""
    for path in ROOT.iterdir():
        if path.name == "lib" or (path.name not in OWN and (path / "__init__.py").exists()):
            (folder / path.name).symlink_to(path.resolve())
    for name in OWN:
        shutil.copytree(ROOT / name, folder / name)
    alarms = folder / "conf" / "alarms.yaml"
    values = yaml.safe_load(alarms.read_text(encoding="utf-8"))
    alarms.write_text(yaml.safe_dump(values | {"deadlines": minutes}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("home")
    servers.stand_in(home, SUBMIT % FIRST)
    now = datetime.now(UTC)
    monday = (now - timedelta(days=now.weekday())).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    minutes = (now + timedelta(seconds=START_S + 60) - monday) // timedelta(minutes=1)
    deadlines = dict.fromkeys(CADENCES, FAR) | {HANGS: minutes, IN_TIME: minutes}
    tree = checkout(tmp_path_factory.mktemp("checkout"), deadlines)
    with webhook.served() as (url, posted):
        own = {"PYTHONPATH": str(tree), "FRONTROW_ALARMS": f"log,{url}"}
        own["SPARK_MASTER"] = "spark://nowhere:7077"  # so that the stand-in is each Spark job
        with servers.running(home, {**servers.surroundings(home), **own}, tree):
            sunday = monday.date() - timedelta(days=1)
            yield Service(home, sunday, monday + timedelta(minutes=minutes), posted)


@pytest.mark.slow
def test_scheduler_raises_each_alarm_once_in_every_channel_and_none_of_a_run_in_time(
    service: Service,
) -> None:
    """One run hangs in every place that tasks may take, one is in time for the same deadline, and
    a task of a third vanishes, is tried again and fails.
    """
    assert len(FIRST) == POOL_SLOTS
    service.api.pause(IN_TIME, False)
    assert wait(lambda: service.ended(IN_TIME), PATIENCE_S, "the run in time ends") == ["success"]
    service.api.pause(FAILS, False)
    wait(lambda: len(service.alarms()) > 1, PATIENCE_S, "a task is tried again twice")
    service.api.pause(HANGS, False)
    wait(lambda: set(service.calls()) >= FIRST, PATIENCE_S, "every place is taken")
    assert datetime.now(UTC) < service.deadline, "Airflow took too long to start"
    assert service.alarms(HANGS, IN_TIME) == []

    left = (service.deadline - datetime.now(UTC)).total_seconds()
    wait(lambda: service.alarms(HANGS), left + SOON_S, "an alarm of the run that hangs")
    (service.home / "go").touch()
    assert wait(lambda: service.ended(HANGS), PATIENCE_S, "what hung ends") == ["success"]
    assert wait(lambda: service.ended(FAILS), PATIENCE_S, "what fails ends") == ["failed"]

    failed, late, vanished, retried = sorted(service.alarms(), key=lambda one: one.kind)
    step = f"{FAILS}.build_daily_counts"
    kinds = [(one.kind, one.subject) for one in (vanished, retried, failed)]
    assert kinds == [("retried", step), ("retried", step), ("failed", step)]
    assert "without a word" in vanished.text
    assert "in try 2" in retried.text and "in try 3" in failed.text
    assert (late.kind, late.subject, late.when) == ("late", HANGS, str(service.ds))
    assert late.text == f"not done by {service.deadline}" and late.at > service.deadline
    said = sorted((one["kind"], one["subject"], one["when"]) for one in service.posted)
    assert said == [(one.kind, one.subject, one.when) for one in (failed, late)]
