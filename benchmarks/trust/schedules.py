"""The same days built in other orders and at the same time: whether every table holds the same."""

# Tested by tests/benchmarks/trust/test_schedules.py.

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from benchmarks.trust import service
from benchmarks.trust.contents import Contents, contents, differences
from benchmarks.trust.made import own_home
from conf.errors import FrontrowError
from conf.settings import ROOT
from jobs.io.session import open_session

Say = Callable[[str], None]
Lane = Sequence[date]  # what one process builds, in this order
DAYS = 14
SERIAL = "serial"


def figures(say: Say, count: int = DAYS) -> dict[str, object]:
    """How many schedules left every table as the serial one did."""
    days = [service.yesterday() - timedelta(days=ago) for ago in reversed(range(count))]
    unequal: list[str] = []
    again = 0
    with own_home() as home:
        say("a small service")
        _land_and_train(home / "before", days[0], say)
        wanted: Contents = {}
        for name, lanes in schedules(days).items():
            say(f"{count} days, {name}")
            service.copy(home / "before", home / "run")
            again += _run(home / "run", lanes)
            found = contents(home / "run" / "tables")
            wanted = wanted or found
            places = differences(wanted, found)
            say(f"{name}: {len(places)} tables' days differ from the serial ones")
            if places:
                unequal.append(f"{name}: {', '.join(places)}")
            shutil.rmtree(home / "run")
    others = len(schedules(days)) - 1
    return {
        "schedule_days": count,
        "concurrent_schedules": others,
        "concurrent_schedules_equal": others - len(unequal),
        "schedules_unequal": unequal,
        "schedule_tries_again": again,
    }


def schedules(days: Sequence[date]) -> dict[str, list[Lane]]:
    """Ways to build days: by name what each process builds, the serial way first."""
    shuffled = Random(25).sample(days, len(days))
    third = len(days) // 3
    return {
        SERIAL: [days],
        "reversed": [days[::-1]],
        "random": [shuffled],
        "2 at once": [days[n::2] for n in range(2)],
        "4 at once": [days[n::4] for n in range(4)],
        "overlapping backfills": [days[: -third or None], days[third:]],
    }


def _land_and_train(home: Path, first: date, say: Say) -> None:
    with service.at(home):
        spark = open_session("trust")
        try:
            service.land_and_train(spark, home, first, say)
        finally:
            spark.stop()


def _run(home: Path, lanes: Sequence[Lane]) -> int:
    """Build each lane in a process of its own, all at once; how often a job was tried again."""
    module = [sys.executable, "-m", "benchmarks.trust.days_in_order"]
    running = [
        subprocess.Popen(
            [*module, *map(str, lane)],
            cwd=ROOT,
            env=service.environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for lane in lanes
    ]
    outputs = [process.communicate()[0] for process in running]
    for process, output in zip(running, outputs, strict=True):
        if process.returncode:
            raise FrontrowError(f"a schedule ended with {process.returncode}: {output[-500:]}")
    return sum(int(output.split()[-1]) for output in outputs)
