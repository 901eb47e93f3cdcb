"""A job seen from outside: what it does to its tables, told by the system as it happens."""

# Tested by tests/benchmarks/trust/test_kills.py.

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil
from watchfiles import watch

from conf.settings import ROOT

STEP_MS = 1  # changes of one such moment come together
LOOK_MS = 100  # between two looks whether the job has ended
ORPHANS_S = 60.0  # in which what a killed job left running has to end by itself
LOG, SEALS = "_delta_log", "_seals"
ENTRY = re.compile(rf".*/{LOG}/\d{{20}}\.json")


class Run(NamedTuple):
    """How a job ended, and its moments: "data" where it began to write files of a table, "entry" where
    a log got one more, "seal" where a chain of seals did.
    """

    status: int
    moments: tuple[str, ...]
    output: str

    @property
    def was_killed(self) -> bool:
        """Whether it ended by the kill, and not before it."""
        return self.status == -signal.SIGKILL


def run(
    argv: Sequence[str],
    variables: Mapping[str, str],
    tables: Path,
    look: Callable[[], None] = lambda: None,
    killed_at: int | None = None,
) -> Run:
    """Run a job in a process group of its own, and `look` at each of its moments.

    At the moment of the number `killed_at`, from 0, the whole group is killed first. What outlives
    that, as Spark's Python workers do, ends by itself.
    """
    output = tables.parent / "output.txt"
    with output.open("wb") as stream:
        job = subprocess.Popen(
            argv,
            cwd=ROOT,
            env=dict(variables),
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    moments: list[str] = []
    family: set[psutil.Process] = set()
    for moment in _moments(job, tables, family):
        if len(moments) == killed_at:
            os.killpg(job.pid, signal.SIGKILL)
        moments.append(moment)
        look()
    _wait_for(family)
    return Run(job.wait(), tuple(moments), output.read_text(errors="replace"))


def _wait_for(family: set[psutil.Process]) -> None:
    """Wait for what outlives a job; what has ended and was not asked how, as init may let it, is gone."""
    patience = ORPHANS_S
    while patience > 0 and any(_works(process) for process in family):
        _, alive = psutil.wait_procs(family, LOOK_MS / 1000)
        family = set(alive)
        patience -= LOOK_MS / 1000


def _works(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _moments(
    job: "subprocess.Popen[bytes]", tables: Path, family: set[psutil.Process]
) -> Iterator[str]:
    """The moments of a job until it has ended; `family` gets all the processes that it has.

    Of changes that come at once files are first, then entries, then seals: their names are in order.
    """
    seen = {str(path) for path in tables.glob(f"*/{LOG}/*.json")}
    is_writing = False
    for paths in _changes(job, tables, family):
        for moment, path in sorted((_moment(path, tables), path) for path in paths):
            if (moment == "entry" and path in seen) or (moment == "data" and is_writing):
                continue
            if moment:
                seen.add(path)
                is_writing = moment == "data"
                yield moment


def _moment(path: str, tables: Path) -> str:
    """What a change of a path means; nothing for what is written beside, as checksums are."""
    table, *below = Path(path).relative_to(tables).parts
    if ENTRY.fullmatch(path):
        return "entry"
    if table == SEALS:
        return "seal" if path.endswith(".jsonl") else ""
    return "data" if below and below[0] != LOG else ""


def _changes(
    job: "subprocess.Popen[bytes]", tables: Path, family: set[psutil.Process]
) -> Iterator[list[str]]:
    """Paths that changed, until the job has ended and nothing changes any more."""
    parent = psutil.Process(job.pid)
    looks = watch(
        tables,
        watch_filter=None,
        debounce=STEP_MS,
        step=STEP_MS,
        rust_timeout=LOOK_MS,
        yield_on_timeout=True,
    )
    for changes in looks:
        has_ended = job.poll() is not None
        if not has_ended:
            family.update(parent.children(recursive=True))
        yield [path for _, path in changes]
        if has_ended and not changes:
            return
