"""The Bayes choice: the world's true parameters, and of members only what their own logs can tell.

Known are what each artwork evokes in everybody, the weight of a theme that is liked, and which
themes stand for which genres. How much a member likes a theme is not known: it is the mean of what
members with such a log like, and what its reactions to artwork say beyond that.
"""

# Tested by tests/benchmarks/artwork/test_knowable.py.

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.artwork.learners import Learner
from benchmarks.artwork.oracle import most_evoking, true_artwork
from benchmarks.artwork.population import Population, PopulationDay
from models.artwork.choice import ArtworkSlots
from models.artwork.impressions import F64, Impressions, fitted_baseline, joined_impressions
from models.artwork.pools import INTS
from models.artwork.thompson import artwork_effects
from simulator.arrays import ABANDONED, FINISHED, IN_PROGRESS

FOLDS = 5  # of accounts: what a log says of likes is learned from the truth of other members
RIDGE = 30.0  # members' worth of prior for each standardised feature
HALF_WAY = 10.0  # titles played at which a mean over the history has half its weight


class ThemeLikes(NamedTuple):
    """What m logs say of how much their members like themes."""

    mean: F64  # (m, themes)
    covariance: F64  # (themes, themes) of what is left open, the same for all


class Reactions(NamedTuple):
    """What the rows of a log say of likes for themes, by two derivatives at the expected likes."""

    gradient: F64  # (m, themes)
    information: F64  # (m, themes)


class BayesChoice(NamedTuple):
    """What a Bayes choice knows after a log."""

    reactions: Reactions
    effects: F64  # (p,) log-odds: what the log says that artworks evoke in everybody

    def likes(self, population: Population, day: PopulationDay) -> F64:
        """Expected likes (m, themes) by a member's history until a day and its reactions."""
        return _posterior(theme_likes(population, day), self.reactions)


def knowable_artwork(
    population: Population, day: PopulationDay, slots: ArtworkSlots, bayes: BayesChoice
) -> INTS:
    """The Bayes choice (d,) of who knows the world's true parameters."""
    return most_evoking(population, slots, bayes.likes(population, day))


def learnable_artwork(
    population: Population, day: PopulationDay, slots: ArtworkSlots, bayes: BayesChoice
) -> INTS:
    """The same choice, if what artworks evoke in everybody has to be learned from the log.

    Of that the true spread between artworks is known, and what the log tells.
    """
    return most_evoking(population, slots, bayes.likes(population, day), bayes.effects)


def theme_likes(population: Population, day: PopulationDay) -> ThemeLikes:
    """Expected likes for themes, by what the history of each member until a day tells.

    A ridge regression of genre likes on the history, for each fold of accounts by the truth of the
    others; a theme follows the like for its genre as far as the world says, and others are 0.
    """
    settings, genres = population.settings, population.truth.genre_names
    inputs = _history_inputs(population, day)
    fold = population.account % FOLDS
    themes = len(settings.themes)
    mean, covariance = np.zeros((population.size, themes)), np.eye(themes)
    share = settings.tastes.theme_share
    columns, residuals = [], []
    for theme, genre in settings.catalogue.theme_genres.items():
        if genre not in genres:
            continue
        column = settings.themes.index(theme)
        likes = population.members.genre_likes[:, genres.index(genre)].astype(np.float64)
        expected = _of_other_folds(inputs, likes, fold)
        mean[:, column] = np.sqrt(share) * expected
        columns.append(column)
        residuals.append(np.sqrt(share) * (likes - expected))
    if columns:
        open_share = np.cov(np.stack(residuals)).reshape(len(columns), len(columns))
        covariance[np.ix_(columns, columns)] = open_share + (1 - share) * np.eye(len(columns))
    return ThemeLikes(mean, covariance)


