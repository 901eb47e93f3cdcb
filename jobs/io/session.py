"""The Spark session: one way to open it for jobs, tests and benches."""

# Tested by tests/jobs/test_cluster.py.

import logging
import os
import signal
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark.sql import SparkSession

from conf.errors import UserMistake
from conf.java import java_fault, java_version
from conf.settings import ROOT, Settings, load_settings, spark_conf

STDOUT, STDERR = 1, 2
ROOMS = (
    "conf",
    "features",
    "models",
    "experiments",
    "simulator",
    "jobs",
    "closed_loop",
    "benchmarks",
)


def open_session(name: str, settings: Settings | None = None) -> SparkSession:
    """A session in UTC with Delta. On a cluster our code is shipped to the workers as one zip."""
    settings = settings or load_settings()
    if "PYSPARK_GATEWAY_PORT" not in os.environ:  # else Java runs already, and started us
        fault = java_fault(java_version())
        if fault:
            raise UserMistake(fault)
    if settings.spark_master.startswith("local"):
        # a container's own name is often one that nobody resolves
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ["TZ"] = "UTC"
    time.tzset()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    # workers are as many as cores; their threads would fight
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    Path(settings.home, "spark", "local").mkdir(parents=True, exist_ok=True)
    builder = SparkSession.builder.appName(name).master(settings.spark_master)
    for option, value in spark_conf(settings).items():
        builder = builder.config(option, value)
    with children_print_to_stderr():
        session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _interrupt)
    if not settings.spark_master.startswith("local"):
        archive = code_archive(settings.home_path / "spark")
        session.sparkContext.addPyFile(str(archive))
    return session


@contextmanager
def children_print_to_stderr() -> Iterator[None]:
    """Processes that are started meanwhile print to standard error: Java's notes, as of each vacuum,
    would stand amid a command's answer.
    """
    sys.stdout.flush()
    answer = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)
    try:
        yield
    finally:
        os.dup2(answer, STDOUT)
        os.close(answer)


def _interrupt(_number: int, _frame: object) -> None:
    """Ctrl-C: Spark's own handler asks Java to cancel, in the middle of another question to it, and
    what is said of a Java that is gone as well is no news.
    """
    logging.disable(logging.CRITICAL)
    raise KeyboardInterrupt


def code_archive(folder: Path) -> Path:
    """Our code as one zip, for workers that have no checkout."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"frontrow-{os.getpid()}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for room in ROOMS:
            for file in sorted((ROOT / room).rglob("*")):
                if file.suffix in (".py", ".yaml"):
                    archive.write(file, file.relative_to(ROOT))
    return path
