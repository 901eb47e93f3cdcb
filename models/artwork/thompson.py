"""A linear Thompson sampler: Bayesian logistic regression with Laplace's approximation, and priors from the data.

    log-odds of a quality play = offset + always @ traits + representativeness * (weights[theme] @ traits + suit * z)

z says how well the theme suits the genres that the member leans to: what is shared by all themes is learned from all
pictures at once. `always` takes up what the offset missed of members, so that a theme shown more often to the keen is
not thought to make them so. Laplace's approximation as in Chapelle and Li, An Empirical Evaluation of Thompson
Sampling, NIPS 2011; the spread of the priors as in MacKay, Neural Computation 1992: spread^2 = sum of w^2 / sum of
(1 - posterior / prior variance).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from conf.artwork import ThompsonSettings
from models.artwork.pictures import INTS
from models.artwork.policy import F64, Weights
from models.artwork.profile_features import F32

ALWAYS_SPREAD = 0.3  # log-odds per trait that the offset may have missed, one standard deviation

LEAST_DETERMINED = 0.5  # weights, below which the rows say nothing of the priors


@dataclass(frozen=True)
class Rows:
    """What a regression needs of each row, N rows."""

    member: INTS  # row of the traits
    theme: INTS
    represents: F64
    suits: F64  # z
    trials: F64
    successes: F64
    offset: F64


@dataclass(frozen=True)
class Posterior:
    """Beliefs about `suit` and the themes' weights: 1 + themes * f numbers, f for each theme."""

    mean: F64
    root: F64  # a root of their covariance
    spreads: F64  # (f,) the priors' standard deviations by trait


def posterior(rows: Rows, traits: F32, themes: int, settings: ThompsonSettings) -> Posterior:
    """Newton's method for the mode; after each round the priors' spreads are estimated anew.

    One spread for what a theme evokes in everybody, one for what hangs on the member.
    """
    width = traits.shape[1]
    weights, spreads = np.zeros(width + 1 + themes * width), np.full(width, settings.spread)
    covariance: F64 = np.eye(len(weights))
    for _ in range(settings.rounds):
        fixed = np.concatenate([np.full(width, ALWAYS_SPREAD), [settings.suit_spread]])
        prior = np.concatenate([fixed, np.tile(spreads, themes)]) ** -2
        slope, curve = _derivatives(rows, traits, weights, themes)
        covariance = np.asarray(np.linalg.inv(curve + np.diag(prior)), np.float64)
        weights = weights + covariance @ (slope - prior * weights)
        spreads = _spreads(
            weights[width + 1 :], np.diag(covariance)[width + 1 :], spreads, settings
        )
    kept = covariance[width:, width:]
    root: F64 = np.asarray(np.linalg.cholesky(kept + 1e-12 * np.eye(len(kept))), np.float64)
    return Posterior(weights[width:], root, spreads)


def sampled(found: Posterior, themes: int, draws: int, seed: int) -> Weights:
    """Draws from the posterior; the same seed gives the same luck for every posterior, so that draws move slowly.

    The last theme stands for unknown ones: drawn from the prior about zero.
    """
    width = len(found.spreads)
    luck = np.random.default_rng(seed).standard_normal((draws, len(found.mean) + width))
    luck -= luck.mean(axis=0)  # the mean of the draws is the mean of the beliefs
    known = found.mean + luck[:, :-width] @ found.root.T
    told = np.concatenate([known[:, 1:], luck[:, -width:] * found.spreads], axis=1)
    return Weights(
        told.reshape(draws, themes + 1, width).astype(np.float32), known[:, 0].astype(np.float32)
    )


def _derivatives(rows: Rows, traits: F32, weights: F64, themes: int) -> tuple[F64, F64]:
    """The gradient and the negative Hessian of the log likelihood; rows of one theme meet its block and the shared."""
    width = traits.shape[1]
    slope, curve = np.zeros(len(weights)), np.zeros((len(weights), len(weights)))
    shared = np.arange(width + 1)
    for theme in range(themes):
        mine = np.flatnonzero(rows.theme == theme)
        own, stands = traits[rows.member[mine]].astype(np.float64), rows.represents[mine, None]
        about = np.hstack([own, rows.suits[mine, None] * stands, own * stands])
        at = np.concatenate([shared, width + 1 + theme * width + shared[:-1]])
        rate = expit(rows.offset[mine] + about @ weights[at])
        slope[at] += about.T @ (rows.successes[mine] - rows.trials[mine] * rate)
        curve[np.ix_(at, at)] += (
            about * (rows.trials[mine] * rate * (1 - rate))[:, None]
        ).T @ about
    return slope, curve


def _spreads(weights: F64, variance: F64, before: F64, settings: ThompsonSettings) -> F64:
    """MacKay's step for two groups of traits: the first, which everybody has, and the others."""
    width = len(before)
    square, left = weights.reshape(-1, width) ** 2, 1 - variance.reshape(-1, width) / before**2
    after = before.copy()
    for group in (slice(0, 1), slice(1, None)):
        determined = float(left[:, group].sum())  # how many weights the rows have settled
        if determined > LEAST_DETERMINED:
            after[group] = np.sqrt(float(square[:, group].sum()) / determined)
    return np.clip(after, settings.least_spread, settings.spread)


def picture_effects(
    picture: INTS, surprise: F64, information: F64, size: int, settings: ThompsonSettings
) -> tuple[F64, F64, float]:
    """What each picture has of its own: posterior mean and spread (p,) in log-odds, one step from
    zero; and the prior's spread.

    `surprise` (N,) is successes less what was expected, `information` (N,) is trials * rate * (1 - rate). The prior's
    spread is settled by moments: the surprises of pictures vary by their information and by spread^2 information^2.
    """
    told: F64 = np.bincount(picture, surprise, size).astype(np.float64)
    known: F64 = np.bincount(picture, information, size).astype(np.float64)
    spread = settings.picture_spread
    if known.any():
        excess = float(np.sum(told**2 - known)) / float(np.sum(known**2))
        spread = min(max(float(np.sqrt(max(excess, 0.0))), settings.least_spread), spread)
    precision = known + spread**-2
    return told / precision, 1 / np.sqrt(precision), spread
