"""One Spark session for each process of the run, and a fresh lake for every test that asks for one."""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
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


@pytest.fixture
def root(lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of releases of a small service whose pages are published and not yet released."""
    from conf.settings import load_settings
    from jobs.io.serving import releases
    from tests import published

    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path / "home"))
    published.write_service(lake)
    return releases.folder_of(load_settings().home_path)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of this run's own, without a file, on a free port."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("no redis-server on PATH; .ci/run installs it (Debian: redis-server)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(
        words, cwd=tmp_path_factory.mktemp("redis"), stdout=subprocess.DEVNULL
    )
    try:
        _answers(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)


def _answers(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("redis-server does not answer")
