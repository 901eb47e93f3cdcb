"""The recipes of docs/howto.md with servers of their own: Redis, and a PostgreSQL of the distribution's."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from benchmarks.firsthour.documented import Documented, documented_commands
from benchmarks.firsthour.sandbox import Sandbox
from conf.settings import ROOT

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
OWNER = "postgres"


def recipe(variable: str) -> list[Documented]:
    """The commands of the block that exports a variable."""
    return [each for each in documented_commands() if f"export {variable}=" in each.exports]


def shell(documented: Documented, written: str, address: str) -> str:
    """A line with another address for the written one, by this Python, wherever the recipe is read."""
    line = documented.shell.replace(written, address).replace("m0000001-0", "bob")
    assert address in line
    return (
        line.replace(".venv/bin/frontrow", "PYTHON -m cli.main")
        .replace(".venv/bin/python", "PYTHON")
        .replace("PYTHON", sys.executable)
    )


def test_pages_are_sent_to_redis_and_read_from_there(
    root: Path, redis_url: str, tmp_path: Path
) -> None:
    place = Sandbox(tmp_path, {"PYTHONPATH": str(ROOT)})
    send, read = recipe("FRONTROW_REDIS")
    address = redis_url.removeprefix("redis://")
    sent = place.run(shell(send, "127.0.0.1:6379/0", address), 120)
    assert not sent.fault and "layers sent to Redis" in sent.output
    shutil.rmtree(root)  # releases of this machine: the page is Redis' own
    page = place.run(shell(read, "127.0.0.1:6379/0", address), 120)
    assert not page.fault and "Profile bob" in page.output


@pytest.fixture
def port() -> Iterator[int]:
    """That of a PostgreSQL of the distribution's with the user and the database of the recipe."""
    if not PROGRAMS or os.getuid():
        pytest.skip("no PostgreSQL of the distribution's, or no right to start it as its own user")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    with TemporaryDirectory(dir="/tmp") as folder:
        shutil.chown(folder, OWNER)
        data, programs = f"{folder}/data", PROGRAMS[-1].parent

        def run(program: str, *words: str) -> None:
            """One of its programs, as its own user."""
            command = [str(programs / program), *words]
            subprocess.run(
                command, user=OWNER, group=OWNER, cwd=folder, check=True, stdout=subprocess.DEVNULL
            )

        run("initdb", "-D", data, "-A", "trust", "-E", "UTF8")
        options = f"-p {number} -k {folder} -c listen_addresses=127.0.0.1"
        run("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            for text in (
                "CREATE USER airflow PASSWORD 'secret'",
                "CREATE DATABASE airflow OWNER airflow",
            ):
                run("psql", "-h", folder, "-p", str(number), "-d", "postgres", "-c", text)
            yield number
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")


@pytest.mark.slow
def test_airflow_keeps_its_state_in_a_postgresql_of_ones_own(port: int, tmp_path: Path) -> None:
    place = Sandbox(tmp_path, {"PYTHONPATH": str(ROOT), "FRONTROW_HOME": str(tmp_path / "var")})
    (documented,) = recipe("FRONTROW_AIRFLOW_DB")
    line = shell(documented, "127.0.0.1:5432", f"127.0.0.1:{port}")
    line = line.replace("make airflow", f"{sys.executable} -m cli.main airflow")
    ended = place.serve(line, 400)
    assert not ended.fault and "Airflow runs at http://127.0.0.1" in ended.output
    assert not (tmp_path / "var" / "airflow" / "pg").exists()
