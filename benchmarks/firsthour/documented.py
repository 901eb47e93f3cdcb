"""Every command that README, docs and `--help` name: found in the text, and run where a reader would.

What looks is run on a home with pages. What takes long, needs a network or starts a service is read
by the command's own parser, which is told apart in the figures.
"""

import importlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from conf.settings import ROOT

BLOCK = re.compile(r"```(?:sh|bash|console)\n(.*?)```", re.DOTALL)
PAGES = ("README.md", "CONTRIBUTING.md", "docs/*.md")
LOOKS = frozenset({"page", "why", "tables", "query", "metrics", "explain", "drift", "status"})
MARK = re.compile(r"\b[A-Z]{2,}\b|<\w+>|\.\.\.")  # of a word that a reader fills in
EXAMPLE = re.compile(r"Example: (frontrow .*?)(?=Example:|$)")
PATIENCE_S = 300


@dataclass(frozen=True)
class Documented:
    """A command line as a reader meets it, and the page that has it."""

    line: str
    page: str

    @property
    def words(self) -> list[str]:
        """Its words, the first without its folder."""
        first, *rest = shlex.split(self.line, comments=True)
        return [first.rpartition("/")[2], *rest]


def documented_commands(root: Path = ROOT) -> Iterator[Documented]:
    """The commands of all pages, each once, in the order of reading; then those of `--help`."""
    met: set[str] = set()
    for pattern in PAGES:
        for path in sorted(root.glob(pattern)):
            for block in BLOCK.findall(path.read_text(encoding="utf-8")):
                for line in block.replace("\\\n", " ").splitlines():
                    command = _command(line)
                    if command and command not in met:
                        met.add(command)
                        yield Documented(command, str(path.relative_to(root)))
    for name, command_object in _subcommands():
        text = " ".join((command_object.help or "").split())
        for example in EXAMPLE.findall(text):
            if example.strip() not in met:
                met.add(example.strip())
                yield Documented(example.strip(), f"frontrow {name} --help")


def _command(line: str) -> str | None:
    """The command of a line of a shell block, without what explains it; None for what is not ours."""
    text = line.split(" #")[0].strip().removeprefix("$ ")
    is_ours = re.match(r"(\.venv/bin/)?(frontrow|python -m jobs\.)|make [a-z]", text)
    return text if is_ours else None


def _subcommands() -> Iterator[tuple[str, click.Command]]:
    commands = importlib.import_module("cli.main")  # by its name, as a person calls it
    context = click.Context(commands.frontrow)
    for name in commands.COMMANDS:
        yield name, commands.frontrow.get_command(context, name)


def fault_of(documented: Documented, home: Path) -> tuple[str | None, bool]:
    """What is wrong with a command, None if nothing, and whether it was run or only read."""
    words = documented.words
    if words[0] == "make":
        return _fault_of_target(words[1]), False
    if words[0] == "python":
        return _fault_of_job(words), False
    if len(words) > 1 and words[1] in LOOKS and "--served" not in words:
        return _fault_of_run(words, home), True
    return _fault_of_words(words), False


def _fault_of_target(target: str) -> str | None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return None if target in targets else f"no target {target} in the Makefile"


def _fault_of_job(words: list[str]) -> str | None:
    module = ROOT / Path(*words[2].split(".")).with_suffix(".py")
    return None if module.exists() else f"no module {words[2]}"


def _fault_of_run(words: list[str], home: Path) -> str | None:
    """Run a command on a home with pages, whose files it may write to a folder of their own."""
    command = [sys.executable, "-m", "cli.main", *words[1:]]
    places = {"FRONTROW_HOME": str(home), "PYTHONPATH": str(ROOT), "FRONTROW_TABLES": ""}
    try:
        done = subprocess.run(
            command,
            cwd=home,
            env=os.environ | places,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {PATIENCE_S} s"
    if done.returncode or not done.stdout.strip():
        said = " ".join(done.stderr.split())[:300]
        return f"status {done.returncode}: {said or 'it printed nothing'}"
    return None


def _fault_of_words(words: list[str]) -> str | None:
    """What a command's own parser says to its words."""
    subcommands = dict(_subcommands())
    if len(words) < 2 or words[1] not in subcommands:
        return None if words[1:] in ([], ["--help"], ["--version"]) else "no such command"
    command, rest = subcommands[words[1]], words[2:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        inner = command.get_command(click.Context(command), rest[0])
        if inner is None:
            return f"no such command: {rest[0]}"
        command, rest = inner, rest[1:]
    try:
        with command.make_context(words[1], rest):
            return None
    except click.exceptions.Exit:
        return None  # --help
    except click.ClickException as error:
        return error.format_message()


def figures(home: Path) -> dict[str, object]:
    """The figures of the bench about documented commands."""
    faults, run, count = [], 0, 0
    for documented in documented_commands():
        count += 1
        fault, was_run = fault_of(documented, home)
        run += was_run
        if fault:
            faults.append(f"{documented.page}: {documented.line}: {fault}")
    return {
        "documented_commands": count,
        "documented_commands_ok": count - len(faults),
        "documented_commands_run": run,
        "documented_commands_otherwise": faults,
    }
