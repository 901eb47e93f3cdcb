"""The whole demo on a small log of somebody's own, with the real jobs, the real scheduler and nothing left out."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conf.settings import ROOT

MEMBERS, TITLES = 40, 30


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of plays: each member plays every title whose number leaves the rest that his own number leaves."""
    folder = tmp_path_factory.mktemp("log")
    with (folder / "titles.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["title_id", "name", "genres"])
        rows.writerows(
            [f"t{n}", f"Title {n}", ("Drama", "Comedy|Drama", "Western")[n % 3]]
            for n in range(TITLES)
        )
    with (folder / "events.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["profile_id", "title_id", "event_at"])
        for member in range(MEMBERS):
            for n in range(member % 3, TITLES, 3 + member % 2):
                rows.writerow(
                    [
                        f"m{member}",
                        f"t{n}",
                        f"2026-01-{5 + n % 2:02d}T{(member + n) % 24:02d}:00:00Z",
                    ]
                )
    return folder


@pytest.mark.slow
def test_demo_of_ones_own_log_ends_with_a_page_and_the_second_time_builds_nothing(
    tmp_path: Path, log: Path
):
    environment = {
        n: v for n, v in os.environ.items() if not n.startswith(("AIRFLOW", "FRONTROW_"))
    }
    command = [sys.executable, "-m", "cli.main", "demo", "--dataset", "files", "--input", str(log)]
    said = []
    for _ in range(2):
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**environment, "FRONTROW_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said.append(done.stdout)
    first, second = said
    assert (
        "the log covers 2026-01-05 to 2026-01-06" in first
        and "homepage_daily: backfill of 2026-01-05 to 2026-01-06" in first
    )
    assert "homepage_daily: 2026-01-05 to 2026-01-06 is built already" in second
    for text in said:
        assert text.count("7/7") == 2 and "Popular" in text and "homepage_rows" in text
    assert _page(first) == _page(second)


def _page(said: str) -> str:
    return "\n".join(said[said.index("one profile's homepage") : said.rindex("[")].splitlines()[1:])
