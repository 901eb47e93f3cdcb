"""The days of `bench artwork`: all policies meet the same chance and learn from their own logs."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.artwork.figures import Flips, TakeCounts
from benchmarks.artwork.learners import (
    Learner,
    best_single,
    first_visit_hours,
    live_by_hours,
    new_learner,
    uniform_artwork,
)
from benchmarks.artwork.oracle import best_artwork, likeliest_artwork
from benchmarks.artwork.population import Population, PopulationDay, page_slots
from conf.artwork import ArtworkSettings
from experiments.metrics.rates import Rate
from models.artwork.choice import NO_ARTWORK, ArtworkSlots
from models.artwork.impressions import Impressions
from models.artwork.pools import INTS

Say = Callable[[str], None]
WEEK_DAYS = 7
MOST_ROWS = 60_000
SPOKEN_ARMS = ("random", "best_single", "contextual", "oracle")


@dataclass
class ArtworkDays:
    """What the days of the bench measured, and the policy that was learned in them."""

    days: int
    contextual: Learner
    takes: TakeCounts
    flips: Flips = field(default_factory=Flips)
    cells: int = 0
    cells_without_artwork: int = 0
    title_cards: int = 0

    def count(self, slots: ArtworkSlots, artwork: INTS) -> None:
        """Count the cells of a day, and what stands in them."""
        ids = self.contextual.gallery.artwork_ids(artwork)
        self.cells += len(ids)
        self.cells_without_artwork += ids.null_count
        self.title_cards += int(np.sum(artwork == NO_ARTWORK))
        titles = len(self.contextual.population.truth.title_ids)
        self.flips.add_day(slots, artwork, titles)

    def live(self, arm: str, day: PopulationDay, artwork: INTS) -> Impressions:
        """Let an arm live a day with its artwork, and count what comes of it."""
        outcome, _ = self.contextual.population.live(day, artwork)
        self.takes.add(arm, day.number, outcome.impressions)
        return outcome.impressions


def run_days(
    population: Population, learning: int, evaluation: int, settings: ArtworkSettings, say: Say
) -> ArtworkDays:
    """`learning` days, and `evaluation` more days on which the last policy serves unchanged."""
    contextual = new_learner(population, population.day(0), settings)
    measured_days = ArtworkDays(learning + evaluation, contextual, TakeCounts(population.account))
    random_log: list[Impressions] = []
    trees: Learner | None = None
    for number in range(learning + evaluation):
        day = population.day(number)
        slots = page_slots(day)
        is_learning = number < learning
        contextual.begin_day(day)
        starts_period = number % settings.sticky.hold_days == 0
        if (is_learning and starts_period) or number == learning:
            contextual.learn()
        if number == learning:
            trees = _learner_with_trees(contextual, settings)
        random_artwork = uniform_artwork(population, slots, number)
        outcome, after = population.live(day, random_artwork)
        single = random_artwork
        if random_log:
            single = best_single(population, random_log, settings)[slots.title]
        measured_days.takes.add("random", number, outcome.impressions)
        artwork = contextual.choose(day, slots).artwork
        measured_days.count(slots, artwork)
        impressions = measured_days.live("contextual", day, artwork)
        if is_learning:
            random_log.append(outcome.impressions)
            contextual.add(impressions, number)
        measured_days.live("best_single", day, single)
        measured_days.live("oracle", day, best_artwork(population, slots))
        measured_days.live("knowable", day, likeliest_artwork(population, slots))
        if trees:
            measured_days.live("trees", day, trees.choose(day, slots).artwork)
            for part in ("chance", "variety"):
                without = contextual.without(part).choose(day, slots)
                measured_days.live(f"without_{part}", day, without.artwork)
        population.states = after
        say(_day_line(measured_days.takes, number))
    return measured_days


def _day_line(takes: TakeCounts, day: int) -> str:
    """The takes of a day, for the progress of the bench."""
    shares = [f"{arm} {takes.take(arm, range(day, day + 1)).value:.4f}" for arm in SPOKEN_ARMS]
    return f"day {day}: " + ", ".join(shares)


def _learner_with_trees(learner: Learner, settings: ArtworkSettings) -> Learner:
    """A learner that has learned the same log by trees."""
    trees = replace(
        learner,
        settings=settings.model_copy(update={"estimator": "trees"}),
        log=list(learner.log),
        features=list(learner.features),
        metrics=[],
    )
    trees.learn()
    return trees


def regret_by_interval(
    population: Population, days: int, settings: ArtworkSettings, say: Say
) -> dict[str, Rate]:
    """The share of (oracle - random) that is lost while learning, by how often the policy learns.

    All three learners use at most MOST_ROWS rows at a time, so that learning by the hour takes
    minutes.
    """
    takes = TakeCounts(population.account)
    learning = settings.learning.model_copy(update={"most_rows": MOST_ROWS})
    settings = settings.model_copy(update={"learning": learning})
    first_day = population.day(0)
    learners = {
        interval: new_learner(population, first_day, settings)
        for interval in ("hour", "day", "week")
    }
    for number in range(days):
        day = population.day(number)
        slots = page_slots(day)
        outcome, after = population.live(day, uniform_artwork(population, slots, number))
        takes.add("random", number, outcome.impressions)
        oracle, _ = population.live(day, best_artwork(population, slots))
        takes.add("oracle", number, oracle.impressions)
        hours = first_visit_hours(outcome, population.size)
        for interval, learner in learners.items():
            learner.begin_day(day)
            if interval != "week" or number % WEEK_DAYS == 0:
                learner.learn()
            if interval == "hour":
                for part in live_by_hours(learner, day, slots, hours):
                    takes.add(interval, number, part)
                continue
            own, _ = population.live(day, learner.choose(day, slots).artwork)
            takes.add(interval, number, own.impressions)
            learner.add(own.impressions, number)
        population.states = after
        say(f"day {number} of hourly, daily and weekly learning")
    regrets = {}
    for interval in learners:
        closed = takes.regret_closed(interval, range(days))
        regrets[interval] = Rate(1 - closed.value, 1 - closed.high, 1 - closed.low)
    return regrets
