"""Which runs the demo asks for, looked up from the log that was landed. The demo itself runs in tests/dags."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from deltalake import write_deltalake

from cli import demo as demo_file
from cli.demo import demo
from conf.errors import UserMistake
from jobs.io.landing.span import days_in, days_of_log, planned


@pytest.mark.parametrize(
    ("first", "last", "sunday", "days"),
    [
        (date(1997, 9, 20), date(1998, 4, 22), date(1998, 4, 19), ["04-20", "04-21", "04-22"]),
        (date(1997, 9, 20), date(1998, 4, 26), date(1998, 4, 19), ["04-24", "04-25", "04-26"]),
        (date(1997, 9, 20), date(1998, 4, 21), date(1998, 4, 12), ["04-19", "04-20", "04-21"]),
    ],
)
def test_a_full_week_is_trained_before_the_last_three_days_are_built(first, last, sunday, days):
    plan = planned(first, last)
    assert list(plan) == ["rankers_weekly", "homepage_daily"]
    assert plan["rankers_weekly"] == [sunday] and sunday < plan["homepage_daily"][0]
    assert [f"{day:%m-%d}" for day in plan["homepage_daily"]] == days


def test_a_log_of_two_days_has_two_pages_and_no_week_to_train_on():
    assert planned(date(2026, 1, 5), date(2026, 1, 6)) == {
        "homepage_daily": [date(2026, 1, 5), date(2026, 1, 6)]
    }


def test_the_days_of_the_log_come_from_its_events(lake: Path):
    with pytest.raises(UserMistake, match="events"):
        days_of_log()
    moments = [
        datetime(2026, 1, 5, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 1, 7, 0, 0, 0, tzinfo=UTC),
    ]
    write_deltalake(
        str(lake / "events"), pa.table({"event_at": pa.array(moments, pa.timestamp("us", "UTC"))})
    )
    assert days_of_log() == (date(2026, 1, 5), date(2026, 1, 7))


def test_a_clock_that_is_wrong_plans_no_days(lake: Path):
    first = datetime(2025, 2, 20, 20, tzinfo=UTC)
    moments = [first + timedelta(days=n % 40) for n in range(1300)]
    wrong = [datetime(2037, 6, 1, 20, tzinfo=UTC)]
    kind = pa.timestamp("us", "UTC")
    write_deltalake(str(lake / "events"), pa.table({"event_at": pa.array(moments + wrong, kind)}))
    assert days_of_log() == (date(2025, 2, 20), date(2025, 3, 31))
    late = pa.table({"event_at": pa.array(wrong * 10, kind)})
    write_deltalake(str(lake / "events"), late, mode="append")  # too many for one clock
    assert days_of_log() == (date(2025, 2, 20), date(2037, 6, 1))


def test_days_of_a_table_that_was_never_written_are_none(lake: Path):
    assert days_in("publications") == set()
    write_deltalake(
        str(lake / "publications"), pa.table({"ds": pa.array([date(2026, 1, 5)] * 2, pa.date32())})
    )
    assert days_in("publications") == {date(2026, 1, 5)}


@pytest.mark.parametrize("words", [["--dataset", "files"], ["--input", "/tmp"]])
def test_a_directory_goes_with_files_and_only_with_it(words):
    error = CliRunner().invoke(demo, words).exception
    assert isinstance(error, UserMistake) and "--input DIR goes with --dataset files" in str(error)


def test_what_was_built_is_shown_at_once_and_nothing_is_started(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    day, shown = date(2026, 1, 5), []
    monkeypatch.setattr(demo_file, "_show", lambda last_day, say: shown.append(last_day))
    monkeypatch.setattr(demo_file, "_landed_plan", lambda *_: pytest.fail("it began again"))
    note = {"dataset": "ml-100k", "files": [], "days": [day.isoformat()]}
    (tmp_path / "demo.json").write_text(json.dumps(note))
    with pytest.raises(pytest.fail.Exception, match="began again"):  # the table is gone
        CliRunner().invoke(demo, ["--dataset", "ml-100k"], catch_exceptions=False)
    pages = pa.table({"ds": pa.array([day], pa.date32())})
    write_deltalake(str(lake / "publications"), pages)
    result = CliRunner().invoke(demo, ["--dataset", "ml-100k"], catch_exceptions=False)
    assert shown == [day] and "nothing is left to do" in result.output
    with pytest.raises(pytest.fail.Exception, match="began again"):  # another data set
        CliRunner().invoke(demo, [], catch_exceptions=False)


def test_a_file_that_changed_is_landed_again(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("a")
    before = demo_file._asked_for("files", str(tmp_path))
    (tmp_path / "events.csv").write_text("ab")
    assert demo_file._asked_for("files", str(tmp_path)) != before
