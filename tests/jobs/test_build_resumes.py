"""Whether there are watch times to learn from is known without Spark, and Spark agrees."""

from datetime import UTC, datetime, timedelta

from conf.days import end_of
from jobs.build_resumes import NO_WATCH_TIMES, build_resumes, no_watch_times
from jobs.io.tables import spark as tables
from tests import worlds

AT = datetime(2026, 4, 20, 12, tzinfo=UTC)
DAY = AT.date()


def landed(spark, *events):
    tables.append(spark, "events", worlds.frame(spark, "events", list(events)))


def test_a_log_without_watch_times_leaves_nothing_to_do(spark, lake):
    assert no_watch_times(DAY) == NO_WATCH_TIMES
    landed(
        spark,
        worlds.event("ann", "t1", AT),
        worlds.event("ann", "t2", AT, kind="search", watched_seconds=5),
    )
    assert no_watch_times(DAY) == build_resumes(spark, DAY) == NO_WATCH_TIMES


def test_watch_times_count_from_when_they_were_known(spark, lake):
    landed(spark, worlds.event("ann", "t1", AT, timedelta(days=2), watched_seconds=60))
    assert [no_watch_times(DAY + timedelta(days=after)) for after in range(3)] == [
        NO_WATCH_TIMES,
        NO_WATCH_TIMES,
        None,
    ]
    assert build_resumes(spark, DAY + timedelta(days=1)) == NO_WATCH_TIMES


def test_the_last_microsecond_of_a_day_is_of_that_day(spark, lake):
    landed(spark, worlds.event("ann", "t1", end_of(DAY), watched_seconds=60))
    assert no_watch_times(DAY) is None
    assert no_watch_times(DAY - timedelta(days=1)) == NO_WATCH_TIMES
