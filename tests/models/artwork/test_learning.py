"""Learning of a policy: what it finds, what it costs to explore, and what the baseline explains."""

from dataclasses import replace

import numpy as np
import pytest

from conf.artwork import artwork_settings
from models.artwork.impressions import Impressions, fitted_baseline, thinned_impressions
from models.artwork.learning import exploration_cost, learn_policy, policy_within_budget
from models.artwork.profile_features import feature_frame
from models.artwork.training_log import TrainingLog
from tests.models.artwork.small import policy, pools

GENRES = np.array([[1, 0], [0, 1], [1, 1]], bool)
POOLS = pools(*[[("face", 9), ("place", 9)]] * 3)
PROFILES = 50
ALIKE = np.ones(3)  # titles that are shown equally often
CELLS = 4000


def impressions(cells=CELLS, seed=0, face_advantage=0.25):
    """One impression a cell; faces lead to more quality plays than places."""
    rng = np.random.default_rng(seed)
    title, profile = rng.integers(3, size=cells), rng.integers(PROFILES, size=cells)
    face = rng.integers(2, size=cells)
    quality_play = rng.random(cells) < np.where(face == 1, 0.1 + face_advantage, 0.1)
    ones = np.ones(cells, np.int64)
    return Impressions(
        feature_row=profile,
        profile=profile,
        title=title,
        artwork=2 * title + 1 - face,
        row_position=ones,
        column_position=ones,
        impressions=ones,
        quality_plays=quality_play.astype(np.int64),
        weight=np.ones(cells),
    )


def features():
    columns = [np.ones(PROFILES), np.zeros(PROFILES), np.zeros((PROFILES, 2))]
    return np.column_stack(columns).astype(np.float32)


def log_of(cells: Impressions) -> TrainingLog:
    counts, played = np.ones((PROFILES, 2), np.int64), np.full(PROFILES, 2)
    return TrainingLog(cells, features(), feature_frame(("a", "b"), counts, played, [""], 10.0))


def everybody(count):
    return np.tile(np.array([[1.0, 0.0]], np.float32), (count, 1))


def test_the_better_theme_is_learned_and_impressions_are_counted():
    learned_policy = learn_policy(log_of(impressions()), GENRES, POOLS, artwork_settings())
    policy_, metrics = learned_policy.policy, learned_policy.metrics
    always = policy_.beliefs.draws[:, :, 0].mean(axis=0)
    assert policy_.themes == ("face", "place")
    assert always[0] - always[1] > 0.5
    assert sum(effect.impressions for effect in policy_.effects.values()) == CELLS
    exploration = artwork_settings().exploration
    uniform_cost = exploration.uniform_share * (1 - (0.35 + 0.1) / 2 / 0.35)  # cannot be narrowed
    assert metrics["explore_cost"] <= max(exploration.most_cost, 1.3 * uniform_cost)


def test_an_empty_log_leaves_the_priors():
    log = log_of(impressions().where(np.zeros(CELLS, bool)))
    log = replace(log, features=log.features[:0])
    policy_ = learn_policy(log, GENRES, POOLS, artwork_settings()).policy
    assert policy_.effects == {}
    assert policy_.unseen_spread == artwork_settings().thompson.picture_spread
    assert policy_.beliefs.draws.std() > 0.1


def test_draws_are_narrowed_until_exploration_keeps_to_its_budget():
    wide = policy(np.random.default_rng(0).normal(0, 2, (50, 2)))
    cost_before = exploration_cost(wide, everybody(10), POOLS, ALIKE, artwork_settings())
    narrowed, cost = policy_within_budget(wide, everybody(10), POOLS, ALIKE, artwork_settings())
    assert cost_before > artwork_settings().exploration.most_cost >= cost
    assert 0 < narrowed.scale < 1


def test_a_choice_without_doubt_costs_what_uniform_choices_cost():
    certain = policy([(1.0, 0.0)])
    uniform_share = artwork_settings().exploration.uniform_share
    cost_of_uniform = 1 - (1 + np.exp(-0.9)) / 2
    cost = exploration_cost(certain, everybody(1), POOLS, ALIKE, artwork_settings())
    assert cost == pytest.approx(uniform_share * cost_of_uniform)


def test_thinning_keeps_every_quality_play_and_the_weight_of_the_rest():
    cells = impressions(face_advantage=0.0)
    settings = artwork_settings().learning
    thinned = thinned_impressions(cells, settings.model_copy(update={"most_rows": 1000}))
    assert thinned.successes.sum() == cells.quality_plays.sum()
    assert thinned.trials.sum() == pytest.approx(cells.impressions.sum())
    assert len(thinned.title) == 1000


def test_nothing_is_thinned_where_all_cells_fit():
    cells = impressions()
    assert thinned_impressions(cells, artwork_settings().learning) is cells


def test_the_baseline_explains_titles_but_no_artwork():
    rng = np.random.default_rng(1)
    cells = impressions(20_000, face_advantage=0.0)
    quality_play = rng.random(20_000) < np.where(cells.title == 0, 0.3, 0.1)
    cells = replace(cells, quality_plays=quality_play.astype(np.int64))
    baseline = fitted_baseline(cells, features(), GENRES, 2, artwork_settings().learning)
    log_odds = baseline.log_odds(cells, features())
    rate = 1 / (1 + np.exp(-log_odds))
    assert rate[cells.title == 0].mean() == pytest.approx(0.3, abs=0.02)
    assert rate[cells.title == 1].mean() == pytest.approx(0.1, abs=0.02)
