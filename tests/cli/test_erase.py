"""`frontrow erase` as it is typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.erase import erase
from conf.errors import UserMistake


@pytest.fixture
def empty(lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path / "home"))
    return tmp_path


def test_nobody_named_is_the_users_mistake(empty: Path) -> None:
    assert isinstance(CliRunner().invoke(erase, []).exception, UserMistake)


def test_list_of_profiles_and_its_outcome_as_json(empty: Path) -> None:
    (empty / "list").write_text("ann\n\nbob\n")
    done = CliRunner().invoke(erase, ["--file", str(empty / "list"), "--json"])
    report = json.loads(done.stdout)
    assert done.exit_code == 0 and (report["profiles"], report["traces"]) == (2, [])
