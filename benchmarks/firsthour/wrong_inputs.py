"""What people give by mistake: every command with every kind of wrong input, and what it answers.

The options of a command are read from the command itself, so that a new one is tried as well.
"""

import contextlib
import importlib
import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import click
from deltalake import write_deltalake

from jobs.io.tables.schemas import arrow_schema

# commands that look at what is stored, with words that a home with pages answers
LOOKING: dict[str, tuple[str, ...]] = {
    "page": ("--profile", "m0000001-0"),
    "why": ("--profile", "m0000001-0", "--row", "1"),
    "metrics": (),
    "explain": ("--profile", "m0000001-0"),
    "drift": (),
    "rollback": (),
    "query": ("SELECT count(*) FROM homepage_rows",),
}
NEVER_WRONG = frozenset(
    {"tables", "status", "doctor", "stale"}
)  # of an empty home they tell just that
DAYS = ("tomorrow", "2026-02-30", "20260105", "1-1-1", "2026-01-05T00:00Z")
INSTANTS = ("noon", "2026-01-05", "2026-01-05T25:00Z", "2026-01-05T10:00")
TEXTS = ("", "nobody", "\x1b[31mred", "x" * 5_000, "'; DROP TABLE events; --", "../../etc/passwd")
NUMBERS = ("many", "-1", "1.5", "1e400", "")
QUERIES = (
    "",
    "SELECT",
    "SELEC 1",
    "DROP TABLE events",
    "SELECT * FROM nothing",
    "SELECT nothing FROM titles",
    "COPY titles TO '/tmp/x'",
    "CREATE TABLE a AS SELECT 1",
    "SHOW COLUMNS",
    "EXPLAIN ANALYZE SELECT 1",
    "SELECT 1; SELECT 2",
    "\x1b[31m",
)
VARIABLES = {
    "FRONTROW_STARS": ("many", "-1"),
    "FRONTROW_SCHEDULE_START": ("soon",),
    "FRONTROW_SCHEDULE_END": ("2026-02-30",),
    "FRONTROW_WRITER": ("nobody",),
}


