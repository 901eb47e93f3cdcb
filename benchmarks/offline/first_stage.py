"""The first stage of the ranking benchmark: what each source, fitted on some ratings, says of every pair."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from conf.bench import FirstStage
from conf.days import DAY_S
from models.candidates.als import als
from models.candidates.ease import ItemModel, ease
from models.candidates.genre_affinity import genre_affinity
from models.candidates.item_knn import bm25, cosine, jaccard, neighbours
from models.candidates.ratings import Ratings

Scores = dict[str, NDArray[np.floating]]  # each (m, n)
SAR_HALF_LIFE_S = 30 * DAY_S
LEADERS = ("ease", "ease_weighted", "als")  # their mean standard score picks the candidates


def sources(ratings: Ratings, genres: NDArray[np.bool_], settings: FirstStage) -> Scores:
    """Scores (m, n) by source. `genres` (n, g) marks the genres of each title."""
    plays = ratings.matrix()
    profiles, titles = als(
        plays,
        settings.als_rank,
        settings.als_ridge,
        settings.als_confidence,
        settings.als_rounds,
        seed=0,
    )
    return {
        "ease": retriever(ratings, settings),
        "ease_weighted": weighted_ease(ratings, settings),
        "als": profiles @ titles.T,
        "bm25": ItemModel(_bm25_weights(plays, settings)).scores(plays),
        "sar": sar(ratings),
        "alike": alike(plays, settings.neighbours),
        "near": near(ratings, settings.near_days),
        "popular": np.broadcast_to(np.asarray(plays.sum(axis=0)).ravel(), ratings.shape),
        "genre": genre_affinity(plays, genres),
    }


def retriever(ratings: Ratings, settings: FirstStage) -> NDArray[np.float32]:
    """EASE on plain plays: the first stage that the ranker has to beat."""
    plays = ratings.matrix()
    return ItemModel(ease((plays.T @ plays).toarray(), settings.ease_ridge)).scores(plays)


def sar(ratings: Ratings) -> NDArray[np.float32]:
    """SAR of Microsoft Recommenders: Jaccard similarity, stars halved every 30 days before the last rating."""
    plays = ratings.matrix()
    age = ratings.at_s.max() - ratings.at_s
    affinity = ratings.matrix(ratings.stars * 2.0 ** (-age / SAR_HALF_LIFE_S))
    return ItemModel(jaccard((plays.T @ plays).toarray(), diagonal=True)).scores(affinity)


def weighted_ease(ratings: Ratings, settings: FirstStage) -> NDArray[np.float32]:
    """EASE in which liked titles count for more, and profiles with many plays for less each."""
    liked = ratings.matrix(1 + settings.stars_weight * (ratings.stars - 3))
    plays = np.maximum(np.bincount(ratings.profile, minlength=ratings.shape[0]), 1)
    weight = (plays / plays.mean()) ** -settings.activity_power
    scaled = sparse.diags(np.sqrt(weight)) @ liked
    return ItemModel(ease((scaled.T @ scaled).toarray(), settings.weighted_ridge)).scores(liked)


def alike(plays: sparse.csr_matrix, keep: int) -> NDArray[np.float32]:
    """Plays of the `keep` most alike profiles by cosine, weighted by it: the neighbours are profiles, not titles."""
    similar = neighbours(cosine((plays @ plays.T).toarray()), keep)
    return np.asarray(similar.T @ plays, np.float32)


def near(ratings: Ratings, days: float) -> NDArray[np.float32]:
    """A title's share of all plays within `days` of the profile's median play: what was about when it was active."""
    order = np.argsort(ratings.at_s, kind="stable")
    at, title = ratings.at_s[order], ratings.title[order]
    share = np.zeros(ratings.shape, np.float32)
    for profile in range(ratings.shape[0]):
        own = ratings.at_s[ratings.profile == profile]
        if len(own):
            middle = np.median(own)
            first, last = np.searchsorted(at, [middle - days * DAY_S, middle + days * DAY_S])
            counts = np.bincount(title[first:last], minlength=ratings.shape[1])
            share[profile] = counts / max(counts.sum(), 1)
    return share


def _bm25_weights(plays: sparse.csr_matrix, settings: FirstStage) -> NDArray[np.float32]:
    weighted = bm25(plays, settings.bm25_k1, settings.bm25_b)
    return neighbours((weighted.T @ weighted).toarray(), settings.neighbours)
