"""Which runs a range of days asks for, and which ranges are the user's mistake. None of it starts an Airflow."""

from datetime import date

import pytest
from click.testing import CliRunner

from conf.errors import UserMistake
from conf.schedule import interval_start, last_start, run_dates
from conf.settings import Settings
from jobs.tools.backfill import asked, backfill


def test_days_are_asked_for_one_by_one_and_the_last_is_included():
    found = asked("homepage_daily", date(1998, 4, 20), date(1998, 4, 22), Settings())
    assert found == [date(1998, 4, 20), date(1998, 4, 21), date(1998, 4, 22)]


def test_weeks_are_named_by_their_sunday_and_start_on_monday():
    assert run_dates("rankers_weekly", date(1998, 4, 6), date(1998, 4, 19)) == [date(1998, 4, 12), date(1998, 4, 19)]
    assert interval_start("rankers_weekly", date(1998, 4, 19)) == date(1998, 4, 13)
    assert date(1998, 4, 13).isoweekday() == 1


def test_a_finished_log_ends_each_dag_with_its_last_whole_interval():
    settings = Settings(schedule_end=date(1998, 4, 22))
    assert last_start("homepage_daily", settings) == date(1998, 4, 22)
    assert last_start("rankers_weekly", settings) == date(1998, 4, 16)
    assert last_start("homepage_daily", Settings()) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--from 1998-04-22 --to 1998-04-20", "runs backwards"),
        ("--from 1998-04-22 --to 1998-04-31", "--to '1998-04-31' is not a day of the calendar"),
        ("--from yesterday --to 1998-04-22", "--from 'yesterday' is not a day"),
        ("--from 1998-04-20 --to 1998-04-22 --dag-id homepage_hourly", "the DAGs are: homepage_daily, rankers_weekly"),
        ("--from 1998-04-20 --to 1998-04-22 --dag-id rankers_weekly", "named by their Sunday"),
        ("--from 1989-12-31 --to 1990-01-02", "before FRONTROW_SCHEDULE_START=1990-01-01"),
    ],
)
def test_a_wrong_range_is_one_line_and_exit_status_2(words, said):
    done = CliRunner().invoke(backfill, words.split())
    assert isinstance(done.exception, UserMistake) and done.exception.exit_status == 2
    assert said in str(done.exception) and "\n" not in str(done.exception)


def test_a_range_after_the_logs_end_is_refused():
    with pytest.raises(UserMistake, match="after FRONTROW_SCHEDULE_END=1998-04-22, where the log ends"):
        asked("homepage_daily", date(1998, 4, 22), date(1998, 4, 23), Settings(schedule_end=date(1998, 4, 22)))


def test_a_dry_run_prints_the_runs_and_starts_nothing():
    done = CliRunner().invoke(backfill, ["--from", "1998-04-21", "--to", "1998-04-22", "--dry-run"])
    assert (done.exit_code, done.output) == (0, "homepage_daily 1998-04-21\nhomepage_daily 1998-04-22\n")
