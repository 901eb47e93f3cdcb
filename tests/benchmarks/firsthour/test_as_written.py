"""Documented commands are run in the order of reading; what fails and what was only begun is told."""

from pathlib import Path

import pytest

from benchmarks.firsthour import as_written, sandbox
from benchmarks.firsthour.documented import Documented
from benchmarks.firsthour.sandbox import Ended, Sandbox

PAGE = [
    Documented("echo a page", "README.md"),
    Documented("echo error: no such day >&2; exit 2", "README.md"),
    Documented("sleep 30", "docs/howto.md"),
    Documented("frontrow page", "docs/howto.md", "export FRONTROW_REDIS=redis://h; "),
]


def test_what_fails_and_what_was_begun_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_written, "documented_commands", lambda: iter(PAGE))

    def made(folder: Path, home: Path) -> Sandbox:
        folder.mkdir(parents=True)
        return Sandbox(folder)

    monkeypatch.setattr(sandbox, "made", made)
    assert as_written.figures(tmp_path, 1) == {
        "documented_commands": 3,
        "documented_commands_ok": 2,
        "documented_commands_otherwise": [
            "README.md: echo error: no such day >&2; exit 2: status 2: error: no such day"
        ],
        "documented_commands_begun": ["docs/howto.md: sleep 30"],
        "documented_commands_in_tests": ["frontrow page"],
    }


@pytest.mark.parametrize(
    ("line", "is_long"),
    [
        ("make demo", False),
        ("make demo DATASET=ml-100k", True),
        (".venv/bin/frontrow simulate --days 3", True),
        ("frontrow demo --dataset ml-100k", True),
        (".venv/bin/python -m pytest -q tests", True),
        (".venv/bin/frontrow metrics", False),
    ],
)
def test_what_takes_longer_than_somebody_waits(line: str, is_long: bool) -> None:
    assert bool(as_written.LONG.search(line)) == is_long


@pytest.mark.parametrize(("line", "is_fault"), [("make test", False), ("make demo x", True)])
def test_a_stack_of_interrupted_tests_is_pytests_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, is_fault: bool
) -> None:
    stack = Ended(None, "Traceback (most recent call last)\nImportError: hypothesis\n")
    reader = as_written.Reader(Sandbox(tmp_path), 1)
    monkeypatch.setattr(reader.place, "run", lambda _line, _seconds: stack)
    assert bool(reader.ended(Documented(line, "CONTRIBUTING.md")).fault) == is_fault


@pytest.mark.parametrize(
    ("line", "output", "is_fault"),
    [
        ("frontrow status", "failed: a run\ndocs/runbook.md says what to do\n", False),
        ("frontrow status", "error: no home\n", True),
        ("frontrow tables", "failed\n", True),
    ],
)
def test_what_is_found_wrong_with_a_service_is_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, output: str, is_fault: bool
) -> None:
    reader = as_written.Reader(Sandbox(tmp_path), 1)
    monkeypatch.setattr(reader.place, "run", lambda _line, _seconds: Ended(1, output))
    assert bool(reader.ended(Documented(line, "a page")).fault) == is_fault
