"""Lineage by OpenLineage's provider for Airflow: what a task tells of the tables it reads and writes."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from random import Random
from types import SimpleNamespace

import pytest
from airflow.providers.openlineage.extractors import ExtractorManager
from airflow.utils.state import TaskInstanceState

from benchmarks.trust.made import rows, write
from conf.contracts import contract
from dags.lineage import _place
from dags.step import SparkStep

MONDAY = date(2026, 1, 5)
DAG_FILE = """
import sys
from datetime import UTC, datetime

from airflow.sdk import DAG
from dags.step import SparkStep

with DAG("small", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)):
    argv = [sys.executable, "-c", "print('done')", "--ds", "2026-01-05"]
    SparkStep(task_id="build_daily_counts", argv=argv)
"""


@pytest.fixture
def step(lake) -> SparkStep:
    """A task whose tables there are."""
    for name, count in (("events", 3), ("daily_counts", 7)):
        write(name, rows(name, MONDAY, Random(1), count))
    return SparkStep(task_id="build_daily_counts", argv=["job", "--ds", str(MONDAY)])


def told(step: SparkStep, state: TaskInstanceState):
    """What the provider makes of a task in a state."""
    run, instance = SimpleNamespace(run_id="r"), SimpleNamespace(task_id=step.task_id)
    return ExtractorManager().extract_metadata(
        dagrun=run, task=step, task_instance_state=state, task_instance=instance
    )


def test_before_a_step_its_inputs_are_told_with_their_versions(step, lake):
    start = told(step, TaskInstanceState.RUNNING)
    (events,) = start.inputs
    assert (events.namespace, events.name) == ("file", str(lake / "events"))
    assert events.facets["version"].datasetVersion == "0"
    assert [field.name for field in events.facets["schema"].fields] == [*contract("events").columns]
    assert start.outputs == []


@pytest.mark.parametrize("state", [TaskInstanceState.SUCCESS, TaskInstanceState.FAILED])
def test_after_a_step_its_outputs_are_told_with_the_rows_of_the_day(step, state):
    done = told(step, state)
    (counts,) = done.outputs
    assert counts.outputFacets["outputStatistics"].rowCount == 7
    assert counts.facets["version"].datasetVersion == "0"
    assert done.inputs == []


def test_a_table_that_was_never_written_has_no_version(lake):
    step = SparkStep(task_id="build_daily_counts", argv=["job", "--ds", str(MONDAY)])
    (events,) = told(step, TaskInstanceState.RUNNING).inputs
    assert "version" not in events.facets


def test_lineage_that_fails_does_not_fail_the_step(lake):
    step = SparkStep(task_id="build_daily_counts", argv=["job", "--ds", "no day"])
    assert told(step, TaskInstanceState.RUNNING).inputs == []


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/home/x/tables/events", ("file", "/home/x/tables/events")),
        ("s3://bucket/tables/events", ("s3://bucket", "tables/events")),
        ("s3a://bucket/tables/events", ("s3://bucket", "tables/events")),
    ],
)
def test_tables_are_named_as_openlineage_names_files_and_buckets(path, place):
    assert _place({"path": path}) == place


def airflow(*words: str, **variables: str) -> None:
    command = [sys.executable, "-m", "airflow", *words]
    subprocess.run(command, env={**os.environ, **variables}, check=True, capture_output=True)


@pytest.mark.slow
def test_airflow_tells_a_file_when_it_is_switched_on_and_nobody_when_it_is_not(step, tmp_path):
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "small.py").write_text(DAG_FILE)
    log = tmp_path / "lineage.jsonl"
    transport = {"type": "file", "log_file_path": str(log), "append": True}
    off = {"AIRFLOW_HOME": str(tmp_path)}
    airflow("db", "migrate", **off)
    airflow("dags", "test", "small", **off)
    assert not log.exists()
    airflow("dags", "test", "small", AIRFLOW__OPENLINEAGE__TRANSPORT=json.dumps(transport), **off)
    events = [json.loads(line) for line in log.read_text().splitlines()]
    of_task = {e["eventType"]: e for e in events if e["job"]["name"] == "small.build_daily_counts"}
    assert [each["name"].split("/")[-1] for each in of_task["START"]["inputs"]] == ["events"]
    (counts,) = of_task["COMPLETE"]["outputs"]
    assert counts["outputFacets"]["outputStatistics"]["rowCount"] == 7
    assert counts["facets"]["version"]["datasetVersion"] == "0"
    assert datetime.fromisoformat(of_task["COMPLETE"]["eventTime"]) < datetime.now(UTC)
