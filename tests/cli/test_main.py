"""Every command has a --help with an example that parses, and a user's mistake ends with status 2."""

import re
import shlex

import click
import pytest

from cli.main import COMMANDS, frontrow, main


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
        main()
    assert end.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith(line) and message.count("\n") == 1
