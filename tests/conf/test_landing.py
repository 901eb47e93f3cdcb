"""Where a log ends: events of a clock that is wrong are not its end."""

from datetime import date, timedelta

from conf.landing import FAR_DAYS, FAR_SHARE, header_columns, plausible_last, required_columns

LAST = date(2025, 3, 31)


def log(**far: int) -> dict[date, int]:
    """Forty days of 100 events, and so many so many days later."""
    days = {LAST - timedelta(days=n): 100 for n in range(40)}
    return days | {LAST + timedelta(days=int(n[1:])): count for n, count in far.items()}


def test_a_few_events_far_after_all_others_are_not_the_end():
    assert plausible_last(log()) == LAST
    assert plausible_last(log(d4000=1)) == LAST
    assert plausible_last(log(d100=2, d4000=5)) == LAST
    assert plausible_last(log(**{f"d{FAR_DAYS}": 1})) == LAST + timedelta(days=FAR_DAYS)
    assert plausible_last(log(**{f"d{FAR_DAYS + 1}": 1})) == LAST


def test_many_events_are_believed_and_so_is_a_log_of_few():
    many = int(4000 * FAR_SHARE) + 1
    assert plausible_last(log(d100=many)) == LAST + timedelta(days=100)
    assert plausible_last({LAST: 1, date(2037, 1, 1): 1}) == date(2037, 1, 1)
    assert plausible_last({LAST: 1}) == LAST
    assert plausible_last({}) is None


def test_a_file_of_versions_needs_its_key_alone():
    assert header_columns("titles") == ("title_id",)
    assert required_columns("titles") == ("title_id", "name")
    assert header_columns("availability") == ("title_id", "country", "from_at")
    assert header_columns("events") == required_columns("events")
