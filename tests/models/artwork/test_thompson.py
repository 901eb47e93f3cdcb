"""The Thompson sampler on rows of a known truth."""

import numpy as np
import pytest
from scipy.special import expit

from conf.artwork import artwork_settings
from models.artwork.thompson import RegressionRows, artwork_effects, posterior, posterior_draws

SETTINGS = artwork_settings().thompson
PROFILES = 400


def simulated(size, evoked=(0.8, -0.8), suit=0.0, always=0.5):
    """Rows of two themes, and features (PROFILES, 2): the second one is what both themes respond
    to.
    """
    rng = np.random.default_rng(0)
    leaning = rng.standard_normal(PROFILES)
    features = np.column_stack([np.ones(PROFILES), leaning]).astype(np.float32)
    profile, theme = rng.integers(PROFILES, size=size), rng.integers(2, size=size)
    representativeness = rng.random(size)
    of_profile = features[profile, 1]
    suits = np.where(theme == 0, 1.0, -1.0) * of_profile
    of_theme = np.array(evoked)[theme] * of_profile + suit * suits
    log_odds = -2 + always * of_profile + representativeness * of_theme
    success = rng.random(size) < expit(log_odds)
    rows = RegressionRows(
        feature_row=profile,
        theme=theme,
        representativeness=representativeness,
        suits=suits,
        trials=np.ones(size),
        successes=success.astype(float),
        offset=np.full(size, -2.0),
    )
    return rows, features


def theme_weights(beliefs):
    """Mean weights (themes, features)."""
    return beliefs.mean[1:].reshape(2, 2)


def test_what_themes_evoke_is_learned():
    beliefs = posterior(*simulated(60_000), 2, SETTINGS)
    of_leaning = beliefs.mean[0] * np.array([1, -1]) + theme_weights(beliefs)[:, 1]
    assert of_leaning == pytest.approx([0.8, -0.8], abs=0.12)
    assert theme_weights(beliefs)[:, 0] == pytest.approx([0, 0], abs=0.1)


def test_what_all_themes_share_is_learned_as_suit():
    beliefs = posterior(*simulated(20_000, evoked=(0, 0), suit=0.6), 2, SETTINGS)
    assert beliefs.mean[0] == pytest.approx(0.6, abs=0.15)
    assert abs(theme_weights(beliefs)[:, 1]).max() < 0.1


def test_where_themes_evoke_nothing_draws_are_narrow():
    beliefs = posterior(*simulated(60_000, evoked=(0, 0)), 2, SETTINGS)
    draws = posterior_draws(beliefs, 2, 50, 1).draws
    assert draws[:, :2].std(axis=0).max() < 0.12


def test_fewer_rows_give_wider_draws():
    def spread(size):
        beliefs = posterior(*simulated(size), 2, SETTINGS)
        return posterior_draws(beliefs, 2, 200, 1).draws[:, :2].std(axis=0)

    assert (spread(500) > 2 * spread(50_000)).all()


def test_without_rows_the_draws_are_the_priors():
    beliefs = posterior(*simulated(0), 2, SETTINGS)
    assert beliefs.mean == pytest.approx(0) and beliefs.spreads == pytest.approx(SETTINGS.spread)
    draws = posterior_draws(beliefs, 2, 4000, 1).draws
    assert draws.std(axis=0) == pytest.approx(SETTINGS.spread, rel=0.1)
    assert draws.mean(axis=0) == pytest.approx(0, abs=1e-6)


def test_one_seed_gives_every_posterior_the_same_random_numbers():
    def weight_of_leaning(size):
        return posterior_draws(posterior(*simulated(size), 2, SETTINGS), 2, 50, 1).draws[:, 0, 1]

    correlation = np.corrcoef(weight_of_leaning(20_000), weight_of_leaning(24_000))[0, 1]
    assert correlation > 0.9


@pytest.mark.parametrize("true_spread", [0.15, 0.0])
def test_artwork_effects_are_as_wide_as_what_pictures_of_one_title_earn(true_spread):
    """300 titles of ten pictures, 400 expected quality plays each, rates of their own."""
    rng = np.random.default_rng(0)
    title = np.repeat(np.arange(300), 10)
    true_effect = rng.normal(0, true_spread, 3000)
    rate = np.exp(np.repeat(rng.normal(0, 0.2, 300), 10) + true_effect)
    expected = np.full(3000, 400.0)
    effects = artwork_effects(title, rng.poisson(expected * rate), expected, SETTINGS)
    assert effects.prior_spread == pytest.approx(true_spread, abs=0.03)
    if true_spread:
        assert np.corrcoef(effects.mean, true_effect)[0, 1] > 0.88


def test_an_artwork_without_impressions_is_as_uncertain_as_the_spread_of_all():
    title, expected = np.array([0, 0, 1]), np.array([100.0, 100.0, 0.0])
    effects = artwork_effects(title, np.array([150.0, 90.0, 0.0]), expected, SETTINGS)
    assert effects.spread[2] == pytest.approx(effects.prior_spread)
    assert effects.mean[0] > 0 > effects.mean[1]
    assert effects.mean[2] == 0
