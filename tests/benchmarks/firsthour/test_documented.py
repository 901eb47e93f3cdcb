"""Commands are found in the pages that name them, and one that is wrong is noticed."""

import pytest

from benchmarks.firsthour.documented import Documented, documented_commands, fault_by_parser

COMMANDS = list(documented_commands())


def test_commands_are_found_in_pages_and_in_help() -> None:
    pages = {documented.page for documented in COMMANDS}
    assert {"README.md", "docs/tutorial.md", "frontrow page --help"} <= pages
    assert len(COMMANDS) > 40 and len({each.shell for each in COMMANDS}) == len(COMMANDS)


@pytest.mark.parametrize("documented", COMMANDS, ids=lambda each: each.line[:60])
def test_every_documented_command_is_one_that_its_parser_takes(documented: Documented) -> None:
    assert fault_by_parser(documented) is None


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
def test_a_command_that_is_not_there_is_noticed(line: str, fault: str) -> None:
    assert fault in str(fault_by_parser(Documented(line, "a page")))


def test_what_a_block_exports_holds_for_the_lines_below_it() -> None:
    redis = [each for each in COMMANDS if "FRONTROW_REDIS" in each.exports]
    assert {each.line for each in redis} >= {".venv/bin/python -m jobs.serve_pages"}
    assert all(each.shell.startswith("export FRONTROW_REDIS=") for each in redis)


def test_python_of_the_readme_and_airflows_own_commands_are_among_them() -> None:
    assert sum(each.is_code for each in COMMANDS) >= 3
    own = [each.shell for each in COMMANDS if each.line.startswith("airflow backfill create")]
    assert len(own) == 2 and own[0].startswith(". var/airflow/environment.sh; airflow backfill")
