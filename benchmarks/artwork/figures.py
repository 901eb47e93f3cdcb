"""What `bench artwork` counts: takes of each arm by account and day, and how often pictures change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.metrics.rates import Rate, difference, gap_closed, rate
from models.artwork.choice import Places
from models.artwork.impressions import Shown
from models.artwork.pictures import INTS

ROLES = {"pipeline": "arm", "popular": "random", "oracle": "oracle"}  # as `gap_closed` names them


@dataclass
class Takes:
    """Quality plays and impressions of each account by arm and day."""

    accounts: INTS  # (m,) of each profile
    taken: dict[tuple[str, int], NDArray[np.float64]] = field(default_factory=dict)
    shown: dict[tuple[str, int], NDArray[np.float64]] = field(default_factory=dict)

    def add(self, arm: str, day: int, shown: Shown) -> None:
        """What came of a day of an arm; parts of a day add up."""
        size, account = int(self.accounts.max()) + 1, self.accounts[shown.cluster]
        for kept, values in ((self.taken, shown.taken), (self.shown, shown.impressions)):
            kept[arm, day] = kept.get((arm, day), np.zeros(size)) + np.bincount(
                account, values, size
            )

    def of(self, arm: str, days: range) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Quality plays and impressions of each account over some days."""
        taken, shown = ([kept[arm, day] for day in days] for kept in (self.taken, self.shown))
        return np.sum(taken, axis=0), np.sum(shown, axis=0)

    def take(self, arm: str, days: range) -> Rate:
        """Quality plays / impressions, with an interval clustered by account."""
        taken, shown = self.of(arm, days)
        return rate(taken, shown, np.arange(len(taken)))

    def above(self, first: str, second: str, days: range) -> Rate:
        """The difference of two arms' takes, paired by account."""
        return difference(*self._side_by_side({first: first, second: second}, days), first, second)

    def closed(self, arm: str, days: range) -> Rate:
        """(arm - random) / (oracle - random) of takes, with a bootstrap of accounts."""
        arms = {role: arm if name == "arm" else name for role, name in ROLES.items()}
        return gap_closed(*self._side_by_side(arms, days))

    def _side_by_side(self, arms: Mapping[str, str], days: range) -> tuple[Any, Any, Any, Any]:
        """Quality plays, impressions, account and the arm's role, for `experiments.metrics.rates`."""
        parts = [self.of(arm, days) for arm in arms.values()]
        size = len(parts[0][0])
        taken, shown = (np.concatenate(column) for column in zip(*parts, strict=True))
        return (
            taken,
            shown,
            np.tile(np.arange(size), len(arms)),
            np.repeat(np.array(list(arms), object), size),
        )


@dataclass
class Flips:
    """How often the picture of a title changes from one day to the next for those who have it on both."""

    before: INTS = field(default_factory=lambda: np.zeros(0, np.int64))
    picture: INTS = field(default_factory=lambda: np.zeros(0, np.int64))
    seen: int = 0
    flipped: int = 0

    def see(self, where: Places, picture: INTS, titles: int) -> None:
        """The pictures of one more day."""
        pair = where.profile * titles + where.title
        order = np.argsort(pair)
        pair, picture = pair[order], picture[order]
        _, here, there = np.intersect1d(pair, self.before, assume_unique=True, return_indices=True)
        self.seen += len(here)
        self.flipped += int(np.sum(picture[here] != self.picture[there]))
        self.before, self.picture = pair, picture

    @property
    def per_30_days(self) -> float:
        """Changes of a picture in 30 days on which its title stands on the page."""
        return 30 * self.flipped / max(self.seen, 1)
