"""`frontrow erase` as it is typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.erase import erase
from conf.errors import UserMistake
from jobs.io.serving import releases
from jobs.serve_pages import serve_pages
from tests.published import UNTIL


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


def test_pages_on_hold_are_made_anew_without_who_was_erased(root: Path, lake: Path) -> None:
    serve_pages(UNTIL)
    release_id = releases.serving_id(root)
    releases.hold(root, str(release_id))
    done = CliRunner().invoke(erase, ["--profile", "ann"])
    assert done.exit_code == 0 and "left:" not in done.stdout
    assert releases.serving_id(root) != release_id and not releases.is_held(root)
