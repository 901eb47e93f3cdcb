"""The days of `bench artwork`: all policies meet the same chance and learn from their own logs."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from benchmarks.artwork.figures import Flips, TakeCounts
from benchmarks.artwork.knowable import (
    BayesChoice,
    bayes_choice,
    knowable_artwork,
    learnable_artwork,
)
from benchmarks.artwork.learners import (
    Learner,
    best_single,
    first_visit_hours,
    live_by_hours,
    new_learner,
    uniform_artwork,
)
from benchmarks.artwork.oracle import best_artwork
from benchmarks.artwork.population import DayOutcome, Population, PopulationDay, page_slots
from conf.artwork import ArtworkSettings
from experiments.metrics.rates import Rate
from models.artwork.choice import NO_ARTWORK, ArtworkSlots
from models.artwork.impressions import Impressions
from models.artwork.pools import INTS

Say = Callable[[str], None]
WEEK_DAYS = 7
MOST_ROWS = 60_000
LIVES = 3  # of each day of evaluation
SPOKEN_ARMS = ("random", "best_single", "contextual", "oracle")


@dataclass
class ArtworkDays:
    """What the days of the bench measured, and the policy that was learned in them."""

    days: int
    learning_days: int
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

    def live(self, arm: str, day: PopulationDay, artwork: INTS) -> DayOutcome:
        """Let an arm live a day with its artwork, and count what comes of it; the first outcome.

        A day of evaluation is lived several times, each with other luck.
        """
        population, number = self.contextual.population, day.number
        lives = LIVES if number >= self.learning_days else 1
        outcomes = [population.live(day, artwork, None, life)[0] for life in range(lives)]
        for outcome in outcomes:
            self.takes.add(arm, number, outcome)
        return outcomes[0]


def run_days(
    population: Population, learning: int, evaluation: int, settings: ArtworkSettings, say: Say
) -> ArtworkDays:
    """`learning` days, and `evaluation` more days on which the last policy serves unchanged."""
    contextual = new_learner(population, population.day(0), settings)
    measured_days = ArtworkDays(
        learning + evaluation, learning, contextual, TakeCounts(population.account)
    )
    random_log: list[Impressions] = []
    single: INTS | None = None
    rivals: _Rivals | None = None
    for number in range(learning + evaluation):
        day = population.day(number)
        slots = page_slots(day)
        is_learning = number < learning
        contextual.begin_day(day)
        starts_period = number % settings.sticky.hold_days == 0
        if (is_learning and starts_period) or number == learning:
            contextual.learn()
            if random_log:
                single = best_single(population, random_log, settings)
        if number == learning:
            rivals = _Rivals(
                _learner_with_trees(contextual, settings), bayes_choice(contextual, day)
            )
        random_artwork = uniform_artwork(population, slots, number)
        outcome = measured_days.live("random", day, random_artwork)
        _, after = population.live(day, random_artwork)
        artwork = contextual.choose(day, slots).artwork
        measured_days.count(slots, artwork)
        own_outcome = measured_days.live("contextual", day, artwork)
        if is_learning:
            random_log.append(outcome.impressions)
            contextual.add(own_outcome, number)
        measured_days.live(
            "best_single", day, random_artwork if single is None else single[slots.title]
        )
        measured_days.live("oracle", day, best_artwork(population, slots))
        if rivals:
            _live_rivals(measured_days, rivals, day, slots)
        population.states = after
        say(_day_line(measured_days.takes, number))
    return measured_days


class _Rivals(NamedTuple):
    """Who is lived beside the policy on the days of evaluation."""

    trees: Learner
    bayes: BayesChoice


def _live_rivals(
    measured_days: ArtworkDays, rivals: _Rivals, day: PopulationDay, slots: ArtworkSlots
) -> None:
    """Live a day as the Bayes choice, as trees, and as the policy without parts of it."""
    contextual = measured_days.contextual
    population, bayes = contextual.population, rivals.bayes
    measured_days.live("knowable", day, knowable_artwork(population, day, slots, bayes))
    measured_days.live("learnable", day, learnable_artwork(population, day, slots, bayes))
    measured_days.live("trees", day, rivals.trees.choose(day, slots).artwork)
    for part in ("chance", "variety"):
        without = contextual.without(part).choose(day, slots)
        measured_days.live(f"without_{part}", day, without.artwork)


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
        takes.add("random", number, outcome)
        oracle, _ = population.live(day, best_artwork(population, slots))
        takes.add("oracle", number, oracle)
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
            takes.add(interval, number, own)
            learner.add(own, number)
        population.states = after
        say(f"day {number} of hourly, daily and weekly learning")
    regrets = {}
    for interval in learners:
        closed = takes.closed(interval, "oracle", range(days))
        regrets[interval] = Rate(1 - closed.value, 1 - closed.high, 1 - closed.low)
    return regrets
