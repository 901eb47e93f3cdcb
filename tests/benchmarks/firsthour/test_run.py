"""The bench of the first hour: its parts, its keys, and what it needs."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.firsthour import run, start_up
from conf.errors import UserMistake


def test_a_home_without_pages_is_told(lake: Path) -> None:
    error = CliRunner().invoke(run.firsthour, []).exception
    assert isinstance(error, UserMistake) and "`make demo` builds some" in str(error)


def test_each_part_has_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        run.as_written, "figures", lambda home, patience_s: {"documented_commands": 1}
    )
    monkeypatch.setattr(run, "_figures_of_inputs", lambda folder, home: {"wrong_inputs": 2})
    monkeypatch.setattr(run.start_up, "figures", lambda home: {"start_up_s": {}})
    assert run.figures(tmp_path, ("commands",), 9) == {"documented_commands": 1}
    assert run.figures(tmp_path, ("inputs", "start_up"), 9) == {"wrong_inputs": 2, "start_up_s": {}}


def test_a_commands_seconds_are_those_of_its_whole_process(tmp_path: Path) -> None:
    wall, cpu = start_up.seconds(("--version",), tmp_path, tries=1)
    assert 0.01 < cpu <= wall * 1.5
