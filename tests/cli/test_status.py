"""`frontrow status` as it is typed: its exit status says whether anything is wrong."""

import json
import subprocess
import sys
from pathlib import Path

from conf.settings import ROOT


def typed(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli.main", "status", *words]
    environment = {"FRONTROW_HOME": str(home), "PATH": "/usr/bin:/bin", "FRONTROW_TABLES": ""}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_exit_status_says_whether_anything_is_wrong(tmp_path: Path) -> None:
    done = typed(tmp_path)
    assert (done.returncode, done.stderr) == (0, "") and "nothing is wrong" in done.stdout
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / "CURRENT").write_text("gone\n")
    done = typed(tmp_path)
    assert done.returncode == 1 and "stale: release gone: is not there whole" in done.stdout
    report = json.loads(typed(tmp_path, "--json").stdout)
    assert report["ok"] is False
    assert [finding["kind"] for finding in report["findings"]] == ["stale"]


def test_metrics_are_written_beside_what_is_printed(tmp_path: Path) -> None:
    done = typed(tmp_path, "--metrics", str(tmp_path / "frontrow.prom"))
    assert done.returncode == 0 and "nothing is wrong" in done.stdout
    assert "frontrow_findings" in (tmp_path / "frontrow.prom").read_text()
    done = typed(tmp_path, "--metrics", "/nowhere/frontrow.prom")
    assert done.returncode == 2 and done.stderr.startswith("error: --metrics")