@dataclass(frozen=True)
class WrongInput:
    """The words of a command line, and variables, with something wrong in them."""

    words: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        words = [word if len(word) < 40 else f"{word[:20]}..." for word in self.words]
        return " ".join([*(f"{name}={value}" for name, value in self.variables), *map(repr, words)])


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it printed."""

    status: int
    output: str
    errors: str

    @property
    def is_one_line(self) -> bool:
        """Whether it is the one line of an error, with the status of one, and nothing else."""
        is_line = self.errors.startswith("error: ") and self.errors.count("\n") == 1
        return is_line and self.status in (1, 2, 65, 75) and not self.has_stack

    @property
    def has_stack(self) -> bool:
        """Whether a stack was printed, or a fault that nobody has thought of."""
        text = self.output + self.errors
        return "Traceback" in text or "FRONTROW_TRACE" in text


def answer_to(wrong: WrongInput) -> Answer:
    """Run a command in this process, as a shell would in one of its own."""
    command = importlib.import_module("cli.main")  # by its name, as a person calls it
    output, errors, status = io.StringIO(), io.StringIO(), 0
    importers = list(sys.meta_path)
    with (
        mock.patch.object(sys, "argv", ["frontrow", *wrong.words]),
        mock.patch.dict(os.environ, dict(wrong.variables)),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        try:
            command.run()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        finally:
            sys.meta_path[:] = importers
    return Answer(status, output.getvalue(), errors.getvalue())


def wrong_inputs(folder: Path, home: Path | None = None) -> Iterator[WrongInput]:
    """Every wrong input; the homes that they need are made below `folder`.

    With a `home` that has pages, its unknown profiles, titles, rows and days are asked for too.
    """
    commands = importlib.import_module("cli.main")
    context = click.Context(commands.frontrow)
    for name in commands.COMMANDS:
        command = commands.frontrow.get_command(context, name)
        yield from wrong_words(name, command)
    yield WrongInput(("nothing",))
    yield WrongInput(("--nothing",))
    for variables in wrong_homes(folder):
        for name, words in LOOKING.items():
            yield WrongInput((name, *words), variables)
    for variable, values in VARIABLES.items():
        for value in values:
            for name, words in LOOKING.items():
                yield WrongInput((name, *words), ((variable, value),))
    if home is not None:
        yield from unknown_names(home)
    nothing = (("FRONTROW_HOME", str(folder / "nothing")),)
    for text in QUERIES:
        yield WrongInput(("query", text), nothing)


def wrong_words(name: str, command: click.Command) -> Iterator[WrongInput]:
    """Wrong words for one command: by each of its options, and none that it has."""
    required = right_words(command)
    yield WrongInput((name, *required, "--no-such-option"))
    yield WrongInput((name, *required, "one", "two", "three"))
    if required and not isinstance(command, click.Group):
        yield WrongInput((name,))
    for option in command.params:
        if not isinstance(option, click.Option) or option.is_flag:
            continue
        flag = max(option.opts, key=len)
        yield WrongInput((name, *required, flag))  # without a value
        for value in wrong_values(option):
            yield WrongInput((name, *_without(required, flag), flag, value))


def right_words(command: click.Command) -> tuple[str, ...]:
    """What a command cannot do without, rightly given."""
    words: list[str] = []
    for option in command.params:
        if option.required and isinstance(option, click.Option):
            words += [max(option.opts, key=len), _right_value(option)]
        elif option.required:
            words.append("SELECT 1")
    return tuple(words)


def _right_value(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return str(option.type.choices[0])
    if isinstance(option.type, click.types.IntParamType):
        return "0"
    return "2026-01-05" if "DAY" in str(option.metavar or "") else "m0000001-0"


def wrong_values(option: click.Option) -> Sequence[str]:
    """Values that an option cannot have; none where any text may be right."""
    kind, metavar = option.type, str(option.metavar or "")
    if isinstance(kind, click.types.IntParamType | click.types.FloatParamType):
        return NUMBERS if isinstance(kind, click.IntRange) and kind.min else ("many", "1.5.5")
    if isinstance(kind, click.Choice):
        return ("nothing", "", "\x1b[31m")
    if "DAY" in metavar:
        return DAYS[:4] if "INSTANT" in metavar else DAYS
    if "INSTANT" in metavar:
        return INSTANTS
    if option.name in ("device", "by", "names", "dag_id"):
        return ("nothing", "\x1b[31m")
    return ()


def unknown_names(home: Path) -> Iterator[WrongInput]:
    """What a home with pages is asked for and does not have."""
    pages = (("FRONTROW_HOME", str(home)), ("FRONTROW_TABLES", ""))
    for text in TEXTS:
        yield WrongInput(("page", "--profile", text), pages)
        yield WrongInput(("explain", *LOOKING["page"], "--ranker", text), pages)
        yield WrongInput(("drift", "--ranker", text), pages)
    for text in TEXTS[1:3]:
        yield WrongInput(("why", "--profile", text, "--row", "1"), pages)
        yield WrongInput(("why", *LOOKING["page"], "--row", text), pages)
        yield WrongInput(("explain", "--profile", text), pages)
        yield WrongInput(("explain", *LOOKING["page"], "--title", text), pages)
    for row in ("0", "999"):
        yield WrongInput(("why", *LOOKING["page"], "--row", row), pages)
    for ds in ("1990-01-01", "2999-12-31"):
        for name, words in LOOKING.items():
            if name != "query":
                yield WrongInput((name, *words, "--ds", ds), pages)


def _without(words: Sequence[str], flag: str) -> list[str]:
    kept = list(words)
    if flag in kept:
        at = kept.index(flag)
        del kept[at : at + 2]
    return kept


def wrong_homes(folder: Path) -> Iterator[tuple[tuple[str, str], ...]]:
    """Homes that hold no pages: the variables that name each."""
    missing, empty = folder / "missing", folder / "empty"
    (empty / "tables").mkdir(parents=True, exist_ok=True)
    a_file = folder / "a_file"
    a_file.touch()
    broken = folder / "broken" / "tables"
    for name in ("publications", "homepage_rows", "rankers", "profile_features"):
        log = broken / name / "_delta_log"
        log.mkdir(parents=True, exist_ok=True)
        (log / f"{0:020}.json").write_text("{not json\n")
    unpublished = folder / "unpublished" / "tables"
    for name in ("events", "titles", "profiles"):
        write_deltalake(str(unpublished / name), arrow_schema(name).empty_table(), mode="overwrite")
    for home in (missing, empty, a_file, Path("/proc/frontrow"), broken.parent, unpublished.parent):
        yield (("FRONTROW_HOME", str(home)), ("FRONTROW_TABLES", ""))
    for tables in ("nowhere://bucket/tables", "/dev/null", str(a_file)):
        yield (("FRONTROW_HOME", str(empty)), ("FRONTROW_TABLES", tables))


def judged(folder: Path, home: Path | None) -> tuple[int, list[str], int]:
    """How many wrong inputs there are, those that are not answered by one line, and the stacks."""
    several, stacks, count = [], 0, 0
    for wrong in wrong_inputs(folder, home):
        count += 1
        answer = answer_to(wrong)
        stacks += answer.has_stack
        if not answer.is_one_line:
            several.append(f"{wrong}: status {answer.status}: {_beginning(answer)}")
    return count, several, stacks


def _beginning(answer: Answer) -> str:
    return " ".join((answer.errors or answer.output or "nothing").split())[:300]


def figures(folder: Path, home: Path | None) -> Mapping[str, Any]:
    """The figures of the bench about wrong inputs."""
    count, several, stacks = judged(folder, home)
    return {
        "wrong_inputs": count,
        "wrong_inputs_one_line": count - len(several),
        "tracebacks": stacks,
        "wrong_inputs_otherwise": several,
    }
