"""Long-lived child processes: started in sessions of their own, watched, and stopped with all their
descendants.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

import psutil

GRACE = 10  # seconds between asking a process to stop and ending it


def start(command: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
    """Start a command with our variables and these; its output goes to the log. Returns the pid."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return child.pid


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def runs(pid: int, command: str) -> bool:
    """Whether the process is this command and not another that got its number since."""
    try:
        return command in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def stop(pids: Sequence[int]) -> None:
    """Ask the processes and all their descendants to stop, then end those that are still there."""
    family: dict[int, psutil.Process] = {}
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(pid)
            family |= {one.pid: one for one in (parent, *parent.children(recursive=True))}
    for one in family.values():
        with contextlib.suppress(psutil.NoSuchProcess):
            one.terminate()
    _, stubborn = psutil.wait_procs(list(family.values()), timeout=GRACE)
    for one in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(stubborn, timeout=GRACE)


def last_line(text: str, otherwise: str) -> str:
    """The last line that says something."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), otherwise)


@contextlib.contextmanager
def orderly_end() -> Iterator[None]:
    """A polite kill and a closed terminal end the command as Ctrl-C does: everything started is
    stopped.
    """

    def leave(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    former = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
