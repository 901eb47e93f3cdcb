"""The operator: an argument list in a process group of its own, and what each exit status means to Airflow."""

import os
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from conf.schedule import ASKING_FIRST, CADENCES, PLAIN
from dags.step import RUN_DATE, SparkStep, command, job_environment, judge


def python(code: str) -> SparkStep:
    return SparkStep(task_id="build_similars", argv=[sys.executable, "-c", code])


def test_step_succeeds_on_exit_status_0():
    assert python("print('fine')").execute({}) is None


def test_step_may_be_tried_again_on_exit_status_75():
    with pytest.raises(
        AirflowException,
        match=r"the disk is full \(build_similars: exit status 75, worth another try\)",
    ) as e:
        python(
            "import sys; print('error: the disk is full', file=sys.stderr); sys.exit(75)"
        ).execute({})
    assert not isinstance(e.value, AirflowFailException)


@pytest.mark.parametrize("status", [1, 2, 65, 74, 76, 137])
def test_step_fails_at_once_on_any_other_status(status):
    with pytest.raises(AirflowFailException, match=f"exit status {status}"):
        judge("build_similars", status, "error: no")


def test_step_failure_carries_the_last_error_line_of_the_job():
    code = "import sys; print('error: first'); print('error: table drafts has no rows'); print('bye'); sys.exit(65)"
    with pytest.raises(AirflowFailException, match="^error: table drafts has no rows"):
        python(code).execute({})


def test_step_killed_by_a_signal_says_which():
    with pytest.raises(AirflowFailException, match="gave no reason.*signal 9"):
        python("import os; os.kill(os.getpid(), 9)").execute({})


def test_step_survives_output_that_is_not_text():
    python("import sys; sys.stdout.buffer.write(bytes([255, 254, 10]))").execute({})


def test_on_kill_ends_the_job_and_its_children(tmp_path: Path):
    pid_file = tmp_path / "pid"
    code = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
open({str(pid_file)!r}, "w").write(str(child.pid) + chr(10))
time.sleep(300)
"""
    step, ended = python(code), []
    thread = threading.Thread(target=lambda: ended.append(_error_of(step)))
    thread.start()
    until = time.monotonic() + 30
    while (
        not (pid_file.exists() and pid_file.read_text().endswith("\n")) and time.monotonic() < until
    ):
        time.sleep(0.05)
    child = psutil.Process(int(pid_file.read_text()))
    step.on_kill()
    thread.join(30)
    assert isinstance(ended[0], AirflowFailException)
    _, left = psutil.wait_procs([child], timeout=10)
    assert all(one.status() == psutil.STATUS_ZOMBIE for one in left)


@pytest.mark.parametrize("job", sorted(ASKING_FIRST))
def test_a_job_that_may_have_nothing_to_do_is_asked_by_python_on_one_machine(job, monkeypatch):
    daily = CADENCES["homepage_daily"]
    assert command(job, daily) == [sys.executable, "-m", f"jobs.{job}", "--ds", RUN_DATE]
    monkeypatch.setenv("SPARK_MASTER", "spark://host:7077")
    assert command(job, daily)[0].endswith("spark-submit") and command(job, daily)[-2:] == [
        "--ds",
        RUN_DATE,
    ]


def test_every_other_job_is_one_spark_submit():
    jobs = {job: cadence for cadence in CADENCES.values() for job in cadence.jobs}
    assert jobs.keys() > ASKING_FIRST | PLAIN
    rest = jobs.keys() - ASKING_FIRST - PLAIN
    assert all(command(job, jobs[job])[0].endswith("spark-submit") for job in rest)


def test_jobs_see_this_python_and_none_of_airflows_secrets(monkeypatch):
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "s3cret")
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://u:s3cret@h/d")
    given = job_environment()
    assert given["PYSPARK_PYTHON"] == given["PYSPARK_DRIVER_PYTHON"] == sys.executable
    assert "s3cret" not in "".join(given.values()) and given["PATH"] == os.environ["PATH"]


def _error_of(step: SparkStep) -> BaseException | None:
    try:
        step.execute({})
    except AirflowException as error:
        return error
    return None
