"""What the runner of Airflow refuses, keeps to itself and leaves behind; the real thing runs in tests/dags."""

import json
import socket
import stat
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import psutil
import pytest

from conf.airflow import USER, airflow_environment
from conf.errors import Retryable, UserMistake
from conf.settings import ROOT, Settings
from jobs.io.airflow import postgres
from jobs.io.airflow import server as airflow_server
from jobs.io.airflow.server import Airflow

SECRETS = {"jwt": "j", "api": "a", "fernet": "f"}


def test_a_taken_port_is_one_line_that_says_what_to_do():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            UserMistake, match=rf"port {port}: Address already in use; give another --port"
        ):
            airflow_server.free_port(port)
        assert airflow_server.free_port(None) != port


def test_only_one_airflow_runs_on_a_home(tmp_path: Path):
    settings = Settings(home=str(tmp_path))
    airflow_server.home_of(settings).mkdir()
    assert airflow_server.running_airflow(settings) is None
    running = Airflow(
        url="http://127.0.0.1:1", home=str(tmp_path / "airflow"), environment={}, parts={}
    )
    with airflow_server._only_one(tmp_path / "airflow"):
        (tmp_path / "airflow" / "running.json").write_text(running.model_dump_json())
        assert airflow_server.running_airflow(settings) == running
        with (
            pytest.raises(UserMistake, match="an Airflow already runs on"),
            airflow_server.running(settings),
        ):
            pytest.fail("a second one was started")
    assert airflow_server.running_airflow(settings) is None


def test_secrets_are_random_kept_and_private(tmp_path: Path):
    first = airflow_server._secrets(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    assert (
        airflow_server._secrets(tmp_path)
        == first
        != airflow_server._secrets(tmp_path / "elsewhere")
    )
    for name in ("secrets.json", "passwords.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert len(json.loads((tmp_path / "passwords.json").read_text())[USER]) >= 16


def test_a_part_that_has_ended_is_named_with_its_last_words(tmp_path: Path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "scheduler.log").write_text("starting\nno space left on device\n\n")
    airflow = Airflow(url="", home=str(tmp_path), environment={}, parts={"scheduler": 2**22 + 1})
    with pytest.raises(Retryable, match="scheduler has ended: no space left on device"):
        airflow.require_alive()


def test_exports_survive_the_shell():
    value = 'it\'s $HOME; `x` "y"'
    lines = Airflow(url="", home="", environment={"AIRFLOW__CORE__X": value}, parts={}).exports()
    shell = subprocess.run(
        ["sh", "-c", f'{lines} printf %s "$AIRFLOW__CORE__X"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shell.stdout == value


def test_ports_move_together_and_everything_stays_on_loopback(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("AIRFLOW__API__PORT", "8080")
    given = airflow_environment(Settings(home=str(tmp_path)), 4321, "sqlite:///x", SECRETS)
    assert given["AIRFLOW__API__PORT"] == "4321" and given["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert given["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:4321/execution/"
    assert given["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"] == "False"
    assert given["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] == "False"
    assert given["AIRFLOW__CORE__DAGS_FOLDER"] == str(ROOT / "dags")


def test_the_executor_is_the_operators_choice(tmp_path: Path, monkeypatch):
    assert (
        airflow_environment(Settings(home=str(tmp_path)), 1, "", SECRETS)["AIRFLOW__CORE__EXECUTOR"]
        == "LocalExecutor"
    )
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    assert (
        airflow_environment(Settings(home=str(tmp_path)), 1, "", SECRETS)["AIRFLOW__CORE__EXECUTOR"]
        == "CeleryExecutor"
    )


def test_a_home_too_deep_for_a_socket_is_the_users_to_move(tmp_path: Path):
    with (
        pytest.raises(UserMistake, match="too long a path for a socket; set FRONTROW_HOME"),
        postgres.running(tmp_path / ("deep" * 30)),
    ):
        pytest.fail("it started")


def test_the_database_listens_on_a_socket_in_a_folder_of_its_own_and_on_no_port():
    with TemporaryDirectory(prefix="pg") as home:  # a short path
        folder = Path(home) / "database"
        with postgres.running(folder) as url:
            lines = (folder / "postmaster.pid").read_text().splitlines()
            process, sockets, addresses = int(lines[0]), Path(lines[4]), lines[5]
            assert addresses == "" and not psutil.Process(process).net_connections("tcp")
            assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
            assert f"host={sockets}" in url or quote(str(sockets), safe="") in url
