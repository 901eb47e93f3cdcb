"""`frontrow simulate`: what it refuses, and the whole loop once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.simulate import simulate
from conf.settings import ROOT


@pytest.mark.parametrize(
    "words", [["--days", "1", "--members", "0"], ["--days", "-1"], ["--members", "5"]]
)
def test_what_cannot_be_lived_is_refused(words):
    assert CliRunner().invoke(simulate, words).exit_code == 2


@pytest.mark.slow
def test_a_day_of_life_with_the_pipelines_pages_ends_with_a_report(tmp_path: Path):
    said = json.loads(frontrow(tmp_path, "simulate", "--days", "1", "--members", "40", "--json"))
    assert set(said) == {"pipeline", "popular", "random", "oracle"}
    assert 0 < said["pipeline"]["Play rate"]["value"] <= 100
    assert "<svg" in (tmp_path / "reports" / "world.html").read_text()
    seen = json.loads(
        frontrow(
            tmp_path, "query", "SELECT count(*) AS n, min(source) AS s FROM impressions", "--json"
        )
    )
    assert seen[0]["n"] > 0 and seen[0]["s"] == "simulated"


def frontrow(home: Path, *words: str) -> str:
    environment = {n: v for n, v in os.environ.items() if not n.startswith("FRONTROW_")} | {
        "FRONTROW_HOME": str(home)
    }
    command = [sys.executable, "-m", "cli.main", *words]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
