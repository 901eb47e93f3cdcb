"""Which runs a range of days asks for, and which ranges are the user's mistake. None of it starts an Airflow."""

from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner

from cli.backfill import backfill, runs_of_range
from conf.errors import UserMistake
from conf.schedule import CADENCES, built_by, every, interval_start, last_start, run_dates
from conf.settings import Settings
from conf.ticks import tick_of


def test_days_are_asked_for_one_by_one_and_the_last_is_included():
    found = runs_of_range("homepage_daily", date(1998, 4, 20), date(1998, 4, 22), Settings())
    assert found == [date(1998, 4, 20), date(1998, 4, 21), date(1998, 4, 22)]


def test_weeks_are_named_by_their_sunday_and_start_on_monday():
    assert run_dates("rankers_weekly", date(1998, 4, 6), date(1998, 4, 19)) == [
        date(1998, 4, 12),
        date(1998, 4, 19),
    ]
    assert interval_start("rankers_weekly", date(1998, 4, 19)) == datetime(1998, 4, 13, tzinfo=UTC)
    assert date(1998, 4, 13).isoweekday() == 1


@pytest.mark.parametrize("dag_id", ["homepage_nearline", "homepage_online"])
def test_hours_are_asked_for_tick_by_tick_by_their_ends(dag_id):
    begins, ends = datetime(1998, 4, 22, 20, tzinfo=UTC), datetime(1998, 4, 22, 21, tzinfo=UTC)
    found = runs_of_range(dag_id, begins, ends, Settings())
    assert [one.name for one in found] == ["2000", "2010", "2020", "2030", "2040", "2050", "2100"]
    assert [built_by(dag_id, interval_start(dag_id, one)) for one in found] == found


def test_a_day_of_ticks_is_all_of_them():
    found = runs_of_range("homepage_nearline", date(1998, 4, 22), date(1998, 4, 22), Settings())
    assert (len(found), found[0].name, found[-1].name) == (144, "0010", "2400")
    assert {one.ds for one in found} == {date(1998, 4, 22)}


def test_the_interval_of_a_tick_is_the_one_that_cron_makes():
    tick = tick_of(datetime(1998, 4, 22, 21, 10, tzinfo=UTC))
    assert interval_start("homepage_nearline", tick) == tick.until - timedelta(minutes=10)
    assert interval_start("homepage_online", tick) == tick.until - timedelta(minutes=5)
    assert CADENCES["homepage_online"].cron == "5-59/10 * * * *"
    assert [every(60), every(120, 5), every(1440)] == [
        "0 0-23/1 * * *",
        "5 0-23/2 * * *",
        "0 0-23/24 * * *",
    ]


def test_a_finished_log_ends_each_dag_with_its_last_whole_interval():
    settings = Settings(schedule_end=date(1998, 4, 22))
    assert last_start("homepage_daily", settings) == datetime(1998, 4, 22, tzinfo=UTC)
    assert last_start("rankers_weekly", settings) == datetime(1998, 4, 16, tzinfo=UTC)
    assert last_start("homepage_daily", Settings()) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--from 1998-04-22 --to 1998-04-20", "runs backwards"),
        ("--from 1998-04-22 --to 1998-04-31", "--to '1998-04-31' is not a day of the calendar"),
        ("--from yesterday --to 1998-04-22", "--from 'yesterday' is not a day"),
        (
            "--from 1998-04-20 --to 1998-04-22 --dag-id homepage_hourly",
            "the DAGs are: homepage_daily, homepage_near",
        ),
        ("--from 1998-04-20 --to 1998-04-22 --dag-id rankers_weekly", "named by their Sunday"),
        ("--from 1998-04-20T01:00Z --to 1998-04-22", "homepage_daily builds days"),
        ("--from 1998-04-20T01:00 --to 1998-04-22", "--from '1998-04-20T01:00' is not an instant"),
        (
            "--from 1998-04-20T02:00Z --to 1998-04-20T01:00Z --dag-id homepage_nearline",
            "no tick ends",
        ),
        ("--from 1989-12-31 --to 1990-01-02", "before FRONTROW_SCHEDULE_START=1990-01-01"),
    ],
)
def test_a_wrong_range_is_one_line_and_exit_status_2(words, said):
    done = CliRunner().invoke(backfill, words.split())
    assert isinstance(done.exception, UserMistake) and done.exception.exit_status == 2
    assert said in str(done.exception) and "\n" not in str(done.exception)


def test_a_range_after_the_logs_end_is_refused():
    with pytest.raises(
        UserMistake, match="after FRONTROW_SCHEDULE_END=1998-04-22, where the log ends"
    ):
        runs_of_range(
            "homepage_daily",
            date(1998, 4, 22),
            date(1998, 4, 23),
            Settings(schedule_end=date(1998, 4, 22)),
        )


def test_a_dry_run_prints_the_runs_and_starts_nothing():
    done = CliRunner().invoke(backfill, ["--from", "1998-04-21", "--to", "1998-04-22", "--dry-run"])
    assert (done.exit_code, done.output) == (
        0,
        "homepage_daily 1998-04-21\nhomepage_daily 1998-04-22\n",
    )
