"""Learning of a policy: the baseline, what artwork evokes, how much may be explored."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from conf.artwork import ArtworkSettings
from models.artwork.impressions import Baseline, fitted_baseline, thinned_impressions
from models.artwork.policy import (
    F64,
    ArtworkEffect,
    ArtworkPolicy,
    LinearBeliefs,
    TreeBeliefs,
    representativeness_levels,
    theme_indices,
)
from models.artwork.pools import INTS, ArtworkPools
from models.artwork.profile_features import F32, theme_associations
from models.artwork.thompson import RegressionRows, artwork_effects, posterior, posterior_draws
from models.artwork.training_log import TrainingLog
from models.artwork.trees import fit_trees

COST_PROFILES = 200  # whose responses are held at a time, and on whom exploration is priced
COST_TITLES = 50  # drawn by how often they were shown
NARROWING = 0.8  # of the draws, until exploration costs no more than it may
LEAST_SCALE = 0.01


@dataclass(frozen=True)
class LearnedPolicy:
    """A policy and the figures of its training."""

    policy: ArtworkPolicy
    metrics: dict[str, float]


def learn_policy(
    log: TrainingLog,
    genre_matrix: NDArray[np.bool_],
    pools: ArtworkPools,
    settings: ArtworkSettings,
) -> LearnedPolicy:
    """The policy that follows from a log; `genre_matrix` (n, g) marks the genres of titles.

    With an empty log the beliefs are the priors: in the mean of the draws every artwork is as good
    as any other.
    """
    thinned = replace(log, impressions=thinned_impressions(log.impressions, settings.learning))
    themes = tuple(theme for theme in pools.themes if theme)
    associations = theme_associations(
        themes, pools.theme, pools.themes, genre_matrix[pools.title], settings.learning.theme_prior
    )
    baseline = fitted_baseline(
        log.impressions, log.features, genre_matrix, log.frame.first_genre, settings.learning
    )
    offset = baseline.log_odds(thinned.impressions, log.features)
    rows = _regression_rows(thinned, pools, themes, associations, offset)
    beliefs, spreads = _beliefs(rows, thinned, len(themes), settings)
    prior_spread = settings.thompson.picture_spread
    policy = ArtworkPolicy(log.frame, themes, associations, beliefs, {}, prior_spread)
    policy = _with_effects(policy, log, baseline, pools, settings)
    policy = replace(policy, greedy=settings.exploration.kind == "epsilon")
    shown = np.bincount(log.impressions.title, minlength=len(genre_matrix)).astype(np.float64)
    policy, cost = policy_within_budget(policy, log.features, pools, shown, settings)
    suit = float(np.mean(beliefs.suit)) if isinstance(beliefs, LinearBeliefs) else float("nan")
    metrics = {
        "impressions": float(log.impressions.trials.sum()),
        "quality_plays": float(log.impressions.successes.sum()),
        "rows": float(len(thinned.impressions.title)),
        "suit": suit,
        "theme_spread": float(spreads[0]),
        "trait_spread": float(spreads[-1]),
        "picture_spread": policy.unseen_spread,
        "explore_cost": cost,
        "explore_scale": policy.scale,
    }
    return LearnedPolicy(policy, metrics)


def _regression_rows(
    log: TrainingLog,
    pools: ArtworkPools,
    themes: tuple[str, ...],
    associations: F32,
    offset: F64,
) -> RegressionRows:
    """The log as inputs of the regression.

    `associations` (themes + 1, g), `offset` (N,) log-odds.
    """
    impressions = log.impressions
    if pools.size:
        of_artwork = theme_indices(pools.themes, themes).astype(np.int64)[pools.theme]
        theme = of_artwork[impressions.artwork]
    else:
        theme = np.zeros(0, np.int64)
    level = pools.level[impressions.artwork]
    leaning = log.genre_features[impressions.feature_row]
    suits = np.einsum("ng,ng->n", leaning, associations[theme])
    return RegressionRows(
        feature_row=impressions.feature_row,
        theme=theme,
        representativeness=representativeness_levels()[level].astype(np.float64),
        suits=suits.astype(np.float64),
        trials=impressions.trials,
        successes=impressions.successes,
        offset=offset,
    )


def _beliefs(
    rows: RegressionRows, log: TrainingLog, themes: int, settings: ArtworkSettings
) -> tuple[LinearBeliefs | TreeBeliefs, F64]:
    """Draws of beliefs, and the spreads (f,) of the linear priors."""
    seed = settings.learning.seed
    linear = posterior(rows, log.features, themes, settings.thompson)
    if settings.estimator == "trees" and rows.successes.any():
        profile = log.impressions.profile
        trees = fit_trees(rows, profile, log.features, themes, seed, settings.trees)
        return trees, linear.spreads
    draws = posterior_draws(linear, themes, settings.exploration.draws, seed)
    return draws, linear.spreads


def _with_effects(
    policy: ArtworkPolicy,
    log: TrainingLog,
    baseline: Baseline,
    pools: ArtworkPools,
    settings: ArtworkSettings,
) -> ArtworkPolicy:
    """The policy with the effect of each artwork that had impressions, by all of the log."""
    impressions = log.impressions
    evoked = evoked_log_odds(policy, log, pools)
    rate = expit(baseline.log_odds(impressions, log.features) + evoked)
    artwork = impressions.artwork
    expected = np.bincount(artwork, impressions.trials * rate, pools.size).astype(np.float64)
    successes = np.bincount(artwork, impressions.successes, pools.size).astype(np.float64)
    effects = artwork_effects(pools.title, successes, expected, settings.thompson)
    counts = np.bincount(artwork, impressions.impressions, pools.size)
    by_id = {
        pools.artwork_ids[index]: ArtworkEffect(
            float(effects.mean[index]), float(effects.spread[index]), int(counts[index])
        )
        for index in np.flatnonzero(counts.astype(np.int64))
    }
    return replace(policy, effects=by_id, unseen_spread=effects.prior_spread)


def evoked_log_odds(policy: ArtworkPolicy, log: TrainingLog, pools: ArtworkPools) -> F64:
    """Mean belief of what each cell's artwork evoked in its profile (N,)."""
    impressions = log.impressions
    evoked = np.zeros(len(impressions.title))
    theme = policy.theme_indices(pools)[impressions.artwork]
    level = pools.level[impressions.artwork]
    order = np.argsort(impressions.feature_row, kind="stable")
    feature_rows, first = np.unique(impressions.feature_row[order], return_index=True)
    ends = np.append(first, len(order))
    for start in range(0, len(feature_rows), COST_PROFILES):
        stop = min(start + COST_PROFILES, len(feature_rows))
        in_batch = feature_rows[start:stop]
        by_level = policy.responses(log.features[in_batch]).mean(axis=-1)
        batch = order[ends[start] : ends[stop]]
        profile = np.searchsorted(in_batch, impressions.feature_row[batch])
        evoked[batch] = by_level[profile, theme[batch], level[batch]]
    return evoked


