"""Two days through Airflow's real scheduler, DAG processor, API server and PostgreSQL; the jobs alone are stand-ins."""

import json
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from conf.schedule import ASKING_FIRST, CADENCES
from conf.settings import ROOT
from jobs.io.airflow.server import Airflow
from tests.dags import servers

pytestmark = pytest.mark.long

JOBS = CADENCES["homepage_daily"].jobs
START = datetime(1998, 4, 21, tzinfo=UTC)
SUBMIT = """import datetime, os, pathlib, sys
job, (flag, ds), home = pathlib.Path(sys.argv[-3]).stem, sys.argv[-2:], pathlib.Path(os.environ["FRONTROW_HOME"])
with open(home / "calls", "a") as calls:
    calls.write(job + " " + ds + chr(10))
if (home / "broken").exists() and (job, ds) == ("assemble_drafts", "1998-04-22"):
    print("error: table similars has no rows for ds=1998-04-22", file=sys.stderr)
    sys.exit(65)
if job == "compute_overlays":  # the next task asks for its receipt
    sys.path.insert(0, os.getcwd())
    from conf.ticks import tick_of
    from jobs.io.published import ticks
    tick = tick_of(datetime.datetime.fromisoformat(ds))
    counts = ("rows", "profiles", "events", "late", "future", "unknown")
    now = datetime.datetime.now(datetime.timezone.utc)
    ticks.write_receipt(tick, {**{name + "_count": 0 for name in counts}, "as_of": tick.as_of, "since": tick.since,
        "landings_after": 0, "built_on": tick.ds, "input_versions": {}, "started_at": now, "finished_at": now,
        "code_version": "test"})
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose spark-submit only notes which job was asked for which day."""
    folder = tmp_path_factory.mktemp("home")
    servers.stand_in(folder, SUBMIT)
    return folder


def surroundings(home: Path) -> dict[str, str]:
    return {**servers.surroundings(home), "FRONTROW_SCHEDULE_END": "1998-04-22"}


@pytest.fixture(scope="module")
def airflow(home: Path) -> Iterator[psutil.Popen]:
    with servers.running(home, surroundings(home)) as server:
        yield server


def backfill(
    home: Path, first: str = "1998-04-21", last: str = "1998-04-22", *more: str
) -> subprocess.CompletedProcess:
    return subprocess.run(
        servers.frontrow("backfill", "--from", first, "--to", last, *more),
        cwd=ROOT,
        env=surroundings(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def calls(home: Path) -> list[str]:
    found = (home / "calls").read_text().splitlines()
    (home / "calls").unlink()
    return found


def airflow_says(home: Path, *words: str) -> str:
    """What Airflow's own command line answers after its environment was read, as README tells."""
    line = f". {home}/airflow/environment.sh && airflow {' '.join(words)}"
    return subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, check=True, timeout=120
    ).stdout


def test_a_failed_day_is_told_built_again_and_nothing_else_is(airflow: psutil.Popen, home: Path):
    (home / "broken").touch()
    first = backfill(home)
    assert first.returncode == 1, first.stdout + first.stderr
    assert (
        "1 of 2 runs of homepage_daily failed; 1998-04-22: assemble_drafts: table similars has no rows"
        in first.stderr
    )
    built = calls(home)
    assert [call for call in built if call.endswith("21")][-1] == "publish_homepage_rows 1998-04-21"
    submitted = set(JOBS) - ASKING_FIRST  # these ran for real, and found nothing to do
    assert {call.split()[0] for call in built if call.endswith("21")} == submitted
    assert built.count("assemble_drafts 1998-04-22") == 1  # exit status 65 is not worth another try
    assert "publish_homepage_rows 1998-04-22" not in built

    days = ("--from-date", "1998-04-21", "--to-date", "1998-04-22")
    assert "1998-04-22" in airflow_says(
        home, "backfill", "create", "--dag-id", "homepage_daily", *days, "--dry-run"
    )

    (home / "broken").unlink()
    again = backfill(home)
    assert again.returncode == 0, again.stdout + again.stderr
    built = calls(home)
    assert built[-1] == "publish_homepage_rows 1998-04-22"
    assert {call.split()[1] for call in built} == {"1998-04-22"}  # the good day was left alone


def test_a_task_is_listed_with_the_run_date_that_it_builds(airflow: psutil.Popen, home: Path):
    api = Airflow.model_validate_json((home / "airflow" / "running.json").read_text()).api()
    (run,) = api.runs("homepage_daily", START, START)
    assert {task.rendered_map_index for task in api._tasks("homepage_daily", run)} == {"1998-04-21"}


def test_a_day_whose_backfill_was_cancelled_and_that_was_cleared_is_built(
    airflow: psutil.Popen, home: Path
):
    """Airflow itself would leave it queued for ever."""
    api = Airflow.model_validate_json((home / "airflow" / "running.json").read_text()).api()
    for one in api.backfills("homepage_daily"):
        api.cancel(one)
    day = START.date().isoformat()
    airflow_says(home, "tasks", "clear", "homepage_daily", "-s", day, "-e", day, "-y")
    done = backfill(home, day, day)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "waits for a backfill that was cancelled" in done.stdout
    assert calls(home)[-1] == f"publish_homepage_rows {day}"


def test_hours_are_built_tick_by_tick_and_the_dag_is_paused_again(
    airflow: psutil.Popen, home: Path
):
    asked = (
        "1998-04-22T20:00Z",
        "1998-04-22T20:20Z",
        "--dag-id",
        "homepage_nearline",
        "--max-active-runs",
        "1",
    )
    done = backfill(home, *asked)
    assert done.returncode == 0, done.stdout + done.stderr
    assert calls(home) == [
        f"compute_overlays 1998-04-22T20:{minute}Z" for minute in ("00", "10", "20")
    ]
    listed = json.loads(
        airflow_says(home, "dags", "list", "--output", "json").splitlines()[-1]
    )  # warnings come first
    assert {one["dag_id"] for one in listed if one["is_paused"] == "True"} >= {
        "homepage_nearline",
        "homepage_online",
    }
    days = ("--from-date", "1998-04-22T20:00:00Z", "--to-date", "1998-04-22T20:10:00Z", "--dry-run")
    told = airflow_says(home, "backfill", "create", "--dag-id", "homepage_nearline", *days)
    assert "20:00" in told and "20:10" in told


def test_a_kill_ends_all_of_it(airflow: psutil.Popen, home: Path):
    family = airflow.children(recursive=True)
    airflow.send_signal(signal.SIGTERM)
    assert airflow.wait(60) == 128 + signal.SIGTERM
    left = [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert left == [] and not (home / "airflow" / "running.json").exists()
    assert not (home / "airflow" / "pg" / "postmaster.pid").exists()
