"""The systems of `bench temporal` that are our code and no ranker: popularity, kNN, EASE, a blend.

Each takes the training rows, the members to rank for and one setting, and gives a score for every
title. What needs titles x titles knows the most played ones alone, as the pipeline's EASE does.
"""
# Tested by tests/benchmarks/temporal/test_run.py.

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from conf.candidates import candidate_settings
from conf.days import DAY_S
from models.candidates.item_knn import cosine, neighbours
from models.candidates.ratings import Ratings
from models.candidates.recent import recent_counts

Setting = Mapping[str, float]
Members = NDArray[np.integer]
Scores = NDArray[np.floating]
System = Callable[[Ratings, Members, Setting], Scores]  # (m members, n titles)


def popularity(train: Ratings, members: Members, setting: Setting) -> Scores:
    """Plays of all time."""
    return _for_all(np.bincount(train.title, minlength=train.shape[1]), members)


def recent_popularity(train: Ratings, members: Members, setting: Setting) -> Scores:
    """Plays in the last `days`."""
    plays = recent_counts(train.title, train.at_s, train.at_s[-1], setting["days"], train.shape[1])
    return _for_all(plays, members)


def decayed_popularity(train: Ratings, members: Members, setting: Setting) -> Scores:
    """Plays, each of which counts half after `half_life_days` and half of that after as many more."""
    age_days = (train.at_s[-1] - train.at_s) / DAY_S
    weight = 2.0 ** (-age_days / setting["half_life_days"])
    return _for_all(np.bincount(train.title, weight, train.shape[1]), members)


def item_knn(train: Ratings, members: Members, setting: Setting) -> Scores:
    """Cosine to what the member played, over the `neighbours` nearest titles."""
    titles, plays = _most_played(train)
    weights = neighbours(cosine((plays.T @ plays).toarray()), int(setting["neighbours"]))
    return _over_all(plays[members] @ weights, titles, train)


def ease_scores(train: Ratings, members: Members, setting: Setting) -> Scores:
    """EASE with `ridge`."""
    return _ridges(train).scores(members, setting["ridge"])


def ease_recent(train: Ratings, members: Members, setting: Setting) -> Scores:
    """Standard score of EASE over the titles plus `weight` times that of recent popularity."""
    both = ease_scores(train, members, setting), recent_popularity(train, members, setting)
    taste, trend = (
        (s - s.mean(axis=1, keepdims=True)) / np.maximum(s.std(axis=1, keepdims=True), 1e-9)
        for s in both
    )
    return taste + setting["weight"] * trend


SYSTEMS: dict[str, System] = {
    "popularity": popularity,
    "recent_popularity": recent_popularity,
    "decayed_popularity": decayed_popularity,
    "item_knn": item_knn,
    "ease": ease_scores,
    "ease_recent_popularity": ease_recent,
}


class EaseOfRidges:
    """EASE of one log for any ridge, out of one eigendecomposition G = V diag(l) V'.

    P = (G + ridge I)^-1 = V diag(1 / (l + ridge)) V', and a history h scores -(h P) / diag(P), with
    what it says of its own titles left out: O(m n^2) for each ridge instead of O(n^3).
    """

    def __init__(self, train: Ratings) -> None:
        self.train = train
        self.titles, self.plays = _most_played(train)
        gram = (self.plays.T @ self.plays).toarray().astype(np.float64)
        self.values, self.vectors = linalg.eigh(gram, overwrite_a=True, check_finite=False)

    def scores(self, members: Members, ridge: float) -> Scores:
        """Scores (m, n) of members by EASE with a ridge."""
        history = self.plays[members]
        shrunk = 1 / (self.values + ridge)
        inverse_diagonal = (self.vectors**2) @ shrunk
        projected = (np.asarray(history @ self.vectors) * shrunk) @ self.vectors.T
        return _over_all(history.toarray() - projected / inverse_diagonal, self.titles, self.train)


_newest: list[EaseOfRidges] = []  # all ridges of a window are asked for one after the other


def _ridges(train: Ratings) -> EaseOfRidges:
    """EASE of some training rows, solved once for as long as nobody asks for others."""
    if not _newest or _newest[0].train is not train:
        _newest[:] = [EaseOfRidges(train)]
    return _newest[0]


def _most_played(train: Ratings) -> tuple[NDArray[np.int64], sparse.csr_matrix]:
    """The titles (k,) with most plays, of equal ones the first, and the plays (m, k) of them."""
    plays = np.bincount(train.title, minlength=train.shape[1])
    most = np.argsort(-plays, kind="stable")[: candidate_settings().ease_titles]
    titles = np.sort(most[plays[most] > 0])
    return titles, train.binary[:, titles]


def _over_all(scores: Scores, titles: NDArray[np.int64], train: Ratings) -> Scores:
    """Scores (m, k) of some titles as scores (m, n), 0 for the others."""
    table = np.zeros((len(scores), train.shape[1]), np.float32)
    table[:, titles] = scores
    return table


def _for_all(counts: NDArray[np.number], members: Members) -> Scores:
    """The same scores (n,) for each member (m, n); a view that may not be written to."""
    return np.broadcast_to(counts.astype(np.float64), (len(members), len(counts)))
