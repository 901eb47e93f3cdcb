"""A linear Thompson sampler: Bayesian logistic regression with priors from the data.

    log-odds of a quality play
        = offset + always @ features
        + representativeness * (weights[theme] @ features + suit * suits)

`suits` says how well the theme suits the genres that the profile leans to, so that what all themes
share is learned from all artworks at once. `always` takes up what the offset missed of profiles, so
that a theme shown more often to keen profiles is not thought to make them keen.

Sources: Laplace's approximation as in Chapelle and Li, An Empirical Evaluation of Thompson
Sampling, NIPS 2011; the spread of the priors as in MacKay, Neural Computation 1992: spread^2 = sum
of w^2 / sum of (1 - posterior / prior variance).
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from conf.artwork import ThompsonSettings
from models.artwork.policy import F64, LinearBeliefs
from models.artwork.pools import INTS
from models.artwork.profile_features import F32

ALWAYS_SPREAD = 0.3  # log-odds per feature that the offset may have missed, one standard deviation
LEAST_DETERMINED = 0.5  # weights; with fewer the rows say nothing of the priors
EFFECT_ROUNDS = 20  # of Newton's method for what artworks evoke of their own
SPREAD_ARTWORKS = 20.0  # artworks fully known that the spread in conf counts for beside the log's
TITLE_SPREAD = 0.3  # log-odds that the baseline may have missed of a title, one standard deviation
JITTER = 1e-12  # keeps the covariance positive definite


class RegressionRows(NamedTuple):
    """Inputs of the regression, N rows."""

    feature_row: INTS  # (N,) row of the features
    theme: INTS  # (N,)
    representativeness: F64  # (N,) 0..1
    suits: F64  # (N,)
    trials: F64  # (N,)
    successes: F64  # (N,)
    offset: F64  # (N,) log-odds


class Posterior(NamedTuple):
    """Beliefs about `suit` and the themes' weights: 1 + themes * f numbers, f for each theme."""

    mean: F64  # (1 + themes * f,) log-odds
    root: F64  # (1 + themes * f, 1 + themes * f) a square root of the covariance
    spreads: F64  # (f,) standard deviation of the prior by feature


class ArtworkEffects(NamedTuple):
    """What each artwork evokes beyond its theme, in log-odds."""

    mean: F64  # (p,)
    spread: F64  # (p,) one standard deviation
    prior_spread: float  # of an artwork without impressions


def posterior(
    rows: RegressionRows, features: F32, themes: int, settings: ThompsonSettings
) -> Posterior:
    """The posterior by Newton's method; each round estimates the priors' spreads anew.

    The priors have one spread for what a theme evokes in everybody, and one for what depends on the
    profile.
    """
    width = features.shape[1]
    weights = np.zeros(width + 1 + themes * width)
    spreads = np.full(width, settings.spread)
    covariance: F64 = np.eye(len(weights))
    for _ in range(settings.rounds):
        shared = np.concatenate([np.full(width, ALWAYS_SPREAD), [settings.suit_spread]])
        precision = np.concatenate([shared, np.tile(spreads, themes)]) ** -2
        gradient, information = _derivatives(rows, features, weights, themes)
        hessian = information + np.diag(precision)
        covariance = np.asarray(np.linalg.inv(hessian), np.float64)
        weights = weights + covariance @ (gradient - precision * weights)
        of_themes = slice(width + 1, None)
        variance = np.diag(covariance)[of_themes]
        spreads = _prior_spreads(weights[of_themes], variance, spreads, settings)
    without_always = covariance[width:, width:]
    jitter = JITTER * np.eye(len(without_always))
    root: F64 = np.asarray(np.linalg.cholesky(without_always + jitter), np.float64)
    return Posterior(weights[width:], root, spreads)


def posterior_draws(beliefs: Posterior, themes: int, draws: int, seed: int) -> LinearBeliefs:
    """Draws from the posterior; one seed gives every posterior the same random numbers.

    Draws therefore move only as far as beliefs do. The last theme stands for unknown ones: it is
    drawn from the prior about zero.
    """
    width = len(beliefs.spreads)
    rng = np.random.default_rng(seed)
    normals = rng.standard_normal((draws, len(beliefs.mean) + width))
    normals -= normals.mean(axis=0)  # the mean of the draws is the mean of the beliefs
    known = beliefs.mean + normals[:, :-width] @ beliefs.root.T
    unknown_theme = normals[:, -width:] * beliefs.spreads
    weights = np.concatenate([known[:, 1:], unknown_theme], axis=1)
    by_theme = weights.reshape(draws, themes + 1, width)
    return LinearBeliefs(by_theme.astype(np.float32), known[:, 0].astype(np.float32))


