"""What `frontrow land` prints; landing itself is tested in tests/jobs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

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


def checked(folder: Path, *words: str, events: str) -> Result:
    folder.mkdir(exist_ok=True)
    (folder / "titles.csv").write_text("title_id,name\n17,Heat\n")
    (folder / "events.csv").write_text(f"profile_id,title_id,event_at\n{events}")
    arguments = ["--dataset", "files", "--input", str(folder), "--check", *words]
    return CliRunner().invoke(land, arguments)


def test_a_check_says_what_a_log_is_and_lands_nothing(lake: Path, tmp_path: Path) -> None:
    result = checked(tmp_path / "in", events="a,17.0,1997-12-04T15:55Z\n")
    assert result.exit_code == 0 and result.exception is None
    assert "events: 1 records, 0 would be refused" in result.stdout
    assert "'17.0' looks like '17' there" in result.stdout
    figures = json.loads(checked(tmp_path / "in", "--json", events="a,17,9\n").stdout)
    assert figures["log"]["kinds"] == {"play": 1} and figures["log"]["meetings"][0]["unknown"] == 0
    assert [(t["table"], t["count"]) for t in figures["tables"]] == [("events", 1), ("titles", 1)]
    assert not list(lake.glob("*"))


def test_a_check_ends_as_the_landing_would(lake: Path, tmp_path: Path) -> None:
    result = checked(tmp_path / "in", events="a,17,1743294600000\na,17,9\n")
    assert (
        "events: 1 for event_at, as events.csv:2: a,17,1743294600000; these look like"
        in result.stdout
    )
    assert result.exit_code == 65
    assert "1 of 2 records would be refused, more than 1.00%" in result.stderr
    assert checked(tmp_path / "in", "--most-refused", "1", events="a,17,x\na,17,9\n").exit_code == 0
    wrong = checked(tmp_path / "in", "--zone", "Mars", events="a,17,9\n")
    assert wrong.exit_code == 2 and "--zone: 'Mars' is no time zone" in wrong.stderr


def test_a_check_of_json_with_other_names_says_so(lake: Path, tmp_path: Path) -> None:
    (tmp_path / "titles.json").write_text('[{"title_id": 1, "name": "Heat"}]')
    (tmp_path / "events.json").write_text('[{"user": "a", "title_id": 1, "event_at": 9}]')
    result = CliRunner().invoke(land, ["--dataset", "files", "--input", str(tmp_path), "--check"])
    assert "1 for profile_id" in result.stdout and "has no such field; --map" in result.stdout


def test_a_column_that_one_table_of_a_file_reads_is_not_said_to_be_ignored(
    lake: Path, tmp_path: Path
) -> None:
    (tmp_path / "ViewingActivity.csv").write_text(
        "Profile Name,Start Time,Duration,Title,Bookmark,Country\n"
        "Ann,2024-03-01 20:11:05,01:32:10,Heat,01:32:10,US (United States)\n"
    )
    words = ["--dataset", "files", "--input", str(tmp_path), "--check"]
    printed = CliRunner().invoke(land, words).output
    assert "ViewingActivity.csv: ignored, not in the contract: Bookmark\n" in printed
    assert printed.count("ignored") == 1
