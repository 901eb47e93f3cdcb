"""Links from tasks to the studio: their addresses, and that the studio knows each of them."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conf.errors import UserMistake
from conf.schedule import CADENCES
from conf.settings import load_settings
from dags.links import links_of, written_by
from dags.step import SparkStep

DAY = "2026-04-30"
DAG_FILE = """
import sys
from datetime import UTC, datetime

from airflow.sdk import DAG
from dags.step import SparkStep

with DAG("small", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)):
    argv = [sys.executable, "-c", "raise SystemExit(65)", "--ds", "{{ '2026-04-30' }}"]
    SparkStep(task_id="run_audits", argv=argv)
"""


def addresses(job: str, *when: str) -> dict[str, str]:
    """The links of a job's task that was told what to build."""
    step = SparkStep(task_id=job, argv=["job", *when])
    return {link.name: link.get_link(step, ti_key=None) for link in step.operator_extra_links}


def test_the_task_of_a_night_opens_its_day_its_tables_and_its_pages():
    base = "http://127.0.0.1:8400"
    assert addresses("publish_homepage_rows", "--ds", DAY) == {
        "Run in the studio": f"{base}/run?ds={DAY}",
        "Tables it writes": f"{base}/tables?job=publish_homepage_rows",
        "Pages of the day": f"{base}/?ds={DAY}",
    }
    assert addresses("build_similars", "--ds", DAY)["Tables it writes"] == (
        f"{base}/table?name=similars"
    )


@pytest.mark.parametrize(
    ("job", "when"),
    [
        ("run_audits", ("--ds", "{{ (data_interval_end - macros.timedelta(days=1)) | ds }}")),
        ("train_rankers", ("--ds", DAY)),  # a week is not a day that has pages
        ("compute_overlays", ("--until", "2026-04-30T10:10Z")),
    ],
)
def test_what_is_of_no_known_day_opens_all_runs(job, when):
    assert addresses(job, *when)["Run in the studio"].endswith("8400/runs")


def test_the_studio_may_be_elsewhere(monkeypatch):
    monkeypatch.setenv("FRONTROW_STUDIO", "https://studio.example/")
    assert addresses("run_audits", "--ds", DAY)["Run in the studio"] == (
        f"https://studio.example/run?ds={DAY}"
    )
    monkeypatch.setenv("FRONTROW_STUDIO", "javascript:alert(1)")
    with pytest.raises(UserMistake, match="FRONTROW_STUDIO"):
        load_settings()


def test_a_job_that_writes_no_table_has_no_link_to_one():
    assert written_by("serve_pages") == [] and len(links_of("serve_pages")) == 1


def test_every_link_of_every_task_is_a_view_of_the_studio():
    from studio.app import VIEWS

    jobs = [job for ticks in CADENCES.values() for job in ticks.jobs]
    found = [link for job in jobs for link in addresses(job, "--ds", DAY).values()]
    assert {urlsplit(address).path for address in found} <= set(VIEWS)


@pytest.mark.slow
def test_airflow_keeps_the_links_of_a_task_that_failed(tmp_path: Path):
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "small.py").write_text(DAG_FILE)
    variables = {**os.environ, "AIRFLOW_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "airflow"]
    for words in (["db", "migrate"], ["dags", "test", "small"]):
        subprocess.run([*command, *words], env=variables, capture_output=True, check=False)
    with sqlite3.connect(tmp_path / "airflow.db") as database:
        kept = dict(database.execute("SELECT key, value FROM xcom").fetchall())
    assert f"8400/run?ds={DAY}" in kept["_link_studio_run"]
    assert "8400/tables?job=run_audits" in kept["_link_studio_tables"]
