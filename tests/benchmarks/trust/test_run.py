"""The parts of the bench count faults that get through, and none where all is as it should be."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from deltalake import CommitProperties

from benchmarks.trust import pages, stale, zombies
from benchmarks.trust.run import PARTS, trust
from jobs.io.published import stale as stale_days
from jobs.io.tables import fences, seals


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own."""
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    return tmp_path


def quiet(_: str) -> None:
    """Say nothing."""


def test_runs_that_sleep_are_all_refused() -> None:
    found = zombies.figures(quiet, tries=1)
    assert found["zombies"] == found["zombies_refused"] == 6
    assert found["zombies_that_changed_something"] == 0


def test_without_fences_they_get_through_and_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fences, "properties", lambda *_, **__: CommitProperties())
    found = zombies.figures(quiet, tries=1)
    assert found["zombies_refused"] == 1, "the release, whose pointer is no table"
    assert found["zombies_that_changed_something"] == 5


def test_pages_under_faults_are_right_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = pages.figures(quiet, rounds=1)
    assert found["pages_read"] == 48 and found["wrong_pages_read"] == 0
    assert found["pages_right"] and found["pages_refused"]
    monkeypatch.setattr(seals, "faults", lambda *_, **__: [])
    faults = {"cut short": pages._cut_short, "lost receipt": pages._lost_receipt}
    monkeypatch.setattr(pages, "_FAULTS", faults)
    found = pages.figures(quiet, rounds=1)
    assert found["wrong_pages_read"], "without seals what a lost receipt told is forgotten"


def test_days_that_changed_are_found_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    found = stale.figures(quiet, changes=5)
    assert found["stale_planted"] == found["stale_found"] != 0 == found["stale_others_named"]
    monkeypatch.setattr(stale_days, "_later_versions", lambda *_: iter(()))
    found = stale.figures(quiet, changes=5)
    assert found["stale_found"] < found["stale_planted"]  # type: ignore[operator]


def test_help_names_the_parts() -> None:
    part = next(option for option in trust.params if option.name == "parts")
    assert list(part.type.choices) == list(PARTS)  # type: ignore[attr-defined]


def test_figures_of_a_part_stay_when_another_is_run(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zombies, "figures", lambda say: {"zombies": 6})
    monkeypatch.setattr(stale, "figures", lambda say: {"stale_found": 9})
    for part in ("zombies", "stale"):
        done = CliRunner().invoke(trust, ["--part", part, "--json"])
        assert done.exit_code == 0, done.output
    figures = json.loads((home / "bench" / "trust.json").read_text())
    assert figures.pop("code_of_parts").keys() == {"zombies", "stale"}
    assert figures == {"zombies": 6, "stale_found": 9}


def test_a_part_that_fails_leaves_what_the_others_measured(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zombies, "figures", lambda say: {"zombies": 6})
    monkeypatch.setattr(stale, "figures", lambda say: 1 / 0)
    CliRunner().invoke(trust, ["--part", "zombies", "--part", "stale"])
    assert json.loads((home / "bench" / "trust.json").read_text())["zombies"] == 6
