"""The first stage of the ranking benchmark: the scores that each source gives to every pair."""

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
    # `bm25` weights `plays` in place: bm25, alike, popular and genre all read the weighted plays.
    bm25_model = ItemModel(_bm25_weights(plays, settings))
    plays_of_title = np.asarray(plays.sum(axis=0)).ravel()
    return {
        "ease": retriever(ratings, settings),
        "ease_weighted": weighted_ease(ratings, settings),
        "als": als_scores(ratings, settings),
        "bm25": bm25_model.scores(plays),
        "sar": sar(ratings),
        "alike": alike(plays, settings.neighbours),
        "near": near(ratings, settings.near_days),
        "popular": np.broadcast_to(plays_of_title, ratings.shape),
        "genre": genre_affinity(plays, genres),
    }


def als_scores(ratings: Ratings, settings: FirstStage) -> NDArray[np.floating]:
    """Alternating least squares on plain plays: products of profile and title factors (m, n)."""
    profiles, titles = als(
        ratings.matrix(),
        settings.als_rank,
        settings.als_ridge,
        settings.als_confidence,
        settings.als_rounds,
        seed=0,
    )
    return profiles @ titles.T


def retriever(ratings: Ratings, settings: FirstStage) -> NDArray[np.float32]:
    """EASE on plain plays: the first stage that the ranker has to beat."""
    plays = ratings.matrix()
    together = (plays.T @ plays).toarray()
    model = ItemModel(ease(together, settings.ease_ridge))
    return model.scores(plays)


def sar(ratings: Ratings) -> NDArray[np.float32]:
    """SAR of Microsoft Recommenders: Jaccard similarity times the profile's affinities.

    An affinity is the rating's stars, halved for every 30 days that it is older than the last one.
    """
    plays = ratings.matrix()
    together = (plays.T @ plays).toarray()
    age_s = ratings.at_s.max() - ratings.at_s
    affinity = ratings.matrix(ratings.stars * 2.0 ** (-age_s / SAR_HALF_LIFE_S))
    model = ItemModel(jaccard(together, diagonal=True))
    return model.scores(affinity)


def weighted_ease(ratings: Ratings, settings: FirstStage) -> NDArray[np.float32]:
    """EASE in which liked titles count for more, and profiles with many plays for less each."""
    liked = ratings.matrix(1 + settings.stars_weight * (ratings.stars - 3))
    plays = np.maximum(np.bincount(ratings.profile, minlength=ratings.shape[0]), 1)
    weight = (plays / plays.mean()) ** -settings.activity_power
    scaled = sparse.diags(np.sqrt(weight)) @ liked
    together = (scaled.T @ scaled).toarray()
    model = ItemModel(ease(together, settings.weighted_ridge))
    return model.scores(liked)


def alike(plays: sparse.csr_matrix, keep: int) -> NDArray[np.float32]:
    """Plays of the `keep` most alike profiles, weighted by cosine: neighbours are profiles here."""
    together = (plays @ plays.T).toarray()
    similar = neighbours(cosine(together), keep)
    return np.asarray(similar.T @ plays, np.float32)


def near(ratings: Ratings, days: float) -> NDArray[np.float32]:
    """A title's share of all plays within `days` of the profile's median play.

    It tells what was popular when the profile was active.
    """
    in_time = np.argsort(ratings.at_s, kind="stable")
    at_s = ratings.at_s[in_time]
    title = ratings.title[in_time]
    share = np.zeros(ratings.shape, np.float32)
    for profile in np.unique(ratings.profile):
        median_s = np.median(ratings.at_s[ratings.profile == profile])
        window_s = [median_s - days * DAY_S, median_s + days * DAY_S]
        first, last = np.searchsorted(at_s, window_s)
        counts = np.bincount(title[first:last], minlength=ratings.shape[1])
        share[profile] = counts / max(counts.sum(), 1)
    return share


def _bm25_weights(plays: sparse.csr_matrix, settings: FirstStage) -> NDArray[np.float32]:
    weights = bm25(plays, settings.bm25_k1, settings.bm25_b)
    together = (weights.T @ weights).toarray()
    return neighbours(together, settings.neighbours)
