from dataclasses import replace

import numpy as np
import pytest

from conf.artwork import artwork
from models.artwork.impressions import Shown, baseline, thinned
from models.artwork.learning import explore_cost, learned, within_budget
from models.artwork.profile_features import frame_of
from tests.models.artwork.shops import pictures, policy

GENRES = np.array([[1, 0], [0, 1], [1, 1]], bool)
POOLS = pictures(*[[("face", 9), ("place", 9)]] * 3)


def shown(rows=4000, seed=0, better=0.25):
    """Faces are taken more often than places, by the better share."""
    rng = np.random.default_rng(seed)
    title, member = rng.integers(3, size=rows), rng.integers(50, size=rows)
    face = rng.integers(2, size=rows)
    taken = rng.random(rows) < np.where(face == 1, 0.1 + better, 0.1)
    ones = np.ones(rows, np.int64)
    return Shown(
        member,
        member,
        title,
        2 * title + 1 - face,
        ones,
        ones,
        ones,
        taken.astype(np.int64),
        np.ones(rows),
    )


def members(count=50):
    counts, played = np.ones((count, 2), np.int64), np.full(count, 2)
    frame = frame_of(("a", "b"), counts, played, [""], 10.0)
    return np.column_stack([np.ones(count), np.zeros(count), np.zeros((count, 2))]).astype(
        np.float32
    ), frame


def test_the_better_theme_is_learned_and_pictures_are_counted():
    traits, frame = members()
    found = learned(shown(), traits, frame, GENRES, POOLS, artwork())
    always = found.policy.beliefs.draws[:, :, 0].mean(axis=0)
    assert found.policy.themes == ("face", "place")
    assert always[0] - always[1] > 0.5
    assert sum(seen for _, _, seen in found.policy.effects.values()) == 4000
    assert found.metrics["explore_cost"] <= artwork().exploration.most_cost


def test_nothing_shown_leaves_the_priors():
    traits, frame = members()
    found = learned(
        shown().where(np.zeros(4000, bool)), traits[:0], frame, GENRES, POOLS, artwork()
    )
    assert found.policy.effects == {}
    assert found.policy.unseen_spread == artwork().thompson.picture_spread
    assert found.policy.beliefs.draws.std() > 0.1


def test_draws_are_narrowed_until_exploration_keeps_to_its_budget():
    wide = policy(np.random.default_rng(0).normal(0, 2, (50, 2)))
    traits = np.tile(np.array([[1.0, 0.0]], np.float32), (10, 1))
    costly = explore_cost(wide, traits, POOLS, artwork())
    kept, cost = within_budget(wide, traits, POOLS, artwork())
    assert costly > artwork().exploration.most_cost >= cost
    assert 0 < kept.scale < 1


def test_a_choice_without_doubt_costs_what_uniform_choices_cost():
    sure = policy([(1.0, 0.0)])
    traits = np.array([[1.0, 0.0]], np.float32)
    share = artwork().exploration.uniform_share
    lost = 1 - (1 + np.exp(-0.9)) / 2
    assert explore_cost(sure, traits, POOLS, artwork()) == pytest.approx(share * lost)


def test_thinning_keeps_every_play_and_the_weight_of_the_rest():
    rows = shown(better=0.0)
    few = thinned(rows, artwork().learning.model_copy(update={"most_rows": 1000}))
    assert few.successes.sum() == rows.taken.sum()
    assert few.trials.sum() == pytest.approx(rows.impressions.sum())
    assert len(few.title) == 1000
    assert thinned(rows, artwork().learning) is rows


def test_the_baseline_knows_titles_and_places_but_no_pictures():
    rng = np.random.default_rng(1)
    rows, traits = shown(20_000, better=0.0), members()[0]
    often = rng.random(20_000) < np.where(rows.title == 0, 0.3, 0.1)
    told = baseline(
        replace(rows, taken=often.astype(np.int64)), traits, GENRES, 2, artwork().learning
    )
    rate = 1 / (1 + np.exp(-told))
    assert rate[rows.title == 0].mean() == pytest.approx(0.3, abs=0.02)
    assert rate[rows.title == 1].mean() == pytest.approx(0.1, abs=0.02)
