"""Which policy chooses the artwork of a day."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from conf.artwork import artwork_settings
from models.artwork.policy import ArtworkPolicy


class ServingPolicy(NamedTuple):
    """The policy that chooses the artwork of a day; none where there is none that can be trusted."""

    policy: ArtworkPolicy | None
    refused: tuple[str, ...] = ()  # others that would, and why they do not


def day_of_policy(days: Iterable[date], ds: date) -> date | None:
    """The day whose policy chooses the artwork of `ds`, out of the `days` that have one.

    A choice stays for a period of `hold_days` days. It is made by the newest policy that there was
    when the period began; where there was none, by the first one since.
    """
    until_ds = sorted(day for day in set(days) if day <= ds)
    before_period = [day for day in until_ds if day <= hold_start(ds)]
    if before_period:
        return before_period[-1]
    return until_ds[0] if until_ds else None


def hold_start(ds: date) -> date:
    """First day of the period that contains `ds`; periods are counted from year 1 on."""
    return ds - timedelta(days=ds.toordinal() % artwork_settings().sticky.hold_days)