def _derivatives(rows: RegressionRows, features: F32, weights: F64, themes: int) -> tuple[F64, F64]:
    """Gradient (k,) and negative Hessian (k, k) of the log likelihood.

    The rows of one theme touch the shared weights and the theme's own block.
    """
    width = features.shape[1]
    gradient, hessian = np.zeros(len(weights)), np.zeros((len(weights), len(weights)))
    shared = np.arange(width + 1)
    for theme in range(themes):
        of_theme = np.flatnonzero(rows.theme == theme)
        own_block = width + 1 + theme * width + np.arange(width)
        columns = np.concatenate([shared, own_block])
        inputs = _theme_inputs(rows, features, of_theme)
        trials = rows.trials[of_theme]
        rate = expit(rows.offset[of_theme] + inputs @ weights[columns])
        information = trials * rate * (1 - rate)
        gradient[columns] += inputs.T @ (rows.successes[of_theme] - trials * rate)
        hessian[np.ix_(columns, columns)] += (inputs * information[:, None]).T @ inputs
    return gradient, hessian


def _theme_inputs(rows: RegressionRows, features: F32, of_theme: INTS) -> F64:
    """Inputs of the rows of one theme: of `always` (f), `suit` (1), the theme's weights (f)."""
    of_profile = features[rows.feature_row[of_theme]].astype(np.float64)
    representativeness = rows.representativeness[of_theme, None]
    suits = rows.suits[of_theme, None] * representativeness
    return np.hstack([of_profile, suits, of_profile * representativeness])


def _prior_spreads(weights: F64, variance: F64, before: F64, settings: ThompsonSettings) -> F64:
    """MacKay's step for two groups of features: the first, which everybody has, and the others."""
    width = len(before)
    squares = weights.reshape(-1, width) ** 2
    determined = 1 - variance.reshape(-1, width) / before**2  # how far the rows settled each weight
    spreads = before.copy()
    for group in (slice(0, 1), slice(1, None)):
        determined_weights = float(determined[:, group].sum())
        if determined_weights > LEAST_DETERMINED:
            spreads[group] = np.sqrt(float(squares[:, group].sum()) / determined_weights)
    return np.clip(spreads, settings.least_spread, settings.spread)


def artwork_effects(
    title: INTS, successes: F64, expected: F64, settings: ThompsonSettings
) -> ArtworkEffects:
    """Posterior of what each of p artworks evokes beyond its theme.

    The `successes` (p,) of an artwork are Poisson about `expected` (p,) * exp(t + e): t is what the
    baseline missed of its `title` (p,), normal about 0 with TITLE_SPREAD, and e its own effect, of
    a spread that all artworks share. Newton's method finds all t and e together, so that the other
    pictures of the same title are what a picture is compared with; the spread is MacKay's, with
    what the estimate of t costs taken into account (restricted likelihood), and with the spread in
    conf as SPREAD_ARTWORKS artworks that are known.
    """
    titles = int(title.max(initial=-1)) + 1
    of_title: F64 = np.zeros(titles)
    effect: F64 = np.zeros(len(title))
    of_effect: F64 = np.ones(len(title))
    spread = settings.picture_spread
    for _ in range(EFFECT_ROUNDS):
        prior = spread**-2
        mean = expected * np.exp(of_title[title] + effect)
        of_effect = mean + prior
        surprise, own = successes - mean, mean / of_effect
        precision = np.bincount(title, prior * own, titles) + TITLE_SPREAD**-2
        pull = surprise - prior * effect
        of_titles = np.bincount(title, surprise - own * pull, titles)
        step = (of_titles - TITLE_SPREAD**-2 * of_title) / precision
        of_title = of_title + step
        effect = effect + (pull - mean * step[title]) / of_effect
        variance = 1 / of_effect + own**2 / precision[title]
        determined = float(np.sum(1 - variance * prior))
        squares = float(np.sum(effect**2)) + SPREAD_ARTWORKS * settings.picture_spread**2
        estimate = np.sqrt(squares / (determined + SPREAD_ARTWORKS))
        spread = float(np.clip(estimate, settings.least_spread, settings.spread))
    return ArtworkEffects(effect, 1 / np.sqrt(of_effect), spread)
