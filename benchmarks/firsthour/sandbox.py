"""A reader's folder: a copy of the sources with a copy of a demo's home as its `var`, in which every
documented command is run as it is written.
"""
# Tested by tests/benchmarks/firsthour/test_sandbox.py.

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from conf.errors import FrontrowError
from conf.settings import ROOT

LINKED = (".venv", "lib")  # read only
LEFT_OUT = ("var", ".git", ".tools", "node_modules")
LINKS = "http://127.0.0.1:"  # what a server prints when it is ready
ENDED_S = 90  # for an end after an interrupt
EXAMPLE = re.compile(
    r"^#  (?=\S|  )", re.MULTILINE
)  # of conf/experiments.yaml, out of its comments


@dataclass(frozen=True)
class Ended:
    """What a command did: ran to its `status`, or was interrupted after its time (None)."""

    status: int | None
    output: str

    @property
    def fault(self) -> str | None:
        """What was wrong with it, None if nothing."""
        lines = self.output.splitlines()
        told = [line for line in lines if line.startswith("error:") and "interrupted" not in line]
        if "Traceback (most recent call last)" in self.output:
            return "a stack: " + " ".join(lines[-3:])[:300]
        if self.status is None:
            return told[0] if told else None
        if self.status:
            return f"status {self.status}: {' '.join(told or lines[-2:])[:300]}"
        return None if self.output.strip() else "it printed nothing"


@dataclass
class Sandbox:
    """The folder, and the variables that a shell in it has."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, line: str, patience_s: float) -> Ended:
        """Run a shell line to its end, or to the end of patience, and interrupt it as Ctrl-C does."""
        with self.running(line) as (process, log):
            try:
                process.wait(patience_s)
                return Ended(process.returncode, log.read_text(errors="replace"))
            except subprocess.TimeoutExpired:
                pass
        return Ended(None, log.read_text(errors="replace"))

    def serve(self, line: str, patience_s: float) -> Ended:
        """Run a server until it says where it answers, and interrupt it."""
        with self.running(line) as (process, log):
            until_ready(process, log, patience_s)
        return Ended(process.returncode if not is_ready(log) else None, log.read_text())

    @contextlib.contextmanager
    def running(self, line: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        """A shell line at work, and the file of what it prints; interrupted at the end."""
        log = self.folder / "said.log" if "airflow" not in line else self.folder / "airflow.log"
        with log.open("wb") as said:
            process = subprocess.Popen(
                ["/bin/bash", "-c", line],
                cwd=self.folder,
                env=os.environ | self.variables,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=hear_interrupts,
            )
        try:
            yield process, log
        finally:
            _interrupt(process)


def hear_interrupts() -> None:
    """Let Ctrl-C end this process: what a shell starts in the background is deaf to it, and so are
    its children.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def until_ready(process: "subprocess.Popen[bytes]", log: Path, patience_s: float) -> None:
    """Wait for a server's link, for its end, or for the end of patience."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end and process.poll() is None and not is_ready(log):
        time.sleep(0.5)


def is_ready(log: Path) -> bool:
    """Whether a server has said where it answers."""
    return LINKS in log.read_text(errors="replace")


def _interrupt(process: "subprocess.Popen[bytes]") -> None:
    """Ctrl-C for all of its group, and an end by force for what goes on."""
    if process.poll() is not None:
        return
    for number, patience_s in ((signal.SIGINT, ENDED_S), (signal.SIGTERM, 20)):
        os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
            break
    with contextlib.suppress(ProcessLookupError):  # what a shell began beside it hears no Ctrl-C
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def made(folder: Path, home: Path) -> Sandbox:
    """A sandbox with a copy of a home, in which the example of an experiment is declared."""
    folder.mkdir(parents=True)
    for path in ROOT.iterdir():
        if path.name in LINKED:
            (folder / path.name).symlink_to(path.resolve())
        elif path.is_dir() and path.name not in LEFT_OUT and not path.name.endswith("_cache"):
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.is_file() and path.name != ".git":
            shutil.copy2(path, folder / path.name)
    subprocess.run(["cp", "-a", str(home), str(folder / "var")], check=True)
    experiments = folder / "conf" / "experiments.yaml"
    text = experiments.read_text(encoding="utf-8").replace("experiments: {}", "experiments:")
    experiments.write_text(EXAMPLE.sub("  ", text), encoding="utf-8")
    _mark_as_set_up(folder)
    programs = f"{folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    places = {"FRONTROW_HOME": str(folder / "var"), "FRONTROW_TABLES": "", "PATH": programs}
    return Sandbox(folder, places | {"PYTHONPATH": str(folder)})


def _mark_as_set_up(folder: Path) -> None:
    """The stamp of `make setup`, whose environment is another folder's and must not be built again.

    Raises:
        FrontrowError: `make setup` would do something all the same.
    """
    (folder / ".tools").mkdir()
    code = "import sys; sys.path.insert(0, '.'); from cli.install import setup; print(setup.fingerprint())"
    words = ["python3", "-I", "-c", code]
    mark = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout
    (folder / ".tools" / "stamp").write_text(mark.strip(), encoding="utf-8")
    without_index = os.environ | {"PIP_NO_INDEX": "1"}  # it would end before it touched anything
    done = subprocess.run(
        ["make", "setup"],
        cwd=folder,
        env=without_index,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or done.stdout.strip():
        raise FrontrowError(f"`make setup` in {folder} is not done: {done.stderr[-300:]}")
