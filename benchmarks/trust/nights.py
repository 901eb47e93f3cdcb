"""Nights as Airflow runs them: `airflow dags test` with chosen tasks, and what people hear of them."""

# Tested by tests/benchmarks/trust/test_alarms.py.

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from conf.days import start_of
from conf.errors import FrontrowError, Retryable
from conf.schedule import cadence
from conf.settings import ROOT
from jobs.io.status import add_stale_days, status

AIRFLOW = str(Path(sys.executable).parent / "airflow")
CHANNEL = "alarms.jsonl"
PATIENCE_S = 900


@dataclass(frozen=True)
class Airflow:
    """An Airflow of the bench's own, without its servers: a database, and the DAGs of this checkout."""

    home: Path

    def made(self) -> "Airflow":
        """The same with its database, which takes some seconds."""
        self.home.mkdir(parents=True)
        done = _run([AIRFLOW, "db", "migrate"], self._environment({}))
        if done.returncode:
            raise Retryable(f"`airflow db migrate` failed: {done.stdout[-200:]}")
        return self

    def run(
        self,
        dag_id: str,
        end: datetime,
        tasks: Sequence[str] = (),
        own: Mapping[str, str] | None = None,
        before: str = "",
    ) -> str:
        """Run the DAG of the data interval that ends then; what it said.

        With `tasks` only these, all others count as done. `before` is done by a shell first, with
        a file system table of its own.
        """
        words = [AIRFLOW, "dags", "test", dag_id, end.strftime("%Y-%m-%dT%H:%M:%S+00:00")]
        done = sorted(set(cadence(dag_id).jobs) - set(tasks)) if tasks else []
        if done:
            words += ["--mark-success-pattern", "|".join(done)]
        return _run(_after(before, words), self._environment(own or {})).stdout

    def status(self, own: Mapping[str, str], before: str) -> list[str]:
        """What `frontrow status` prints where something was mounted before."""
        words = [sys.executable, "-m", "cli.main", "status"]
        return _run(_after(before, words), self._environment(own)).stdout.splitlines()

    def _environment(self, own: Mapping[str, str]) -> dict[str, str]:
        ours = {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.home / 'airflow.db'}",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "PYTHONPATH": str(ROOT),
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        return {**kept, **ours, **own}


def heard(home: Path, now: datetime) -> list[str]:
    """Every line that an alarm's channel or `frontrow status` has: words alone, as a person reads
    them.
    """
    channel = home / CHANNEL
    lines = channel.read_text(encoding="utf-8").splitlines() if channel.exists() else []
    return [*lines, *told(now)]


def told(now: datetime) -> list[str]:
    """What `frontrow status` says is wrong at an instant; its error where it says nothing else."""
    try:
        found = status(now)
        add_stale_days(found)
    except FrontrowError as error:
        return [f"error: {error}"]
    lines = [f"{each.kind}: {each.subject}: {each.text}" for each in found.findings]
    changed = found.facts.get("stale_days", {})
    return [*lines, *(f"stale day {ds}: {why}" for ds, why in changed.items())]


def morning(ds: date) -> datetime:
    """When somebody looks: the night that builds a day ought to be done."""
    return start_of(ds + timedelta(days=1)) + timedelta(hours=7)


def may_mount() -> bool:
    """Whether this user may mount something where nobody else sees it: a small disk to be full."""
    mount = ["unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt"]
    return subprocess.run(mount, capture_output=True, check=False).returncode == 0


def _after(before: str, words: list[str]) -> list[str]:
    """A command that a shell runs after a line of its own, with mounts that nobody else sees."""
    if not before:
        return words
    return ["unshare", "-m", "sh", "-c", f'{before} && exec "$@"', "sh", *words]


def _run(words: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=ROOT,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=PATIENCE_S,
        check=False,
    )
