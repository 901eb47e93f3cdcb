"""A small shop whose pages are published, and nothing of it released yet; a Redis server, where there is one."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conf.settings import load_settings
from jobs.io.serving import releases
from tests import published


@pytest.fixture
def root(lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the releases of the shop will be."""
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path / "home"))
    published.shop(lake)
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
