"""Whether off-policy intervals hold the truth as often as they say, in a world of known truth.

Profiles are drawn with replacement from a population, each with the first cells of its page; a
logging policy chooses artwork and a coin falls by the world's own appeal. What another policy would
earn is known exactly, and is estimated from the log.
"""

# Tested by tests/benchmarks/artwork/test_population.py.

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.artwork.learners import Learner
from benchmarks.artwork.population import Population, PopulationDay
from experiments.offpolicy import LoggedChoices, TargetPolicy, estimates, overlap
from models.artwork.choice import ArtworkSlots
from models.artwork.pools import INTS
from simulator.parameters import catalogue_days

F64 = NDArray[np.float64]
CELLS = 24  # of each page, from the top left
PROFILES = 800  # in a log
ESTIMATORS = ("replay", "ips", "snips", "dm", "dr", "switch_dr")
QUESTIONS = (("uniform", "greedy"), ("thompson", "greedy"), ("thompson", "uniform"))


@dataclass(frozen=True)
class TrueCells:
    """Cells (profiles * CELLS) with every artwork of their pools (k at most), sorted by profile."""

    profiles: int
    reward: F64  # (cells, k) true probability of a quality play
    predicted: F64  # (cells, k) the same as a model predicts it
    probabilities: dict[str, F64]  # (cells, k) by policy

    def true_value(self, policy: str) -> float:
        """Quality plays per cell that a policy truly earns."""
        return float((self.probabilities[policy] * self.reward).sum(axis=1).mean())


def interval_coverage(
    learner: Learner,
    day: PopulationDay,
    slots: ArtworkSlots,
    replications: int,
    switch_at: float,
    seed: int = 0,
) -> dict[str, dict[str, object]]:
    """Figures by question (LOGGING_TARGET), from `replications` logs each.

    `coverage` is the share of 95 % intervals that hold the truth and `bias` the mean error over the
    truth, both by estimator; `effective_sample` is a mean. `switch_at` is the importance weight
    from which switch_dr uses the model.
    """
    cells = _true_cells(learner, day, slots)
    figures = {}
    for logging, target in QUESTIONS:
        rng = np.random.default_rng(seed)
        figures[f"{logging}_{target}"] = _question_figures(
            cells, logging, target, replications, switch_at, rng
        )
    return figures


def _question_figures(
    cells: TrueCells,
    logging: str,
    target: str,
    replications: int,
    switch_at: float,
    rng: np.random.Generator,
) -> dict[str, object]:
    truth = cells.true_value(target)
    hits, errors = dict.fromkeys(ESTIMATORS, 0), dict.fromkeys(ESTIMATORS, 0.0)
    samples = 0.0
    for _ in range(replications):
        log, policy = _random_log(cells, logging, target, rng)
        samples += overlap(log, policy).effective_sample
        for name, estimate in estimates(log, policy, switch_at).items():
            hits[name] += estimate.low <= truth <= estimate.high
            errors[name] += estimate.value / truth - 1
    names = list(ESTIMATORS)
    if logging != "uniform":
        names.remove("replay")  # it needs equal probabilities
    return {
        "truth": truth,
        "effective_sample": samples / replications,
        "coverage": {name: hits[name] / replications for name in names},
        "bias": {name: errors[name] / replications for name in names},
    }


def _random_log(
    cells: TrueCells, logging: str, target: str, rng: np.random.Generator
) -> tuple[LoggedChoices, TargetPolicy]:
    """One log of PROFILES profiles, and the target policy on it."""
    profile = rng.integers(cells.profiles, size=PROFILES)
    sample = (profile[:, None] * CELLS + np.arange(CELLS)).ravel()
    propensity = cells.probabilities[logging][sample]
    probability = cells.probabilities[target][sample]
    uniform = rng.random(len(sample))[:, None]
    choice = (np.cumsum(propensity, axis=1) < uniform).sum(axis=1)
    choice = np.minimum(choice, propensity.shape[1] - 1)
    row = np.arange(len(sample))
    reward = rng.random(len(sample)) < cells.reward[sample, choice]
    cluster = np.repeat(np.arange(PROFILES), CELLS)
    log = LoggedChoices(reward.astype(np.float64), propensity[row, choice], cluster)
    predicted = cells.predicted[sample]
    predicted_value = (probability * predicted).sum(axis=1)
    policy = TargetPolicy(probability[row, choice], predicted[row, choice], predicted_value)
    return log, policy


