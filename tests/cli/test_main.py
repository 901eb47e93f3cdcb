"""Every command has a --help with an example that parses, and a user's mistake ends with status 2."""

import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cli.main import COMMANDS, LOOKING, frontrow, run


def command(name: str) -> click.Command:
    found = frontrow.get_command(click.Context(frontrow), name)
    assert found is not None
    return found


def examples(name: str) -> list[str]:
    text = " ".join((command(name).help or "").split())
    return [part.strip() for part in re.findall(r"Example: (frontrow .*?)(?=Example:|$)", text)]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_that_the_command_accepts(name: str) -> None:
    assert examples(name), "its docstring has no line `Example: frontrow ...`"
    for example in examples(name):
        _, subcommand, *words = shlex.split(example)
        assert subcommand == name
        command(name).make_context(name, words)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is(name: str) -> None:
    options = [p for p in command(name).params if isinstance(p, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["nothing"], "error: No such command 'nothing'."),
        (["page"], "error: Missing option '--profile'."),
        (["query", "SELECT 1", "--json", "--csv"], "error: give --json or --csv, not both"),
        (["page", "--profile", "1", "--at", "noon"], "error: --at 'noon' is not an instant"),
    ],
)
def test_a_users_mistake_is_one_line_and_status_2(
    words: list[str],
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["frontrow", *words])
    with pytest.raises(SystemExit) as end:
        run()
    assert end.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith(line) and message.count("\n") == 1


@pytest.mark.parametrize("name", ["page", "tables", "query", "metrics"])
def test_commands_that_look_import_nothing_that_takes_long(name: str) -> None:
    text = (
        f"import sys; import cli.{name};"
        " print({'lightgbm', 'pyspark', 'scipy.optimize', 'airflow'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_command_that_looks_sees_no_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "import sys; sys.argv = ['frontrow', 'tables', '--help']; import cli.main as m; m.run()"
    text = f"try:\n    exec({text!r})\nexcept SystemExit: pass\nimport pandas"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert "pandas is left out" in done.stderr


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (
            PermissionError(13, "Permission denied", "/home/else"),
            2,
            "/home/else: Permission denied",
        ),
        (FileNotFoundError(2, "No such file or directory", "/proc/x"), 2, "FRONTROW_HOME"),
        (OSError(28, "No space left on device"), 75, "the disk is full"),
        (socket.gaierror(-2, "Name or service not known"), 2, "check the address"),
        (KeyError("continue_watching"), 1, "KeyError: 'continue_watching' (FRONTROW_TRACE=1"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ValueError("one\n  Traceback of\n many lines"), 1, "ValueError: one (FRONTROW_TRACE"),
    ],
)
def test_any_fault_is_one_line_with_its_status(
    fault: BaseException,
    status: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.delenv("FRONTROW_TRACE", raising=False)
    monkeypatch.setattr("sys.argv", ["frontrow", "land"])
    monkeypatch.setattr(frontrow, "invoke", fail)
    with pytest.raises(SystemExit) as end:
        run()
    assert end.value.code == status
    line = capsys.readouterr().err.strip()
    assert line.startswith("error: ") and words in line and "\n" not in line


def test_a_reader_that_had_enough_is_no_fault() -> None:
    text = "import sys; sys.argv = ['frontrow', '--help']; import cli.main as m; m.main()"
    command = f"{sys.executable} -c {shlex.quote(text)} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stdout.strip() in ("0", "1", "141") and not done.stderr


def _ended(words: list[str], output: int, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | variables,
        check=False,
    )


def test_without_any_reader_the_status_is_that_of_a_closed_pipe(lake: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = _ended(["tables"], writer)
    os.close(writer)
    assert ended.returncode == 141 and not ended.stderr


def test_what_rich_prints_without_any_reader_has_that_status_too() -> None:
    text = (
        "import sys, click, cli.main as m\n"
        "from rich.console import Console\n"
        "def invoke(*_): Console().print('a page')\n"
        "click.Group.invoke = invoke\n"
        "sys.argv = ['frontrow', 'page']\n"
        "m.main()\n"
    )
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run([sys.executable, "-c", text], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_a_terminal_without_a_letter_gets_another_one() -> None:
    code = (
        "import sys, click, cli.main as m; sys.argv = ['frontrow', 'status'];"
        "m.frontrow.invoke = lambda ctx: print('a', chr(183), 'b'); m.main()"
    )
    plain = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=plain)
    assert done.stdout == "a ? b\n" and done.returncode == 0, done.stderr


def _last_words(command: str) -> str:
    """What a program prints whose command prints a word and promised one for its end."""
    text = (
        "import atexit, sys, cli.main as m\n"
        "m.os._exit = lambda status: print('at once', status)\n"
        "def invoke(ctx):\n"
        "    atexit.register(print, 'promised')\n"
        "    print('shown')\n"
        f"sys.argv = ['frontrow', {command!r}]\n"
        "m.frontrow.invoke = invoke\n"
        "m.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    return done.stdout


def test_a_command_that_looks_ends_at_once_after_what_was_promised() -> None:
    assert _last_words("page") == "shown\npromised\nat once 0\n"
    assert _last_words("land") == "shown\npromised\n"
    assert {"page", "why", "metrics"} <= LOOKING


@pytest.mark.parametrize(
    "text",
    [
        "import builtins, sys\n"
        "real = builtins.__import__\n"
        "def interrupted(name, *more):\n"
        "    if name == 'click': raise KeyboardInterrupt\n"
        "    return real(name, *more)\n"
        "builtins.__import__ = interrupted\n"
        "import cli.main\n",
        "import sys, click, cli.main as m\n"
        "def invoke(*_): raise KeyboardInterrupt\n"
        "click.Group.invoke = invoke\n"
        "sys.argv = ['frontrow', 'land']\n"
        "m.main()\n",
    ],
    ids=["while it is imported", "while it works"],
)
def test_an_interrupt_at_any_time_is_one_line(text: str) -> None:
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert (done.stderr, done.returncode) == ("error: interrupted\n", 130)
