"""A command measured by the operating system: the CPU, memory and disk of all processes it starts.

The CPU seconds that a process reports of its children leave out those that outlive their parent, as
the JVM of a Spark job does. So the command runs below a process that Linux gives every orphan to
(PR_SET_CHILD_SUBREAPER): each process is waited for in the end, and none is missed.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psutil

from conf.settings import ROOT

PR_SET_CHILD_SUBREAPER = 36  # of linux/prctl.h
LOOK_S = 0.5  # between two looks at memory
ORPHANS_S = 30.0  # after the command's end that orphans are waited for
MEGABYTE = 1024 * 1024


class Usage(NamedTuple):
    """What a command and all its children took."""

    cpu_s: float  # user and system time
    wall_s: float
    peak_rss_mb: (
        float  # the most resident memory at one look; pages shared by processes count in each
    )
    peak_scratch_mb: float  # the most disk in the folder for scratch files at one look
    status: int  # exit status
    output: str  # its last lines


def measured(
    argv: Sequence[str], variables: Mapping[str, str] | None = None, scratch: Path | None = None
) -> Usage:
    """Run a command in a process of its own with more environment variables, and measure it."""
    with TemporaryDirectory() as folder:
        result = Path(folder) / "usage.json"
        above = [sys.executable, "-m", "benchmarks.scale.process_tree", str(result)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **(variables or {})}
        subprocess.run([*above, str(scratch or ""), *argv], env=environment, cwd=ROOT, check=True)
        return Usage(**json.loads(result.read_text()))


def places_of(home: Path) -> dict[str, str]:
    """The environment variables of a command whose home and tables are in a folder."""
    return {"FRONTROW_HOME": str(home), "FRONTROW_TABLES": str(home / "tables")}


def main(result: Path, scratch: Path | None, argv: Sequence[str]) -> None:
    """Run the command as the only child of this process, and write its usage."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    output = result.with_suffix(".txt")
    began = time.monotonic()
    with output.open("wb") as stream:
        child = subprocess.Popen(argv, stdout=stream, stderr=subprocess.STDOUT)
    rss = disk = 0.0
    by_process: dict[tuple[int, float], float] = {}
    status, ended = None, 0.0
    while _reap(child) or status is None:
        status = child.poll()
        if status is not None and not ended:
            ended = time.monotonic()
        if ended and time.monotonic() > ended + ORPHANS_S:
            _stop_orphans()
        rss = max(rss, _look(by_process) / MEGABYTE)
        disk = max(disk, _bytes_below(scratch) / MEGABYTE if scratch else 0.0)
        time.sleep(LOOK_S if status is None else LOOK_S / 5)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    usage = Usage(
        # a process whose parent ignores its end is waited for by nobody: it counts as last seen
        cpu_s=round(max(used.ru_utime + used.ru_stime, sum(by_process.values())), 2),
        wall_s=round((ended or time.monotonic()) - began, 2),
        peak_rss_mb=round(rss, 1),
        peak_scratch_mb=round(disk, 1),
        status=int(status),
        output=output.read_text(errors="replace")[-2000:],
    )
    result.write_text(json.dumps(usage._asdict()))


def _reap(child: "subprocess.Popen[bytes]") -> bool:
    """Wait for every orphan that has ended; whether any process is left."""
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return False
        if ended is None:
            return True
        if ended.si_pid == child.pid:
            child.wait()
        else:
            os.waitpid(ended.si_pid, 0)


def _look(by_process: dict[tuple[int, float], float]) -> int:
    """Bytes of memory of all processes below this one; keeps the CPU seconds of each so far."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            times = process.cpu_times()
            by_process[process.pid, process.create_time()] = times.user + times.system
            total += process.memory_info().rss
        except psutil.Error:
            continue
    return total


def _bytes_below(folder: Path) -> int:
    """Bytes of the files below a folder; files that vanish meanwhile do not count."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(f"{path}/{name}").st_size
            except OSError:
                continue
    return total


def _stop_orphans() -> None:
    """End what the command left running."""
    for process in psutil.Process().children(recursive=True):
        process.kill()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2] else None, sys.argv[3:])
