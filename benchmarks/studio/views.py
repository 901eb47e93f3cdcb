"""How long each view of a studio takes, asked over HTTP in a process of its own."""
# Tested by tests/benchmarks/studio/test_run.py.

import os
import random
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from conf.errors import Rejected
from conf.settings import ROOT

TOKEN = "a-token-of-the-bench"
SEED = 7
AT_REST_S = 0.05  # CPU seconds in one second, of a studio that nobody asks
Opener = urllib.request.OpenerDirector


class Studio(NamedTuple):
    """A studio in a process of its own: who may ask it, its address, and its process."""

    opener: Opener
    base: str
    pid: int

    @property
    def link(self) -> str:
        """The link that it prints."""
        return f"{self.base}/?token={TOKEN}"


@contextmanager
def studio(home: Path) -> Iterator[Studio]:
    """A studio on a home, on a free port, once it has read what it reads before it is asked."""
    places = {"FRONTROW_HOME": str(home), "PYTHONPATH": str(ROOT), "FRONTROW_TABLES": ""}
    command = [sys.executable, "-u", "-m", "cli.main", "studio", "--port", "0", "--token", TOKEN]
    process = subprocess.Popen(
        command, env=os.environ | places, stdout=subprocess.PIPE, encoding="utf-8"
    )
    try:
        assert process.stdout is not None
        link = process.stdout.readline().rsplit(" ", 1)[-1].strip()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        _patiently(opener, link)
        _settled(process.pid)
        yield Studio(opener, link.split("/?")[0], process.pid)
    finally:
        process.terminate()
        process.wait()


def _patiently(opener: Opener, link: str, tries: int = 300) -> None:
    """Open the link, as soon as somebody answers."""
    for _ in range(tries):
        try:
            opener.open(link, timeout=60).read()
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the studio did not start")


def _settled(pid: int, tries: int = 600) -> None:
    """Wait until the process rests: what it reads at its start is read."""
    before = cpu_s(pid)
    for _ in range(tries):
        time.sleep(1)
        now = cpu_s(pid)
        if now - before < AT_REST_S:
            return
        before = now
    raise RuntimeError("the studio did not come to rest")


def cpu_s(pid: int) -> float:
    """The seconds that the threads of a process have had a processor."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def addresses(
    profile_ids: Sequence[str],
    title_ids: Sequence[str],
    cells: Sequence[Mapping[str, str]],
    days: Sequence[str],
    searchers: Sequence[str],
    asked: int,
) -> Mapping[str, list[str]]:
    """For each view so many addresses, of profiles, titles, cells and days drawn at random."""
    rng = random.Random(SEED)

    def drawn(path: str, **names: Sequence[str]) -> list[str]:
        """Addresses of a path with values drawn from each list."""
        return [
            f"{path}?{urllib.parse.urlencode({name: rng.choice(of) for name, of in names.items()})}"
            for _ in range(asked)
        ]

    prefixes = sorted({profile_id[:4] for profile_id in profile_ids})
    return {
        "pages": drawn("/", q=prefixes),
        "homepage": drawn("/homepage", profile=profile_ids),
        "page": drawn("/page", profile=profile_ids),
        "why": [f"/why?{urllib.parse.urlencode(rng.choice(cells))}" for _ in range(asked)],
        "search": drawn(
            "/search", q=["t", "a", "act", "title 1", "dir"], profile=[*profile_ids, ""]
        ),
        "titles": drawn("/titles", q=["", "a", "th", "war"]),
        "title": drawn("/title", title=title_ids),
        "forecast": drawn("/forecast", title=title_ids, ahead=["1", "7"]),
        "compare": drawn("/compare", profile=profile_ids, device=["tv"], other_device=["phone"]),
        "runs": ["/runs"] * asked,
        "run": drawn("/run", ds=days),
        "tables": ["/tables"] * asked,
        "table": drawn("/table", name=["titles", "homepage_rows", "audits", "title_health"]),
    }


def view_times(running: Studio, asked: Mapping[str, list[str]]) -> dict[str, dict[str, float]]:
    """By view the milliseconds of the first answer, and of the others median and 95th percentile, on
    the clock and of a processor: a machine that others use too says more by the second.
    """
    figures = {}
    for view, paths in asked.items():
        walls, cpus = [], []
        for path in [paths[0], *paths]:
            before, began = cpu_s(running.pid), time.monotonic()
            _answer(running, path)
            walls.append(1000 * (time.monotonic() - began))
            cpus.append(1000 * (cpu_s(running.pid) - before))
        p50, p95 = np.quantile(walls[1:], [0.5, 0.95]).tolist()
        cpu50, cpu95 = np.quantile(cpus[1:], [0.5, 0.95]).tolist()
        figures[view] = {"first": walls[0], "p50": p50, "p95": p95}
        figures[view] |= {"cpu_first": cpus[0], "cpu_p50": cpu50, "cpu_p95": cpu95}
    return figures


def _answer(running: Studio, path: str) -> bytes:
    """What the studio answers; an error that names the view where it answers with a fault."""
    try:
        with running.opener.open(running.base + path, timeout=600) as answer:
            body: bytes = answer.read()
            return body
    except urllib.error.HTTPError as error:
        said = re.sub(r"<[^>]*>", " ", "".join(error.read().decode().partition("<main")[1:]))
        raise Rejected(f"{path} is answered with {error.code}: {' '.join(said.split())}") from None
