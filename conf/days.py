"""Days, instants and windows of days: the only date arithmetic of the house.

A run date `ds` is a UTC day; an as-of is an instant in UTC.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from conf.errors import UserMistake

DAY_S = 86_400.0
WHOLE_DAY_S = 86_400  # the same as a whole number, where products have to stay whole
DAY_US = 86_400_000_000  # microseconds
YEAR_DAYS = 365
MONTH_DAYS = 30.4

# windows of days over which plays are counted
COUNT_WINDOWS = (1, 3, 7, 14, 30, 60, 90, 365)  # days that `title_plays_count_{days}d` exists for
TREND_WINDOWS = (1, 3, 7)  # days that `country_plays` exist for
BASELINE_DAYS = 28  # before the last 7: what a title's trend is measured against
TREND_DAYS = TREND_WINDOWS[-1] + BASELINE_DAYS  # the last 7 days and their baseline
SEASON_DAYS = 15  # to either side of the day of the year
EARLIER_DAYS = 300  # plays that many days old, or older, are of earlier years' seasons
PRIOR_STARS = 10  # weight of the overall mean in a title's mean, in ratings

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_day(text: str, name: str = "--ds") -> date:
    """The day written as YYYY-MM-DD; anything else is the user's mistake.

    >>> parse_day("1998-04-22")
    datetime.date(1998, 4, 22)
    """
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise UserMistake(
        f"{name} {text!r} is not a day of the calendar; write it as YYYY-MM-DD, for example 1998-04-22"
    )


def parse_instant(text: str, name: str) -> datetime:
    """The instant written in ISO 8601 with its zone; anything else is the user's mistake.

    >>> parse_instant("1998-04-22T21:10:38Z", "--known-at")
    datetime.datetime(1998, 4, 22, 21, 10, 38, tzinfo=datetime.timezone.utc)
    """
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise UserMistake(
        f"{name} {text!r} is not an instant; write it with its zone, for example 1998-04-22T21:10:38Z"
    )


def start_of(day: date) -> datetime:
    """The first instant of a UTC day."""
    return datetime.combine(day, time.min, tzinfo=UTC)


def end_of(day: date) -> datetime:
    """The last microsecond of a UTC day: the as-of of the run for that day."""
    return start_of(day + timedelta(days=1)) - timedelta(microseconds=1)


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from first to last, both included; a reversed range is the user's mistake."""
    if last < first:
        raise UserMistake(f"the range {first} to {last} runs backwards; give the earlier day first")
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def window_start(as_of: datetime, days: int) -> date:
    """The first UTC day of the window of `days` days that ends with the day of `as_of`."""
    return as_of.astimezone(UTC).date() - timedelta(days=days - 1)
