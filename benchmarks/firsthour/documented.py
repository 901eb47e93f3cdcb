"""Every command that README, docs and `--help` name, found in the text."""

import importlib
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from conf.settings import ROOT

BLOCK = re.compile(r"```(sh|bash|console|python)\n(.*?)```", re.DOTALL)
PAGES = ("README.md", "CONTRIBUTING.md", "docs/*.md")
CODE_TO_RUN = ("README.md", "docs/howto.md")  # Python elsewhere is to be put in files
EXAMPLE = re.compile(r"Example: (frontrow .*?)(?=Example:|$)")
OURS = re.compile(r"(\.venv/bin/)?(frontrow|python -m) |make [a-z]|airflow [a-z]")


@dataclass(frozen=True)
class Documented:
    """A command line as a reader meets it, the page that has it, and what the lines above export."""

    line: str
    page: str
    exports: str = ""

    @property
    def words(self) -> list[str]:
        """Its words, the first without its folder."""
        first, *rest = shlex.split(self.line, comments=True)
        return [first.rpartition("/")[2], *rest]

    @property
    def is_code(self) -> bool:
        """Whether it is Python and no shell line."""
        return "\n" in self.line

    @property
    def shell(self) -> str:
        """What a shell in a reader's folder is given."""
        if self.is_code:
            return f".venv/bin/python - <<'END'\n{self.line}END\n"
        before = ". var/airflow/environment.sh; " if self.line.startswith("airflow ") else ""
        return f"{before}{self.exports}{self.line}"


def documented_commands(root: Path = ROOT) -> Iterator[Documented]:
    """The commands of all pages, each once, in the order of reading; then those of `--help`."""
    met: set[str] = set()
    for documented in (*_of_pages(root), *_of_help()):
        if documented.exports + documented.line not in met:
            met.add(documented.exports + documented.line)
            yield documented


def _of_pages(root: Path) -> Iterator[Documented]:
    for pattern in PAGES:
        for path in sorted(root.glob(pattern)):
            page = str(path.relative_to(root))
            for language, block in BLOCK.findall(path.read_text(encoding="utf-8")):
                if language != "python":
                    yield from _of_block(block, page)
                elif page in CODE_TO_RUN:
                    yield Documented(block, page)


def _of_block(block: str, page: str) -> Iterator[Documented]:
    exports = ""
    for line in block.replace("\\\n", " ").splitlines():
        text = line.split(" #")[0].strip().removeprefix("$ ")
        variables = re.match(r"(?:[A-Z_]+=\S+ )+", text)
        if text.startswith("export "):
            exports += f"{text}; "
        elif OURS.match(text.removeprefix(variables[0] if variables else "")):
            yield Documented(text, page, exports)


def _of_help() -> Iterator[Documented]:
    for name, command in _subcommands():
        for path, each in _with_inner(name, command):
            text = " ".join((each.help or "").split())
            for example in EXAMPLE.findall(text):
                yield Documented(example.strip(), f"frontrow {path} --help")


def _with_inner(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """A command, and those of a group, except measurements, which have pages of their own."""
    yield name, command
    if isinstance(command, click.Group) and name != "bench":
        for inner in command.list_commands(click.Context(command)):
            if (each := command.get_command(click.Context(command), inner)) is not None:
                yield f"{name} {inner}", each


def _subcommands() -> Iterator[tuple[str, click.Command]]:
    commands = importlib.import_module("cli.main")  # by its name, as a person calls it
    context = click.Context(commands.frontrow)
    for name in commands.COMMANDS:
        yield name, commands.frontrow.get_command(context, name)


def fault_by_parser(documented: Documented) -> str | None:
    """What is wrong with a command that can be seen without running it, None if nothing."""
    if documented.is_code:
        compile(documented.line, documented.page, "exec")
        return None
    words = [word for word in documented.words if not re.match(r"[A-Z_]+=", word)]
    if words[0] == "make":
        return _fault_of_target(words[1])
    if words[0] == "python":
        return None if words[2] == "pytest" else _fault_of_job(words)
    return None if words[0] == "airflow" else _fault_of_words(words)


def _fault_of_target(target: str) -> str | None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return None if target in targets else f"no target {target} in the Makefile"


def _fault_of_job(words: list[str]) -> str | None:
    module = ROOT / Path(*words[2].split(".")).with_suffix(".py")
    return None if module.exists() else f"no module {words[2]}"


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
