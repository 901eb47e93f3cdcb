"""The systems of `bench temporal` that are our code and no ranker: popularity, kNN, EASE, a blend.

Each takes the training rows, the members to rank for and one setting, and gives a score for every
title.
"""
# Tested by tests/benchmarks/temporal/test_run.py.

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from models.candidates.ease import ItemModel, ease
from models.candidates.item_knn import cosine, neighbours
from models.candidates.popular import Popular
from models.candidates.ratings import Ratings
from models.candidates.recent import recent

Setting = Mapping[str, float]
Members = NDArray[np.integer]
Scores = NDArray[np.floating]
System = Callable[[Ratings, Members, Setting], Scores]  # (m members, n titles)


def popularity(train: Ratings, members: Members, setting: Setting) -> Scores:
    """Plays of all time."""
    return Popular(np.bincount(train.title, minlength=train.shape[1]).astype(np.float64)).scores(
        train.binary[members]
    )


def recent_popularity(train: Ratings, members: Members, setting: Setting) -> Scores:
    """Plays in the last `days`."""
    source = recent(train.title, train.at_s, train.at_s[-1], [setting["days"]], train.shape[1])
    return source.scores(train.binary[members])


def item_knn(train: Ratings, members: Members, setting: Setting) -> Scores:
    """Cosine to what the member played, over the `neighbours` nearest titles."""
    plays = train.binary
    weights = neighbours(cosine((plays.T @ plays).toarray()), int(setting["neighbours"]))
    return ItemModel(weights).scores(plays[members])


def ease_scores(train: Ratings, members: Members, setting: Setting) -> Scores:
    """EASE with `ridge`."""
    plays = train.binary
    return ItemModel(ease((plays.T @ plays).toarray(), setting["ridge"])).scores(plays[members])


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
    "item_knn": item_knn,
    "ease": ease_scores,
    "ease_recent_popularity": ease_recent,
}
