"""Every documented command run as it is written, in the order of reading, in a reader's folder.

What works for longer than somebody waits, such as a benchmark, is begun, interrupted as by Ctrl-C,
and counted apart. Servers run until they say where they answer, and Airflow's own commands beside
`make airflow`.
"""
# Tested by tests/benchmarks/firsthour/test_as_written.py.

import contextlib
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.firsthour import sandbox
from benchmarks.firsthour.documented import Documented, documented_commands
from benchmarks.firsthour.sandbox import Ended, Sandbox
from conf.settings import load_settings
from jobs.io.airflow.server import running_airflow

SERVERS = re.compile(r"make (studio|airflow)|(\S*/)?frontrow (studio|airflow)\b")
LONG = re.compile(
    r"make (test|demo \w)|(\S*/)?frontrow (bench|tune|simulate|demo -)|\S*python -m pytest"
)
TESTS = re.compile(r"make test|\S*python -m pytest")
HEALTH = re.compile(r"(\S*/)?frontrow status\b")  # with status 1 it has found what to do
BEGUN_S = 45  # of a command that takes longer than somebody waits
NEEDS = {"FRONTROW_REDIS": "redis-server", "FRONTROW_AIRFLOW_DB": "a PostgreSQL of one's own"}
SMALL_LOG = {  # of a reader who has one
    "events.csv": "profile_id,title_id,event_at,kind\nada,1,2026-01-02T20:00Z,play\n",
    "titles.csv": "title_id,name\n1,Alien\n",
}


class Reader:
    """Somebody who types what is written, and who has a log and an experiment of their own."""

    def __init__(self, place: Sandbox, patience_s: float) -> None:
        self.place, self.patience_s = place, patience_s
        self.server = contextlib.ExitStack()  # the Airflow that runs beside
        for name, text in SMALL_LOG.items():
            (place.folder / "my_log").mkdir(exist_ok=True)
            (place.folder / "my_log" / name).write_text(text, encoding="utf-8")

    def ended(self, documented: Documented) -> Ended:
        """How a documented command ends."""
        line = documented.shell
        if SERVERS.match(documented.line):
            self.server.close()
            return self.place.serve(line, self.patience_s)
        if documented.line.startswith("airflow "):
            self._serve_airflow()
        if "backfill" in documented.line:
            self._wait_for_backfills()
        ended = self.place.run(line, BEGUN_S if LONG.search(documented.line) else self.patience_s)
        is_begun = ended.status is None and TESTS.match(documented.line)
        # plug-ins of pytest that are interrupted print stacks, which are none of ours
        if is_begun:
            return Ended(None, "")
        has_found = HEALTH.match(documented.line) and "docs/runbook.md" in ended.output
        return Ended(0, ended.output) if has_found else ended

    def _serve_airflow(self) -> None:
        if not (self.place.folder / "var" / "airflow" / "running.json").exists():
            self.server.close()
            process, log = self.server.enter_context(self.place.running("make airflow"))
            sandbox.until_ready(process, log, self.patience_s)

    def _wait_for_backfills(self) -> None:
        """Wait until a backfill before has ended; one that has not in time is cancelled."""
        settings = load_settings().model_copy(update={"home": str(self.place.folder / "var")})
        if (airflow := running_airflow(settings)) is None:
            return
        end = time.monotonic() + self.patience_s
        while airflow.api().active("homepage_daily") and time.monotonic() < end:
            time.sleep(5)
        for one in airflow.api().backfills("homepage_daily"):
            airflow.api().cancel(one)


def answers(home: Path, folder: Path, patience_s: float) -> Iterator[tuple[Documented, Ended]]:
    """How each documented command ends on a copy of a home, in the order of reading."""
    reader = Reader(sandbox.made(folder, home), patience_s)
    with reader.server:
        for documented in documented_commands():
            if not missing(documented):
                yield documented, reader.ended(documented)


def missing(documented: Documented) -> str | None:
    """What a command needs beside this machine's own: it is a test's to bring that."""
    return next((need for name, need in NEEDS.items() if name in documented.exports), None)


def figures(home: Path, patience_s: float) -> dict[str, object]:
    """The figures of the bench about documented commands."""
    faults, begun, count = [], [], 0
    with TemporaryDirectory() as parent:
        for documented, ended in answers(home, Path(parent) / "frontrow", patience_s):
            count += 1
            where = f"{documented.page}: {documented.line.strip().splitlines()[-1]}"
            print(f"{where}: {ended.fault or ended.status}", file=sys.stderr, flush=True)
            if ended.fault:
                faults.append(f"{where}: {ended.fault}")
            elif ended.status is None and not SERVERS.match(documented.line):
                begun.append(where)
        shutil.rmtree(parent, ignore_errors=True)
    elsewhere = [each.line for each in documented_commands() if missing(each)]
    return {
        "documented_commands": count,
        "documented_commands_ok": count - len(faults),
        "documented_commands_otherwise": faults,
        "documented_commands_begun": begun,
        "documented_commands_in_tests": elsewhere,
    }
