"""What `frontrow airflow` prints, and that it ends when one of Airflow's processes has ended."""

from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from cli import airflow as command
from conf.errors import Retryable


class EndingAirflow:
    """An Airflow whose scheduler is found dead at the third check."""

    url = "http://127.0.0.1:8080"
    home = "/srv/airflow"

    def __init__(self) -> None:
        self.checks = 0

    def require_alive(self) -> None:
        self.checks += 1
        if self.checks == 3:
            raise Retryable("the scheduler has ended")


def test_airflow_prints_its_address_and_runs_until_a_process_ends(monkeypatch):
    server = EndingAirflow()
    ports = []

    @contextmanager
    def running(settings, port, say):
        ports.append(port)
        say("starting")
        yield server

    monkeypatch.setattr(command.airflow_server, "running", running)
    monkeypatch.setattr(command, "CHECK_S", 0)
    result = CliRunner().invoke(command.airflow, ["--port", "8080"])
    assert isinstance(result.exception, Retryable) and server.checks == 3 and ports == [8080]
    assert "airflow: starting" in result.output
    assert "Airflow runs at http://127.0.0.1:8080" in result.output
    assert "/srv/airflow/passwords.json" in result.output


@pytest.mark.parametrize("port", ["0", "65536", "web"])
def test_airflow_refuses_a_port_that_does_not_exist(port):
    result = CliRunner().invoke(command.airflow, ["--port", port])
    assert result.exit_code == 2 and "--port" in result.output
