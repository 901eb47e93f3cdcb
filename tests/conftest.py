"""One Spark session for each process of the run, and a fresh lake for every test that asks for one."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_HOME = tempfile.TemporaryDirectory(prefix="frontrow-tests-")
os.environ["FRONTROW_HOME"] = _HOME.name
os.environ["SPARK_MASTER"] = "local[2]"
os.environ.pop("FRONTROW_TABLES", None)
SMALL = {  # tables of tests have tens of rows: compiling every plan and cutting it in four costs more than running it
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "2",
}


@pytest.fixture(scope="session")
def spark() -> Iterator[object]:
    """The session that all tests share."""
    from jobs.io.session import open_session

    session = open_session("tests")
    for option, value in SMALL.items():
        session.conf.set(option, value)
    yield session
    session.stop()


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty root of Delta tables, used by everything the test calls, subprocesses included."""
    root = tmp_path / "tables"
    monkeypatch.setenv("FRONTROW_TABLES", str(root))
    return root


@pytest.fixture(scope="session")
def built(spark, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A lake with everything built, for tests that only read it or copy it first; made once for all processes."""
    from tests.built import build

    shared = (
        tmp_path_factory.getbasetemp().parent
        if worker_id != "master"
        else tmp_path_factory.mktemp("built")
    )
    with (shared / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "built").exists():
            build(spark, shared / "partial").rename(shared / "built")
    return shared / "built"
