"""What `frontrow land` prints; landing itself is tested in tests/jobs."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.land import _print_receipts, land
from conf.errors import UserMistake
from jobs.io.landing.quarantine import Receipt


def receipt(table: str, accepted: int, rejected: int = 0, again: bool = False) -> Receipt:
    return Receipt(table, f"{table}.csv", "1", accepted, 0, rejected, "files", again)


def test_counts_are_summed_by_table_and_the_query_for_what_is_broken_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _print_receipts([receipt("events", 1000), receipt("events", 234, 1), receipt("titles", 5)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["events", "2", "1,234", "0", "1", "0"]
    assert lines[2].split() == ["titles", "1", "5", "0", "0", "0"]
    assert lines[3].startswith('why: frontrow query "SELECT file, line')


def test_files_that_were_landed_before_are_said_to_change_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _print_receipts([receipt("events", 3, again=True)])
    assert "landed before; nothing changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--dataset", "nothing"], "nothing"),
        (["--dataset", "files", "--known-at", "noon"], "--known-at 'noon' is not an instant"),
    ],
)
def test_a_mistake_is_one_line_before_anything_is_landed(
    lake: Path, words: list[str], message: str
) -> None:
    error = CliRunner().invoke(land, words).exception
    assert isinstance(error, UserMistake | SystemExit)
    if isinstance(error, UserMistake):
        assert message in str(error) and "\n" not in str(error)
    assert not (lake / "events").exists()
