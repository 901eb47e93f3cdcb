"""What goes wrong around a command rather than in its words, each as a process of its own: no
terminal, a narrow one, a closed pipe, a full disk, an interrupt, Java that is missing or too old.
"""
# Tested by tests/benchmarks/firsthour/test_wrong_processes.py.

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.firsthour.sandbox import hear_interrupts
from benchmarks.firsthour.wrong_inputs import LOOKING, Answer
from conf.settings import ROOT

PATIENCE_S = 300
INTERRUPTS_S = (0.1, 0.15, 0.2, 0.3, 0.4, 0.6)  # of CPU: of a busy machine the same
TICKS_A_S = os.sysconf("SC_CLK_TCK")
OLD_JAVA = "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n"
JAVA_WANTED = (  # commands that start Spark
    ("-m", "jobs.build_daily_counts", "--ds", "2026-01-05"),
    ("-m", "jobs.build_profile_features", "--ds", "2026-01-05"),
    ("-m", "jobs.publish_homepage_rows", "--ds", "2026-01-05"),
)
CLI = ("-m", "cli.main")


@dataclass(frozen=True)
class WrongProcess:
    """Words of Python's, what is wrong around them, and how they may end.

    With `status` 0 the command has to do its work all the same, otherwise to end in one line.
    """

    words: tuple[str, ...]
    what: str
    status: tuple[int, ...]
    variables: dict[str, str] = field(default_factory=dict)
    output: str = ""  # a file that stands for standard output; "closed": a pipe without a reader
    interrupt_s: float = 0.0

    def __str__(self) -> str:
        return f"{self.what}: {' '.join(self.words)}"

    def is_right(self, answer: Answer) -> bool:
        """Whether the command ended as it may, without a stack."""
        if answer.has_stack or answer.status not in self.status:
            return False
        if answer.status in (0, 141):
            return not answer.errors
        return answer.errors.startswith("error: ") and answer.errors.count("\n") == 1


def wrong_processes(folder: Path, home: Path | None) -> Iterator[WrongProcess]:
    """Every such process; what they need is made below `folder`."""
    nowhere = {"FRONTROW_HOME": str(folder / "missing"), "FRONTROW_TABLES": ""}
    for name, words in LOOKING.items():
        yield WrongProcess((*CLI, name, *words), "missing home", (2,), nowhere)
    yield from _without_java(folder, nowhere)
    for after_s in INTERRUPTS_S:
        for name in ("tables", "page"):
            words = (*CLI, name, *LOOKING.get(name, ()))
            yield WrongProcess(
                words, f"interrupt after {after_s} s of CPU", (0, 2, 130), nowhere, "", after_s
            )
    if home is None:
        return
    pages = {"FRONTROW_HOME": str(home), "FRONTROW_TABLES": ""}
    looking = {**LOOKING, "tables": (), "status": ()}
    del looking["rollback"]  # it changes what it is asked of
    for name, words in looking.items():
        command = (*CLI, name, *words)
        yield WrongProcess(command, "20 columns", (0,), pages | {"COLUMNS": "20"})
        yield WrongProcess(command, "no terminal", (0,), pages | {"TERM": "dumb"})
        yield WrongProcess(command, "no reader", (0, 141), pages, "closed")
        yield WrongProcess(command, "full disk", (1, 75), pages, "/dev/full")
        yield WrongProcess(command, "ASCII only", (0,), pages | {"LC_ALL": "C", "PYTHONUTF8": "0"})
    yield from _without_rankers(folder, home)
    for place in ("/proc/page.html", "/dev/null/page.html", str(folder)):
        words = (*CLI, "page", *LOOKING["page"], "--html", place)
        yield WrongProcess(words, "nowhere to write", (2, 1), pages)


def _without_java(folder: Path, variables: dict[str, str]) -> Iterator[WrongProcess]:
    """Commands that start Spark, where Java is missing, too old or no program."""
    old, broken = folder / "old" / "bin", folder / "broken_java" / "bin"
    for place, text in ((old, OLD_JAVA), (broken, "no program\n")):
        place.mkdir(parents=True, exist_ok=True)
        (place / "java").write_text(text, encoding="utf-8")
        (place / "java").chmod(0o755)
    for java in (folder / "no_java", old.parent, broken.parent):
        for words in JAVA_WANTED:
            yield WrongProcess(
                words, f"JAVA_HOME={java.name}", (2, 1), variables | {"JAVA_HOME": str(java)}
            )


def _without_rankers(folder: Path, home: Path) -> Iterator[WrongProcess]:
    """What asks for a ranker, in a home in which none was ever trained."""
    tables = folder / "no_ranker" / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    for table in (home / "tables").iterdir():
        if table.name not in ("rankers", "_seals") and not (tables / table.name).exists():
            (tables / table.name).symlink_to(table)
    variables = {"FRONTROW_HOME": str(tables.parent), "FRONTROW_TABLES": ""}
    for words in (("explain", *LOOKING["explain"]), ("drift",)):
        yield WrongProcess((*CLI, *words), "nothing promoted", (2,), variables)


def answer_of(wrong: WrongProcess) -> Answer:
    """Start the process with what is wrong around it, and wait for its end."""
    with contextlib.ExitStack() as stack:
        output: int = subprocess.PIPE
        if wrong.output == "closed":
            reader, output = os.pipe()
            os.close(reader)
            stack.callback(os.close, output)
        elif wrong.output:
            output = stack.enter_context(Path(wrong.output).open("wb")).fileno()
        process = subprocess.Popen(
            [sys.executable, *wrong.words],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | wrong.variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=hear_interrupts,
        )
        if wrong.interrupt_s:
            while process.poll() is None and _cpu_s(process.pid) < wrong.interrupt_s:
                time.sleep(0.005)
            process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=PATIENCE_S)
    return Answer(process.returncode, said or "", errors)


def _cpu_s(pid: int) -> float:
    """The CPU seconds that a process has taken so far."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS_A_S


def figures(folder: Path, home: Path | None) -> dict[str, Any]:
    """The figures of the bench about what goes wrong around a command."""
    otherwise, stacks, count = [], 0, 0
    for wrong in wrong_processes(folder, home):
        answer = answer_of(wrong)
        count, stacks = count + 1, stacks + answer.has_stack
        if not wrong.is_right(answer):
            said = " ".join((answer.errors or answer.output).split())[:300]
            otherwise.append(f"{wrong}: status {answer.status}: {said}")
    return {
        "wrong_processes": count,
        "wrong_processes_right": count - len(otherwise),
        "wrong_processes_otherwise": otherwise,
        "wrong_processes_stacks": stacks,
    }
