"""Which policy chooses the artwork of a day."""

from collections.abc import Iterable
from datetime import date, timedelta

from conf.artwork import artwork


def day_of_policy(days: Iterable[date], ds: date) -> date | None:
    """The day whose policy chooses the artwork of `ds`, out of the `days` that have one.

    A choice stands for `hold_days` days. It is made by the newest policy that there was when they began; where there
    was none, by the first one since.
    """
    until_ds = sorted(day for day in set(days) if day <= ds)
    before = [day for day in until_ds if day <= held_from(ds)]
    if before:
        return before[-1]
    return until_ds[0] if until_ds else None


def held_from(ds: date) -> date:
    """The first of the `hold_days` days in which `ds` lies; the days are counted off from year 1 on."""
    return ds - timedelta(days=ds.toordinal() % artwork().sticky.hold_days)
