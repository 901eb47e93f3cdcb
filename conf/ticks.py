"""Ticks: the intervals between two nights. A tick is named by its end, of which its run date is the
day before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from conf.days import start_of
from conf.errors import UserMistake
from conf.nearline import nearline_settings


@dataclass(frozen=True, order=True)
class Tick:
    """What was learned from `since` on and before `until`, both instants in UTC, so that a day's ticks make the day.

    >>> Tick(datetime(2026, 1, 5, 21, 10, tzinfo=UTC)).name
    '2110'
    """

    until: datetime

    @property
    def since(self) -> datetime:
        """The end of the tick before."""
        return self.until - timedelta(minutes=nearline_settings().every_minutes)

    @property
    def as_of(self) -> datetime:
        """The tick's last microsecond, as `conf.days.end_of` is a day's: that of the last tick is
        the day's.
        """
        return self.until - timedelta(microseconds=1)

    @property
    def ds(self) -> date:
        """The run date: the UTC day that the tick belongs to; the tick that ends at midnight is the
        day's last.
        """
        return self.as_of.date()

    @property
    def name(self) -> str:
        """Hour and minute of the end, 2400 for midnight: with the run date the key of a partition."""
        return "2400" if self.until == start_of(self.until.date()) else f"{self.until:%H%M}"

    def __str__(self) -> str:
        """The end, as `--until` takes it."""
        return f"{self.until:%Y-%m-%dT%H:%MZ}"


def tick_of(until: datetime) -> Tick:
    """The tick that ends at an instant; one between two ends is the user's mistake."""
    tick = Tick(until.astimezone(UTC))
    minutes = (tick.until - start_of(tick.until.date())) / timedelta(minutes=1)
    if minutes % nearline_settings().every_minutes:
        every = nearline_settings().every_minutes
        raise UserMistake(
            f"{until.isoformat()} ends no tick; ticks are {every} minutes long and begin at midnight UTC"
        )
    return tick


def tick_named(ds: date, name: str) -> Tick:
    """The tick of a partition.

    >>> tick_named(date(2026, 1, 5), "2400").until
    datetime.datetime(2026, 1, 6, 0, 0, tzinfo=datetime.timezone.utc)
    """
    return Tick(start_of(ds) + timedelta(hours=int(name[:2]), minutes=int(name[2:])))


def tick_before(moment: datetime) -> Tick:
    """The newest tick that had ended by a moment."""
    step, midnight = (
        timedelta(minutes=nearline_settings().every_minutes),
        start_of(moment.astimezone(UTC).date()),
    )
    return Tick(midnight + (moment - midnight) // step * step)


def ticks_between(first: datetime, last: datetime) -> Iterator[Tick]:
    """The ticks that end from first to last, both included; a range without any is the user's
    mistake.
    """
    step, tick = timedelta(minutes=nearline_settings().every_minutes), tick_before(first)
    tick = tick if tick.until == first else Tick(tick.until + step)
    if tick.until > last:
        raise UserMistake(
            f"no tick ends from {first.isoformat()} to {last.isoformat()}; give the earlier end first"
        )
    while tick.until <= last:
        yield tick
        tick = Tick(tick.until + step)
