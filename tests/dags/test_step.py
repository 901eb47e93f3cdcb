"""The operator: an argument list in a process group of its own, and what each exit status means to Airflow."""

import contextlib
import json
import os
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from conf.schedule import ASKING_FIRST, CADENCES, PLAIN
from conf.settings import ROOT
from dags import alarms
from dags.step import ASSETS, RUN_DATE, SparkStep, command, job_environment, judge


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


@pytest.mark.parametrize("status", [1, 2, 65, 74, 76, 134, 139, -11, -6])
def test_step_fails_at_once_on_any_other_status(status):
    with pytest.raises(AirflowFailException, match=f"(exit status|by signal) {abs(status)}"):
        judge("build_similars", status, "error: no")


def test_step_failure_carries_the_last_error_line_of_the_job():
    code = "import sys; print('error: first'); print('error: table drafts has no rows'); print('bye'); sys.exit(65)"
    with pytest.raises(AirflowFailException, match="^error: table drafts has no rows"):
        python(code).execute({})


def test_step_killed_by_a_signal_says_which_and_is_tried_again():
    """The system kills what has too much memory, and a JVM's own child ends with 137."""
    with pytest.raises(
        AirflowException,
        match="was killed, most likely for want of memory; FRONTROW_DRIVER_MEMORY.*signal 9.*another try",
    ) as e:
        python("import os; os.kill(os.getpid(), 9)").execute({})
    assert not isinstance(e.value, AirflowFailException)
    with pytest.raises(AirflowException, match="exit status 137, worth another try"):
        judge("build_similars", 137, "")


def test_a_job_ends_with_its_task_however_that_ends(tmp_path: Path):
    """Killed as the kernel kills, a task has no time to stop its job, which its next try would meet."""
    pid_file = tmp_path / "pid"
    job = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid()) + '.'); time.sleep(300)"
    task = f"from tests.dags.test_step import python; python({job!r}).execute({{}})"
    runner = psutil.Popen([sys.executable, "-c", task], cwd=ROOT)
    until = time.monotonic() + 120
    while not (pid_file.exists() and pid_file.read_text().endswith(".")):
        assert runner.poll() is None and time.monotonic() < until
        time.sleep(0.05)
    child = psutil.Process(int(pid_file.read_text()[:-1]))
    runner.kill()
    runner.wait(30)
    try:
        _, left = psutil.wait_procs([child], timeout=10)
        assert all(one.status() == psutil.STATUS_ZOMBIE for one in left)
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


def test_a_jobs_line_raises_an_alarm(monkeypatch):
    raised = []
    monkeypatch.setattr(alarms, "raise_alarm", lambda *words: raised.append(words))
    python("print('alarm: degraded: top_picks: popularity serves')").execute({})
    assert [(words[0], words[1], words[3]) for words in raised] == [
        ("degraded", "build_similars", "top_picks: popularity serves")
    ]


def test_a_job_sees_no_secret_but_those_it_needs(monkeypatch):
    secrets = ["GITHUB_TOKEN", "DB_PASSWORD", "API_KEY", "FRONTROW_ALARMS", "FRONTROW_SMTP"]
    for name in [*secrets, "AWS_SECRET_ACCESS_KEY", "FRONTROW_REDIS", "PGPASSFILE"]:
        monkeypatch.setenv(name, "s3cret")
    monkeypatch.setenv("SOME_URL", "postgresql://me:s3cret@host/db")
    assert not [v for v in job_environment("run_audits").values() if "s3cret" in v]
    assert job_environment("serve_pages")["FRONTROW_REDIS"] == "s3cret"
    monkeypatch.setenv("FRONTROW_TABLES", "s3a://bucket/tables")
    kept = {name for name, v in job_environment("run_audits").items() if "s3cret" in v}
    assert kept == {"AWS_SECRET_ACCESS_KEY"}


def test_what_a_step_writes_is_its_owners_alone(tmp_path: Path):
    python(f"open({str(tmp_path / 'rows')!r}, 'w').close()").execute({})
    assert (tmp_path / "rows").stat().st_mode & 0o777 == 0o600


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
    thread = threading.Thread(target=lambda: ended.append(_error_of(step)), daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while (
        not (pid_file.exists() and pid_file.read_text().endswith("\n")) and time.monotonic() < until
    ):
        time.sleep(0.05)
    child = psutil.Process(int(pid_file.read_text()))
    try:
        step.on_kill()
        thread.join(10)
        _, left = psutil.wait_procs([child], timeout=10)
        assert all(one.status() == psutil.STATUS_ZOMBIE for one in left)
        assert isinstance(ended[0], AirflowFailException)
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


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


def test_a_job_is_run_by_this_python_and_sees_nothing_of_airflows(monkeypatch):
    """Its settings, connections, variables and context all begin with its name."""
    names = ["AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    names += ["AIRFLOW_CONN_LAKE", "AIRFLOW_VAR_KEY", "AIRFLOW_HOME", "AIRFLOW_CTX_DAG_ID"]
    names += ["_AIRFLOW_PROCESS_CONTEXT", "__AIRFLOW_SUPERVISOR", "FRONTROW_AIRFLOW_DB"]
    for name in names:
        monkeypatch.setenv(name, "s3cret")
    monkeypatch.setenv("FRONTROW_TABLES", "/srv/tables")
    seen = Path(os.environ["FRONTROW_HOME"]) / "seen"
    seen.parent.mkdir(parents=True, exist_ok=True)
    code = f"import json, os; open({str(seen)!r}, 'w').write(json.dumps(dict(os.environ)))"
    python(code).execute({})
    variables = json.loads(seen.read_text())
    assert variables["PYSPARK_PYTHON"] == variables["PYSPARK_DRIVER_PYTHON"] == sys.executable
    assert (variables["PATH"], variables["FRONTROW_TABLES"]) == (os.environ["PATH"], "/srv/tables")
    assert "s3cret" not in variables.values()
    assert not [name for name in variables if "AIRFLOW" in name]


def test_words_of_an_argument_list_are_no_shell(tmp_path: Path):
    seen = tmp_path / "seen"
    code = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
    words = [sys.executable, "-c", code, str(seen), "$(id); `id` && $PATH"]
    SparkStep(task_id="build_similars", argv=words).execute({})
    assert seen.read_text() == "$(id); `id` && $PATH"


def _error_of(step: SparkStep) -> BaseException | None:
    try:
        step.execute({})
    except AirflowException as error:
        return error
    return None


def test_an_asset_carries_its_day_and_the_version_that_was_published():
    code = "print('publish_homepage_rows 1998-04-22: 40 rows of 2 profiles, version 7')"
    asset = ASSETS["publish_homepage_rows"]
    step = SparkStep(
        task_id="publish_homepage_rows",
        argv=[sys.executable, "-c", code, "--ds", "1998-04-22"],
        outlets=[asset],
    )
    event = SimpleNamespace(extra={})
    step.execute({"outlet_events": {asset: event}})
    assert event.extra == {"ds": "1998-04-22", "table_version": 7}
    assert step.operator_name == "publish homepage rows"