def _true_cells(learner: Learner, day: PopulationDay, slots: ArtworkSlots) -> TrueCells:
    """The first CELLS cells of every page that has as many."""
    population = learner.population
    first = np.searchsorted(slots.profile, np.arange(population.size))
    page_sizes = np.bincount(slots.profile, minlength=population.size)
    full_pages = np.flatnonzero(page_sizes >= CELLS)
    cells = (first[full_pages][:, None] + np.arange(CELLS)).ravel()
    profile, title = slots.profile[cells], slots.title[cells]
    page = np.repeat(np.arange(len(full_pages)), CELLS)
    first_slots = ArtworkSlots(page, title, slots.on_screen[cells])
    thompson, greedy = learner.probabilities(day, first_slots, full_pages)
    in_pool = thompson > 0
    uniform = in_pool / in_pool.sum(axis=1, keepdims=True)
    log_odds = _play_log_odds(population, day, profile, title)[:, None]
    log_odds = log_odds + _true_evoked(population, profile, title)
    reward = expit(log_odds) * _finish_probability(population, profile, title)[:, None]
    evoked = np.exp(learner.evoked(day, first_slots, full_pages))
    true_mean = (uniform * reward).sum(axis=1).mean()
    predicted = true_mean * evoked / (uniform * evoked).sum(axis=1).mean()
    return TrueCells(
        len(full_pages),
        reward * in_pool,
        predicted * in_pool,
        {"uniform": uniform, "thompson": thompson, "greedy": greedy},
    )


def _play_log_odds(population: Population, day: PopulationDay, profile: INTS, title: INTS) -> F64:
    """Log-odds of a play without artwork (cells,), by attraction, quality and taste."""
    settings = population.settings
    catalogue = catalogue_days(population.truth.titles, settings, day.number, 1)
    taste = settings.appeal.taste * _affinity(population, profile, title)
    return np.asarray(catalogue.common_log_odds[0, title] + taste, np.float64)


def _finish_probability(population: Population, profile: INTS, title: INTS) -> F64:
    """Probability that a play is watched to its end (cells,), without the noise of the day."""
    watching = population.settings.watching
    quality = population.truth.titles.quality[title]
    stars = quality - population.members.strictness[profile]
    affinity = _affinity(population, profile, title)
    expected_stars = watching.overall + stars + watching.spread * affinity
    return np.asarray(expit(watching.slope * (expected_stars - watching.finish_at)), np.float64)


def _affinity(population: Population, profile: INTS, title: INTS) -> F64:
    """How much each profile likes each title (cells,), by factors and by genres."""
    titles, members = population.truth.titles, population.members
    genre_count = np.maximum(titles.genres.sum(axis=1, keepdims=True), 1)
    genre_weights = titles.genres / np.sqrt(genre_count)
    by_factors = np.einsum("nk,nk->n", members.taste[profile], titles.factors[title])
    by_genres = np.einsum("ng,ng->n", members.genre_likes[profile], genre_weights[title])
    return np.asarray(by_factors + by_genres, np.float64)


def _true_evoked(population: Population, profile: INTS, title: INTS) -> F64:
    """What each artwork of each pool adds to the log-odds (cells, k); 0 beyond the pool."""
    pools, titles = population.pools, population.truth.titles
    positions = np.arange(int(pools.sizes.max()))
    artwork = pools.offsets[title][:, None] + positions
    artwork = np.minimum(artwork, pools.size - 1)
    theme_likes = population.members.theme_likes[profile]
    likes = np.take_along_axis(theme_likes, titles.artwork_theme[artwork], axis=1)
    in_pool = positions < pools.sizes[title][:, None]
    weight = population.settings.appeal.picture
    evoked = weight * likes * titles.artwork_represents[artwork] * in_pool
    return np.asarray(evoked, np.float64)
