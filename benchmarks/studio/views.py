"""How long each view of a studio takes, asked over HTTP in a process of its own."""
# Tested by tests/benchmarks/studio/test_run.py.

import os
import random
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from conf.settings import ROOT

TOKEN = "a-token-of-the-bench"
SEED = 7
Opener = urllib.request.OpenerDirector


@contextmanager
def studio(home: Path) -> Iterator[tuple[Opener, str]]:
    """A studio on a home, on a free port: who may ask it, and its address."""
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
        yield opener, link.split("/?")[0]
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


def addresses(
    profile_ids: Sequence[str], title_ids: Sequence[str], days: Sequence[str], asked: int
) -> Mapping[str, list[str]]:
    """For each view so many addresses, of profiles, titles and days drawn at random."""
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
        "titles": drawn("/titles", q=["", "a", "th", "war"]),
        "title": drawn("/title", title=title_ids),
        "compare": drawn("/compare", profile=profile_ids, device=["tv"], other_device=["phone"]),
        "runs": ["/runs"] * asked,
        "run": drawn("/run", ds=days),
        "tables": ["/tables"] * asked,
        "table": drawn("/table", name=["titles", "homepage_rows", "audits", "title_health"]),
    }


def view_times(home: Path, asked: Mapping[str, list[str]]) -> dict[str, dict[str, float]]:
    """By view the milliseconds of the first answer, and the median and 95th percentile of the others."""
    figures = {}
    with studio(home) as (opener, base):
        for view, paths in asked.items():
            times = []
            for path in [paths[0], *paths]:
                began = time.monotonic()
                opener.open(base + path, timeout=600).read()
                times.append(1000 * (time.monotonic() - began))
            p50, p95 = np.quantile(times[1:], [0.5, 0.95]).tolist()
            figures[view] = {"first": times[0], "p50": p50, "p95": p95}
    return figures
