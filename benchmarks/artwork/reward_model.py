"""A model of rewards for off-policy evaluation, learned from the landed log of the days before."""

# Tested by tests/benchmarks/artwork/test_offpolicy.py.

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from benchmarks.artwork.learners import Learner
from benchmarks.artwork.population import COLUMNS, PopulationDay, page_slots
from models.artwork.impressions import F64, Impressions, fitted_baseline, joined_impressions
from models.artwork.pools import INTS
from models.artwork.profile_features import F32


@dataclass(frozen=True)
class RewardModel:
    """Predicted quality plays per view of every cell of a day (c,) with any artwork of its pool."""

    offsets: INTS  # (c,) the first artwork of the cell's pool
    pool_sizes: INTS  # (c,)
    rewards: F32  # (c, widest pool), 0 beyond the pool

    def predicted(self, cell: INTS, artwork: INTS) -> F64:
        """The reward (N,) of an artwork in each of N cells."""
        return self.rewards[cell, artwork - self.offsets[cell]].astype(np.float64)

    def mean_predicted(self, cell: INTS) -> F64:
        """The mean reward (N,) of the pools of N cells."""
        return self.rewards[cell].sum(axis=1, dtype=np.float64) / self.pool_sizes[cell]


def reward_model(learner: Learner, day: PopulationDay) -> RewardModel:
    """The rewards that a learner's log leads to expect on a day: all that it has ever seen."""
    population, slots = learner.population, page_slots(day)
    genres, pools = population.truth.titles.genres, population.pools
    features = np.concatenate(learner.features)
    first_genre = learner.frame.first_genre
    log, learning = joined_impressions(learner.log), learner.settings.learning
    baseline = fitted_baseline(log, features, genres, first_genre, learning)
    position = np.arange(len(day.title)) - day.offsets[slots.profile]
    ones = np.ones(len(position), np.int64)
    cells = Impressions(
        feature_row=slots.profile,
        profile=slots.profile,
        title=slots.title,
        artwork=pools.offsets[slots.title],
        row_position=1 + position // COLUMNS,
        column_position=1 + position % COLUMNS,
        impressions=ones,
        quality_plays=0 * ones,
        weight=np.ones(len(position)),
    )
    log_odds = baseline.log_odds(cells, learner.features_on(day))
    sizes = pools.sizes[slots.title]
    rewards = np.zeros((len(position), int(pools.sizes.max())), np.float32)
    for part in np.array_split(np.arange(len(position)), max(1, len(position) // 50_000)):
        in_pool = np.arange(rewards.shape[1]) < sizes[part][:, None]
        evoked = learner.evoked(day, slots.where(part))
        rewards[part] = expit(log_odds[part][:, None] + evoked) * in_pool
    return RewardModel(pools.offsets[slots.title], sizes, rewards)
