"""A day built on a real cluster, one master and two workers, has the rows of local mode."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark
import pytest

from conf.contracts import contract
from jobs.io.tables import spark as tables
from tests.built import DAYS, copy_of, page_hash, tables_at

SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
DAY = DAYS[1]
RUN = f"""
from datetime import date
from jobs.io.session import open_session
from jobs import direct
spark = open_session("cluster day")
print(direct.run_dag(spark, "homepage_daily", date.fromisoformat("{DAY}")))
spark.stop()
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def started(folder: Path, *words: str) -> Iterator[subprocess.Popen]:
    """A process of the cluster, stopped by its id at the end."""
    environment = os.environ | {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(folder),
        "SPARK_NO_DAEMONIZE": "1",
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [str(SPARK_CLASS), *words], env=environment, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(port: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < until, f"nothing listens on port {port}"
        time.sleep(0.2)


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The master's address, with two workers of one core each."""
    port, deploy = free_port(), "org.apache.spark.deploy"
    with ExitStack() as running:
        for name in ("master", "worker-1", "worker-2"):
            (folder / name).mkdir()
        address = ("--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
        running.enter_context(started(folder / "master", f"{deploy}.master.Master", *address))
        wait_for(port)
        for name in ("worker-1", "worker-2"):
            size = ("--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0")
            words = (f"{deploy}.worker.Worker", *size, f"spark://127.0.0.1:{port}")
            running.enter_context(started(folder / name, *words))
        yield f"spark://127.0.0.1:{port}"


@pytest.mark.slow
def test_two_workers_build_the_same_rows_as_one_process(spark, built, tmp_path):
    with tables_at(built):
        expected = page_hash(spark, DAY)
    with tables_at(copy_of(built, tmp_path / "tables")):
        for table in (
            "daily_counts",
            "title_features",
            "profile_features",
            "similars",
            "drafts",
            "homepage_rows",
        ):
            tables.forget_day(spark, contract(table).table, DAY)
        with cluster(tmp_path) as master:
            environment = os.environ | {"SPARK_MASTER": master, "SPARK_LOCAL_IP": "127.0.0.1"}
            done = subprocess.run(
                [sys.executable, "-c", RUN], env=environment, capture_output=True, text=True
            )
        assert done.returncode == 0, done.stderr[-3000:]
        assert page_hash(spark, DAY) == expected
