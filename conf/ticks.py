"""Ticks: the intervals between two nights. A tick is named by its end, of which its run date is the day before it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from conf.days import start_of
from conf.errors import UserMistake
from conf.nearline import nearline_settings


@dataclass(frozen=True, order=True)
class Tick:
    """What was learned after `since` and by `until`, both instants in UTC.

    >>> Tick(datetime(2026, 1, 5, 21, 10, tzinfo=UTC)).name
    '2110'
    """

    until: datetime

    @property
    def since(self) -> datetime:
        """The end of the tick before."""
        return self.until - timedelta(minutes=nearline_settings().every_minutes)

    @property
    def ds(self) -> date:
        """The run date: the UTC day that the tick belongs to; the tick that ends at midnight is the day's last."""
        return (self.until - timedelta(microseconds=1)).date()

    @property
    def name(self) -> str:
        """Hour and minute of the end, 2400 for midnight: with the run date the key of a partition."""
        return "2400" if self.until == start_of(self.until.date()) else f"{self.until:%H%M}"


def tick_of(until: datetime) -> Tick:
    """The tick that ends at an instant; one between two ends is the user's mistake."""
    tick = Tick(until.astimezone(UTC))
    minutes = (tick.until - start_of(tick.until.date())) / timedelta(minutes=1)
    if minutes % nearline_settings().every_minutes:
        every = nearline_settings().every_minutes
        raise UserMistake(f"{until.isoformat()} ends no tick; ticks are {every} minutes long and begin at midnight UTC")
    return tick


def tick_before(moment: datetime) -> Tick:
    """The newest tick that had ended by a moment."""
    step, midnight = timedelta(minutes=nearline_settings().every_minutes), start_of(moment.astimezone(UTC).date())
    return Tick(midnight + (moment - midnight) // step * step)
