"""The days of `bench artwork`: every policy meets the same members, titles and luck, and learns from its own log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conf.artwork import Artwork
from experiments.metrics.rates import Rate, difference, gap_closed, rate
from jobs.tools.artwork_arms import Learner, best_single, by_hours, first_hours, learner, uniform
from jobs.tools.artwork_oracle_world import best_pictures, likeliest_pictures
from jobs.tools.artwork_world import Day, Told, Town, places
from models.artwork.choice import NONE, Places
from models.artwork.pictures import INTS
from models.artwork.shown import Shown

Say = Callable[[str], None]
WEEK = 7
ROWS = 60_000
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
            kept[arm, day] = kept.get((arm, day), np.zeros(size)) + np.bincount(account, values, size)

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
        return taken, shown, np.tile(np.arange(size), len(arms)), np.repeat(np.array(list(arms), object), size)


@dataclass
class Life:
    """What the days left behind."""

    days: int
    takes: Takes
    flips_per_30d: float
    cells: int
    cells_without_picture: int
    title_cards: int
    contextual: Learner


def lived(town: Town, days: int, judged: int, settings: Artwork, say: Say) -> Life:
    """`days` of learning and `judged` more days on which what was learned is used and no longer changed."""
    takes, flips, held = Takes(town.account), Flips(), settings.sticky.hold_days
    random_log: list[Shown] = []
    arm: Learner | None = None
    trees: Learner | None = None
    without = cards = cells = 0
    for number in range(days + judged):
        day = town.day(number)
        where = places(day)
        if arm is None:
            arm = learner(town, day, settings)
        arm.meet(day)
        if number <= days and (number % held == 0 or number == days):
            arm.learn()
        if number == days:
            trees = _in_trees(arm, settings)
        told, after = town.live(day, uniform(town, where, number))
        single = best_single(town, random_log, settings)[where.title] if random_log else uniform(town, where, number)
        takes.add("random", number, told.shown)
        if number < days:
            random_log.append(told.shown)
        picture, _ = arm.choose(day, where)
        names = arm.gallery.names(picture)
        cells, without = cells + len(names), without + names.null_count
        cards += int(np.sum(picture == NONE))
        flips.see(where, picture, len(town.truth.title_ids))
        own = _live(town, day, takes, "contextual", picture)
        if number < days:
            arm.keep(own.shown, number)
        others = {
            "best_single": single,
            "oracle": best_pictures(town, where),
            "knowable": likeliest_pictures(town, where),
        }
        if trees:
            others |= {"trees": trees.choose(day, where)[0]}
            others |= {f"without_{part}": arm.without(part).choose(day, where)[0] for part in ("chance", "variety")}
        for name, pictures in others.items():
            _live(town, day, takes, name, pictures)
        town.states = after
        say(
            f"day {number}: "
            + ", ".join(
                f"{a} {takes.take(a, range(number, number + 1)).value:.4f}"
                for a in ("random", "best_single", "contextual", "oracle")
            )
        )
    assert arm is not None
    return Life(days + judged, takes, flips.per_30_days, cells, without, cards, arm)


def _live(town: Town, day: Day, takes: Takes, name: str, picture: INTS) -> Told:
    told, _ = town.live(day, picture)
    takes.add(name, day.number, told.shown)
    return told


def _in_trees(arm: Learner, settings: Artwork) -> Learner:
    """The same log, learned by trees."""
    chance = settings.exploration.model_copy(update={"draws": 4})
    other = Learner(
        arm.town, settings.model_copy(update={"estimator": "trees", "exploration": chance}), arm.frame, arm.gallery,
        list(arm.log), list(arm.traits),
    )  # fmt: skip
    other.learn()
    return other


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


def regret_by_interval(town: Town, days: int, settings: Artwork, say: Say) -> dict[str, Rate]:
    """The share of (oracle - random) that is lost over all days of learning, by how often the policy learns.

    All three learn from at most ROWS rows at a time, so that learning by the hour takes minutes.
    """
    takes = Takes(town.account)
    settings = settings.model_copy(update={"learning": settings.learning.model_copy(update={"most_rows": ROWS})})
    arms: dict[str, Learner] = {}
    for number in range(days):
        day = town.day(number)
        where = places(day)
        told, after = town.live(day, uniform(town, where, number))
        takes.add("random", number, told.shown)
        _live(town, day, takes, "oracle", best_pictures(town, where))
        for name in ("hour", "day", "week"):
            arm = arms.setdefault(name, learner(town, day, settings))
            arm.meet(day)
            if name != "week" or number % WEEK == 0:
                arm.learn()
            if name == "hour":
                for part in by_hours(arm, day, where, first_hours(told, town.size))[1]:
                    takes.add(name, number, part)
                continue
            own = _live(town, day, takes, name, arm.choose(day, where)[0])
            arm.keep(own.shown, number)
        town.states = after
        say(f"day {number} of hourly, daily and weekly learning")
    closed = {name: takes.closed(name, range(days)) for name in arms}
    return {name: Rate(1 - told.value, 1 - told.high, 1 - told.low) for name, told in closed.items()}
