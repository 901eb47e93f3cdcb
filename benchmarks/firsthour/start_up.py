"""How long a person waits for a command: the whole process, from its start to its end."""
# Tested by tests/benchmarks/firsthour/test_run.py.

import os
import subprocess
import sys
import time
from pathlib import Path

from conf.settings import ROOT

COMMANDS: dict[str, tuple[str, ...]] = {
    "--version": ("--version",),
    "--help": ("--help",),
    "page --help": ("page", "--help"),
    "page": ("page", "--profile", "m0000001-0"),
    "why": ("why", "--profile", "m0000001-0", "--row", "2"),
    "tables": ("tables",),
    "query": ("query", "SELECT count(*) AS n FROM events"),
    "metrics": ("metrics",),
}
TRIES = 3  # of which the quickest counts: the first one fills caches


def seconds(words: tuple[str, ...], home: Path, tries: int = TRIES) -> tuple[float, float]:
    """Wall and CPU seconds of a command on a home, each of its quickest try."""
    places = {"FRONTROW_HOME": str(home), "PYTHONPATH": str(ROOT), "FRONTROW_TABLES": ""}
    walls, cpus = [], []
    for _ in range(tries):
        before, began = os.times(), time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "cli.main", *words],
            env=os.environ | places,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        walls.append(time.monotonic() - began)
        after = os.times()
        cpus.append(
            after.children_user
            - before.children_user
            + after.children_system
            - before.children_system
        )
    return min(walls), min(cpus)


def figures(home: Path) -> dict[str, object]:
    """The figures of the bench about start-up, and of a demo that was built before."""
    times = {name: seconds(words, home) for name, words in COMMANDS.items()}
    again = None
    if (home / "demo.json").exists():
        again = seconds(("demo",), home)[0]
    return {
        "start_up_s": {name: round(wall, 2) for name, (wall, _) in times.items()},
        "start_up_cpu_s": {name: round(cpu, 2) for name, (_, cpu) in times.items()},
        "demo_again_s": None if again is None else round(again, 2),
    }