def bayes_choice(learner: Learner, day: PopulationDay) -> BayesChoice:
    """What the log of a learner tells who knows the world's law, as of a day."""
    population, pools = learner.population, learner.population.pools
    impressions = joined_impressions(learner.log)
    artwork, shown = true_artwork(population), impressions.artwork
    weight, theme = artwork.weight[shown], artwork.theme[shown]
    evoked = weight * theme_likes(population, day).mean[impressions.profile, theme]
    quality_plays = _sums(shown, impressions.successes, pools.size)
    expected = _sums(shown, _expected(learner, impressions, evoked), pools.size)
    spread = max(float(artwork.shared.std()), learner.settings.thompson.least_spread)
    known = {"picture_spread": spread, "least_spread": spread, "spread": spread}
    thompson = learner.settings.thompson.model_copy(update=known)
    effects = artwork_effects(pools.title, quality_plays, expected, thompson).mean
    plays = np.concatenate(learner.plays)
    all_plays = replace(impressions, quality_plays=plays)
    expected_plays = _expected(learner, all_plays, evoked + artwork.shared[shown])
    themes = len(population.settings.themes)
    key, size = impressions.profile * themes + theme, population.size * themes
    gradient = _sums(key, weight * (plays - expected_plays), size)
    information = _sums(key, weight**2 * expected_plays, size)
    reactions = Reactions(gradient.reshape(-1, themes), information.reshape(-1, themes))
    return BayesChoice(reactions, effects)


def _sums(key: INTS, values: F64, size: int) -> F64:
    """The sums of values (N,) by key, (size,)."""
    return np.bincount(key, values, size).astype(np.float64)


def _expected(learner: Learner, impressions: Impressions, evoked: F64) -> F64:
    """Quality plays (N,) that artwork evoking so much (N,) and the rest of the log lead to expect.

    The rest is fitted without the artwork, and scaled to as many as there were.
    """
    features, genres = np.concatenate(learner.features), learner.population.truth.titles.genres
    first_genre, learning = learner.frame.first_genre, learner.settings.learning
    baseline = fitted_baseline(impressions, features, genres, first_genre, learning)
    log_odds = baseline.log_odds(impressions, features)
    expected = impressions.trials * expit(log_odds + evoked)
    return np.asarray(expected * (impressions.successes.sum() / expected.sum()), np.float64)


def _posterior(likes: ThemeLikes, reactions: Reactions) -> F64:
    """The likes after one step of Newton's method from their means (m, themes)."""
    precision = np.linalg.inv(likes.covariance)
    themes = len(precision)
    hessian = precision + reactions.information[:, :, None] * np.eye(themes)
    step = np.linalg.solve(hessian, reactions.gradient[:, :, None])[:, :, 0]
    return np.asarray(likes.mean + step, np.float64)


def _of_other_folds(inputs: F64, values: F64, fold: INTS) -> F64:
    """Each member's value (m,) as a ridge regression on the members of other folds expects it."""
    expected = np.empty(len(values))
    prior = RIDGE * np.eye(inputs.shape[1])
    prior[0, 0] = 0
    for number in range(FOLDS):
        others = fold != number
        square = inputs[others].T @ inputs[others] + prior
        weights = np.linalg.solve(square, inputs[others].T @ values[others])
        expected[~others] = inputs[~others] @ weights
    return expected


def _history_inputs(population: Population, day: PopulationDay) -> F64:
    """What a history tells (m, k), standardised, the intercept first.

    Mean genres and true factors of the titles played, of all and of those that were finished, left
    in the middle or abandoned, each with the more weight the more there are; and who the profile is.
    """
    titles, members = population.truth.titles, population.members
    entries, first = day.before.entries, day.before.first
    owner = np.repeat(np.arange(population.size), np.diff(first))
    genre_count = np.maximum(titles.genres.sum(axis=1, keepdims=True), 1)
    of_titles = np.hstack([titles.genres / np.sqrt(genre_count), titles.factors])
    columns = []
    for status in (None, FINISHED, IN_PROGRESS, ABANDONED):
        is_counted = np.ones(len(entries), bool) if status is None else entries["status"] == status
        counted, title = owner[is_counted], entries["title"][is_counted]
        count = np.bincount(counted, minlength=population.size)
        sums = np.stack(
            [np.bincount(counted, column[title], population.size) for column in of_titles.T], axis=1
        )
        columns += [sums / (count + HALF_WAY)[:, None], np.log1p(count)[:, None]]
    countries = np.arange(len(population.settings.countries)) == members.country[:, None]
    limits = np.unique(members.limit) == members.limit[:, None]
    who: NDArray[np.float64] = np.hstack([countries, limits, members.kids[:, None]]).astype(float)
    inputs = np.hstack([*columns, who])
    spread = inputs.std(axis=0)
    standard = (inputs - inputs.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return np.hstack([np.ones((population.size, 1)), standard])