def policy_within_budget(
    policy: ArtworkPolicy, features: F32, pools: ArtworkPools, shown: F64, settings: ArtworkSettings
) -> tuple[ArtworkPolicy, float]:
    """The policy with draws so narrow that exploration keeps to its budget, and that cost."""
    sample = _cost_sample(policy, features, pools, shown)
    scale, uniform_share = 1.0, settings.exploration.uniform_share
    while True:
        cost = _cost_of(sample, scale, uniform_share)
        if cost <= settings.exploration.most_cost or scale < LEAST_SCALE:
            return policy.narrowed(scale), cost
        scale *= NARROWING


def exploration_cost(
    policy: ArtworkPolicy, features: F32, pools: ArtworkPools, shown: F64, settings: ArtworkSettings
) -> float:
    """Predicted share of quality plays that exploration loses, on a sample of profiles and titles.

    1 - rate of the policy's choices / rate of the best artworks. A rate is predicted as
    exp(log-odds), since quality plays are rare; of chance beyond the draws `uniform_share` alone
    counts. Titles are drawn by how often they were `shown` (n,), all alike where none was.
    """
    sample = _cost_sample(policy, features, pools, shown)
    return _cost_of(sample, policy.scale, settings.exploration.uniform_share)


def _cost_sample(
    policy: ArtworkPolicy, features: F32, pools: ArtworkPools, shown: F64
) -> list[tuple[F32, F32]]:
    """Log-odds of some titles' pools for some profiles: their means and what draws add, unscaled.

    Means are (profiles, pool, 1), what draws add (profiles, pool, draws).
    """
    has_choice = pools.sizes > 1
    weight = shown * has_choice if np.any(shown * has_choice) else has_choice.astype(np.float64)
    if not has_choice.any() or not len(features):
        return []
    quantiles = (np.arange(COST_TITLES) + 0.5) / COST_TITLES
    titles = np.searchsorted(np.cumsum(weight) / weight.sum(), quantiles)
    unscaled = policy.narrowed(1.0)
    responses = unscaled.responses(features[_spaced(len(features), COST_PROFILES)])
    keys = np.arange(pools.size, dtype=np.uint64)
    effects = unscaled.artwork_effects(pools, keys, responses.shape[-1])
    theme = policy.theme_indices(pools)
    sample = []
    for title in titles:
        pool = slice(pools.offsets[title], pools.offsets[title + 1])
        by_draw = responses[:, theme[pool], pools.level[pool]] + effects[pool]
        mean = by_draw.mean(axis=2, keepdims=True)
        sample.append((mean, by_draw - mean))
    return sample


def _cost_of(sample: list[tuple[F32, F32]], scale: float, uniform_share: float) -> float:
    """The cost on a sample, with draws narrowed to a scale; 0 without a sample."""
    best_total = policy_total = 0.0
    for mean, deviation in sample:
        rate = np.exp(mean[:, :, 0], dtype=np.float64)
        choice = (mean + np.float32(scale) * deviation).argmax(axis=1)
        rate_of_draws = np.take_along_axis(rate, choice, axis=1).mean(axis=1)
        best_total += float(rate.max(axis=1).sum())
        policy_rate = (1 - uniform_share) * rate_of_draws + uniform_share * rate.mean(axis=1)
        policy_total += float(policy_rate.sum())
    return 1 - policy_total / best_total if sample else 0.0


def _spaced(size: int, most: int) -> INTS:
    """At most `most` indices below `size`, evenly spaced, the first and the last among them."""
    return np.unique(np.linspace(0, size - 1, most).astype(int))
