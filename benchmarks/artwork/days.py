"""The days of `bench artwork`: every policy meets the same members, titles and luck, and learns from its own log."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.artwork.figures import Flips, Takes
from benchmarks.artwork.learners import (
    Learner,
    best_single,
    by_hours,
    first_hours,
    learner,
    uniform,
)
from benchmarks.artwork.oracle import best_pictures, likeliest_pictures
from benchmarks.artwork.population import Day, Told, Town, places
from conf.artwork import Artwork
from experiments.metrics.rates import Rate
from models.artwork.choice import NONE
from models.artwork.impressions import Shown
from models.artwork.pictures import INTS

Say = Callable[[str], None]
WEEK = 7
ROWS = 60_000


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
        single = (
            best_single(town, random_log, settings)[where.title]
            if random_log
            else uniform(town, where, number)
        )
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
            others |= {
                f"without_{part}": arm.without(part).choose(day, where)[0]
                for part in ("chance", "variety")
            }
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
    other = Learner(
        arm.town,
        settings.model_copy(update={"estimator": "trees"}),
        arm.frame,
        arm.gallery,
        list(arm.log),
        list(arm.traits),
    )
    other.learn()
    return other


def regret_by_interval(town: Town, days: int, settings: Artwork, say: Say) -> dict[str, Rate]:
    """The share of (oracle - random) that is lost over all days of learning, by how often the policy learns.

    All three learn from at most ROWS rows at a time, so that learning by the hour takes minutes.
    """
    takes = Takes(town.account)
    settings = settings.model_copy(
        update={"learning": settings.learning.model_copy(update={"most_rows": ROWS})}
    )
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
    return {
        name: Rate(1 - told.value, 1 - told.high, 1 - told.low) for name, told in closed.items()
    }
