"""What was shown and what came of it, and what of that is no picture's doing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from conf.artwork import Learning
from models.artwork.pictures import INTS
from models.artwork.profile_features import F32

F64 = NDArray[np.float64]
ROUNDS = 8  # of Newton's method for the baseline


@dataclass(frozen=True)
class Shown:
    """A row for each cell of a page that came into view, N rows; pictures and titles are indices."""

    member: INTS  # row of the traits (M, f): a member as of one day
    cluster: INTS  # the member, whatever the day
    title: INTS
    picture: INTS
    row: INTS  # position on the page, from 1
    column: INTS
    impressions: INTS
    taken: INTS  # quality plays, at most as many as impressions
    weight: F64  # how many such rows each stands for

    def where(self, keep: NDArray[np.bool_] | INTS) -> "Shown":
        """Some of the rows."""
        return Shown(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))

    @property
    def trials(self) -> F64:
        """(N,) impressions that each row stands for."""
        return self.weight * self.impressions

    @property
    def successes(self) -> F64:
        """(N,) quality plays that each row stands for."""
        return self.weight * self.taken


def thinned(shown: Shown, settings: Learning) -> Shown:
    """At most `most_rows` rows: all with a quality play, of the others as many as fit, each weighed up for the rest."""
    rare = shown.taken > 0
    room = max(settings.most_rows - int(rare.sum()), 1)
    rest = np.flatnonzero(~rare)
    if len(rest) <= room:
        return shown
    kept = np.sort(np.random.default_rng(settings.seed).choice(rest, room, replace=False))
    weight = shown.weight.copy()
    weight[kept] *= len(rest) / room
    whole = Shown(
        **{**{n: getattr(shown, n) for n in shown.__dataclass_fields__}, "weight": weight}
    )
    return whole.where(np.sort(np.concatenate([np.flatnonzero(rare), kept])))


def baseline(
    shown: Shown, traits: F32, genres: NDArray[np.bool_], genre_at: int, settings: Learning
) -> F64:
    """(N,) log-odds of a quality play whatever the picture: a ridge logistic regression on the title's own rate, the
    place on the page, the member's traits, and the member's leaning to each genre that the title has.

    `genres` (n, g) marks the titles' genres; the leanings are the traits from `genre_at` on.
    """
    about = _about(shown, traits, genres, genre_at, settings)
    beta = np.zeros(about.shape[1])
    beta[0] = _logit(shown.successes.sum() + 1, shown.trials.sum() + 2)
    precision = np.full(len(beta), settings.ridge)
    precision[0] = 1e-6
    for _ in range(ROUNDS):
        rate = expit(about @ beta)
        slope = about.T @ (shown.successes - shown.trials * rate) - precision * beta
        curve = (about * (shown.trials * rate * (1 - rate))[:, None]).T @ about + np.diag(precision)
        beta = beta + np.linalg.solve(curve, slope)
    return np.asarray(about @ beta, np.float64)


def _about(
    shown: Shown, traits: F32, genres: NDArray[np.bool_], genre_at: int, settings: Learning
) -> F64:
    mine = traits[shown.member]
    leaning = mine[:, genre_at:] * genres[shown.title]
    place = np.log(np.column_stack([shown.row, shown.column]))
    return np.column_stack(
        [np.ones(len(mine)), title_rates(shown, len(genres), settings), place, mine[:, 1:], leaning]
    )


def title_rates(shown: Shown, titles: int, settings: Learning) -> F64:
    """(N,) log-odds of the title's rate of quality plays, mixed with `title_prior` impressions at the overall rate."""
    overall = (shown.successes.sum() + 1) / (shown.trials.sum() + 2)
    taken = np.bincount(shown.title, shown.successes, titles) + settings.title_prior * overall
    seen = np.bincount(shown.title, shown.trials, titles) + settings.title_prior
    return _logit(taken, seen)[shown.title]


def _logit(successes: ArrayLike, trials: ArrayLike) -> F64:
    share = np.asarray(successes, np.float64) / np.asarray(trials, np.float64)
    return np.asarray(np.log(share / (1 - share)), np.float64)
