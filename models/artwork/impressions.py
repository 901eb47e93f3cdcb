"""Impressions of artwork with their outcomes, and the part that no artwork explains."""
# Tested by tests/models/artwork/test_learning.py.

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from conf.artwork import Learning
from models.artwork.pools import INTS
from models.artwork.profile_features import F32

F64 = NDArray[np.float64]
NEWTON_ROUNDS = 8  # for the baseline
CELLS_AT_ONCE = 200_000  # whose inputs are held at a time
INTERCEPT_PRECISION = 1e-6  # of the prior: as good as none


@dataclass(frozen=True)
class Impressions:
    """N cells of pages that came into view; titles and artworks are indices."""

    feature_row: INTS  # (N,) row of the features (M, f): the profile as of one day
    profile: INTS  # (N,) the profile, whatever the day
    title: INTS  # (N,)
    artwork: INTS  # (N,)
    row_position: INTS  # (N,) from 1
    column_position: INTS  # (N,) from 1
    impressions: INTS  # (N,) number of impressions
    quality_plays: INTS  # (N,) at most as many as impressions
    weight: F64  # (N,) how many such cells each stands for

    def where(self, keep: NDArray[np.bool_] | INTS) -> "Impressions":
        """The cells of a mask or of indices."""
        return Impressions(*(getattr(self, field.name)[keep] for field in fields(self)))

    @property
    def trials(self) -> F64:
        """Impressions that each cell stands for (N,)."""
        return self.weight * self.impressions

    @property
    def successes(self) -> F64:
        """Quality plays that each cell stands for (N,)."""
        return self.weight * self.quality_plays


def joined_impressions(parts: list[Impressions]) -> Impressions:
    """The cells of all parts, one after another."""
    columns = []
    for field in fields(Impressions):
        dtype = np.float64 if field.name == "weight" else np.int64
        arrays = [getattr(part, field.name) for part in parts]
        columns.append(np.concatenate([np.zeros(0, dtype), *arrays]))
    return Impressions(*columns)


def thinned_impressions(impressions: Impressions, settings: Learning) -> Impressions:
    """At most `most_rows` cells: all with a quality play, and a random sample of the others.

    The weight of the sample makes up for what was left out.
    """
    is_success = impressions.quality_plays > 0
    room = max(settings.most_rows - int(is_success.sum()), 1)
    failures = np.flatnonzero(~is_success)
    if len(failures) <= room:
        return impressions
    rng = np.random.default_rng(settings.seed)
    sample = np.sort(rng.choice(failures, room, replace=False))
    weight = impressions.weight.copy()
    weight[sample] *= len(failures) / room
    cells = np.sort(np.concatenate([np.flatnonzero(is_success), sample]))
    return replace(impressions, weight=weight).where(cells)


@dataclass(frozen=True)
class Baseline:
    """The log-odds of a quality play whatever the artwork, for any cell.

    By the title's own rate, the position on the page, the profile's features, and the profile's
    leaning to each genre that the title has.
    """

    title_log_odds: F64  # (n,)
    coefficients: F64  # (k,) the intercept first
    genres: NDArray[np.bool_]  # (n, g) of the titles
    first_genre: int  # column of the features from which on they are leanings to genres

    def log_odds(self, impressions: Impressions, features: F32) -> F64:
        """Log-odds (N,); the profiles' features (M, f) are those of `feature_row`."""
        log_odds = np.empty(len(impressions.title))
        for first in range(0, len(log_odds), CELLS_AT_ONCE):
            part = slice(first, first + CELLS_AT_ONCE)
            log_odds[part] = self.inputs(impressions, features, part) @ self.coefficients
        return log_odds

    def inputs(self, impressions: Impressions, features: F32, part: slice) -> F64:
        """One column for each coefficient, the intercept first (N, k), of a part of the cells."""
        title = impressions.title[part]
        of_profile = features[impressions.feature_row[part]]
        leaning = of_profile[:, self.first_genre :] * self.genres[title]
        positions = [impressions.row_position[part], impressions.column_position[part]]
        log_position = np.log(np.column_stack(positions))
        intercept, title_rate = np.ones(len(title)), self.title_log_odds[title]
        return np.column_stack([intercept, title_rate, log_position, of_profile[:, 1:], leaning])


def fitted_baseline(
    impressions: Impressions,
    features: F32,
    genres: NDArray[np.bool_],
    first_genre: int,
    settings: Learning,
) -> Baseline:
    """The baseline by a ridge logistic regression on at most `most_rows` of the cells."""
    title_rate = title_log_odds(impressions, len(genres), settings)
    baseline = Baseline(title_rate, np.zeros(0), genres, first_genre)
    sample = thinned_impressions(impressions, settings)
    inputs = baseline.inputs(sample, features, slice(None))
    successes, trials = sample.successes, sample.trials
    coefficients = np.zeros(inputs.shape[1])
    coefficients[0] = _logit(successes.sum() + 1, trials.sum() + 2)
    precision = np.full(len(coefficients), settings.ridge)
    precision[0] = INTERCEPT_PRECISION
    for _ in range(NEWTON_ROUNDS):
        rate = expit(inputs @ coefficients)
        gradient = inputs.T @ (successes - trials * rate) - precision * coefficients
        information = trials * rate * (1 - rate)
        hessian = (inputs * information[:, None]).T @ inputs + np.diag(precision)
        coefficients = coefficients + np.linalg.solve(hessian, gradient)
    return replace(baseline, coefficients=coefficients)


def title_log_odds(impressions: Impressions, titles: int, settings: Learning) -> F64:
    """Log-odds of each title (n,): its own rate, shrunk towards the overall rate.

    `title_prior` impressions at the overall rate are added to each title's own.
    """
    overall_rate = (impressions.successes.sum() + 1) / (impressions.trials.sum() + 2)
    successes = np.bincount(impressions.title, impressions.successes, titles)
    trials = np.bincount(impressions.title, impressions.trials, titles)
    shrunk_successes = successes + settings.title_prior * overall_rate
    return _logit(shrunk_successes, trials + settings.title_prior)


def _logit(successes: ArrayLike, trials: ArrayLike) -> F64:
    share = np.asarray(successes, np.float64) / np.asarray(trials, np.float64)
    return np.asarray(np.log(share / (1 - share)), np.float64)
