"""What `bench artwork` counts: quality plays by arm, account and day, and changes of artwork."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from benchmarks.artwork.population import DayOutcome
from experiments.metrics.rates import UNDEFINED, Rate, difference, gap_closed, rate
from models.artwork.choice import ArtworkSlots
from models.artwork.impressions import F64
from models.artwork.pools import INTS


class AccountCounts(NamedTuple):
    """Quality plays, impressions and looks of each of n accounts."""

    quality_plays: F64  # (n,)
    impressions: F64  # (n,)
    looks: F64  # (n,)

    def per(self, unit: str) -> F64:
        """What quality plays are divided by (n,): `view` or `look`."""
        return self.looks if unit == "look" else self.impressions


@dataclass
class TakeCounts:
    """Quality plays, impressions and looks of each account by arm and day.

    A take is the quotient of the first and one of the others.
    """

    accounts: INTS  # (m,) of each profile
    by_arm_and_day: dict[tuple[str, int], AccountCounts] = field(default_factory=dict)

    def add(self, arm: str, day: int, outcome: DayOutcome) -> None:
        """Add what a day's artwork of an arm led to; parts of a day and its lives add up."""
        size = int(self.accounts.max()) + 1
        impressions = outcome.impressions
        account = self.accounts[impressions.profile]
        columns = (impressions.quality_plays, impressions.impressions, outcome.looks)
        counts = [np.bincount(account, column, size) for column in columns]
        before = self.by_arm_and_day.get((arm, day), (np.zeros(size),) * len(columns))
        sums = [count + earlier for count, earlier in zip(counts, before, strict=True)]
        self.by_arm_and_day[arm, day] = AccountCounts(*sums)

    def over(self, arm: str, days: range) -> AccountCounts:
        """The counts of an arm, summed over some days."""
        counts = [self.by_arm_and_day[arm, day] for day in days]
        return AccountCounts(*np.sum(counts, axis=0))

    def take(self, arm: str, days: range, unit: str = "view") -> Rate:
        """Quality plays per view or look, with an interval clustered by account."""
        counts = self.over(arm, days)
        return rate(counts.quality_plays, counts.per(unit), np.arange(len(counts.looks)))

    def take_difference(self, arm: str, baseline: str, days: range) -> Rate:
        """The take of an arm less that of a baseline, paired by account."""
        columns = self._side_by_side({arm: arm, baseline: baseline}, days)
        return difference(*columns, arm, baseline)

    def closed(self, arm: str, best: str, days: range, unit: str = "view") -> Rate:
        """(arm - random) / (best - random) of takes, with a bootstrap of accounts.

        Undefined where the best is not above random.
        """
        arms = {"pipeline": arm, "popular": "random", "oracle": best}  # as `gap_closed` says
        try:
            return gap_closed(*self._side_by_side(arms, days, unit))
        except ValueError:
            return UNDEFINED

    def _side_by_side(
        self, arms: Mapping[str, str], days: range, unit: str = "view"
    ) -> tuple[Any, Any, Any, Any]:
        """Quality plays, views or looks, account and role of arms, as `metrics.rates` takes them."""
        counts = [self.over(arm, days) for arm in arms.values()]
        size = len(counts[0].looks)
        return (
            np.concatenate([arm.quality_plays for arm in counts]),
            np.concatenate([arm.per(unit) for arm in counts]),
            np.tile(np.arange(size), len(arms)),
            np.repeat(np.array(list(arms), object), size),
        )


@dataclass
class Flips:
    """How often the artwork of a title changes between two days, where a page has it on both."""

    profile_title: INTS = field(default_factory=lambda: np.zeros(0, np.int64))  # of the last day
    artwork: INTS = field(default_factory=lambda: np.zeros(0, np.int64))  # of the last day
    pairs: int = 0  # of days that follow each other
    flips: int = 0

    def add_day(self, slots: ArtworkSlots, artwork: INTS, titles: int) -> None:
        """Compare one more day's artwork (d,) with that of the day before.

        A catalogue has `titles` titles.
        """
        profile_title = slots.profile * titles + slots.title
        order = np.argsort(profile_title)
        profile_title, artwork = profile_title[order], artwork[order]
        _, today, yesterday = np.intersect1d(
            profile_title, self.profile_title, assume_unique=True, return_indices=True
        )
        self.pairs += len(today)
        self.flips += int(np.sum(artwork[today] != self.artwork[yesterday]))
        self.profile_title, self.artwork = profile_title, artwork

    @property
    def per_30_days(self) -> float:
        """Changes of artwork in 30 days on which its title stands on the page."""
        return 30 * self.flips / max(self.pairs, 1)
