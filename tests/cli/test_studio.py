"""`frontrow studio` refuses a port in use and a short token in one line."""

import socket

import pytest
from click.testing import CliRunner

from cli.studio import HOST, _listening, studio
from conf.errors import UserMistake


def test_port_in_use_is_one_line_that_says_what_to_do() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        error = CliRunner().invoke(studio, ["--port", str(port)]).exception
    assert isinstance(error, UserMistake) and f"port {port} is in use; give another" in str(error)


def test_it_listens_on_this_machine_alone() -> None:
    with _listening(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(UserMistake, match="at least 8 characters"):
        CliRunner().invoke(studio, ["--token", "abc"], catch_exceptions=False)
