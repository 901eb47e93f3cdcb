"""`frontrow airflow` for tests: the real scheduler, DAG processor, API server and PostgreSQL."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from conf.settings import ROOT

START_S = 240  # until every part has to be healthy


def frontrow(*words: str) -> list[str]:
    """The command line of this checkout."""
    return [sys.executable, "-m", "cli.main", *words]


def stand_in(home: Path, script: str) -> None:
    """Give a home a spark-submit that runs a Python script of the test's own."""
    submit = home / "spark-submit"
    submit.write_text(f"#!{sys.executable}\n{script}")
    submit.chmod(0o755)


def surroundings(home: Path) -> dict[str, str]:
    """The variables of a home with a stand-in for spark-submit."""
    ours = {"FRONTROW_HOME": str(home), "SPARK_SUBMIT": str(home / "spark-submit")}
    others = {n: v for n, v in os.environ.items() if not n.startswith(("AIRFLOW", "FRONTROW_"))}
    return {**others, **ours}


@contextmanager
def running(
    home: Path, environment: Mapping[str, str], checkout: Path = ROOT
) -> Iterator[psutil.Popen]:
    """`frontrow airflow`, ended at last by the kill that a person or a service manager would send."""
    said = home / "said"
    with said.open("w") as output:
        server = psutil.Popen(
            frontrow("airflow"),
            cwd=checkout,
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + START_S
        while "Airflow runs at" not in said.read_text():
            assert server.poll() is None and time.monotonic() < until, said.read_text()
            time.sleep(0.2)
        yield server
    finally:
        if server.poll() is None:
            server.terminate()
        server.wait(60)
