"""Commands are found in the pages that name them, and one that is wrong is noticed."""

from pathlib import Path

import pytest

from benchmarks.firsthour.documented import Documented, documented_commands, fault_of

COMMANDS = list(documented_commands())


def test_commands_are_found_in_pages_and_in_help() -> None:
    pages = {documented.page for documented in COMMANDS}
    assert {"README.md", "docs/tutorial.md", "frontrow page --help"} <= pages
    assert len(COMMANDS) > 40 and len({each.line for each in COMMANDS}) == len(COMMANDS)


@pytest.mark.parametrize("documented", COMMANDS, ids=lambda each: each.line[:60])
def test_every_documented_command_is_one_that_its_parser_takes(
    documented: Documented, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.firsthour.documented.LOOKS", frozenset())
    assert fault_of(documented, Path())[0] is None


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("frontrow page --profil m1", "No such option"),
        ("frontrow pages", "no such command"),
        ("frontrow bench nothing", "no such command: nothing"),
        ("make nothing", "no target nothing"),
        (".venv/bin/python -m jobs.nothing --ds 2026-01-05", "no module jobs.nothing"),
        ("frontrow backfill --from 2026-01-05", "Missing option '--to'"),
    ],
)
def test_a_command_that_is_not_there_is_noticed(line: str, fault: str, tmp_path: Path) -> None:
    assert fault in str(fault_of(Documented(line, "a page"), tmp_path)[0])


def test_what_looks_is_run_and_must_print_something(tmp_path: Path) -> None:
    fault, was_run = fault_of(Documented("frontrow page --profile p1", "a page"), tmp_path)
    assert was_run and "no page was published yet" in str(fault)
