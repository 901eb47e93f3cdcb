"""Out-of-fold training of a ranker: a fold's candidates come from a first stage of the others.

A first stage fitted on what it later scores teaches the ranker to trust leaked scores. Fitted on
the other folds it scores as it will score what is new, but on another scale, because it has seen
fewer plays: so scores reach the ranker as standard scores and ranks within the query.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from benchmarks.offline.first_stage import LEADERS, Scores, sources
from conf.bench import RankerBench
from models.candidates.generator import top_k
from models.candidates.ratings import Ratings
from models.rankers.lambdarank import Queries, fit_ranker, score

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class RatedTitles:
    """What is known of the n titles besides who rated them."""

    genres: NDArray[np.bool_]  # (n, g)
    year: NDArray[np.float64]  # (n,) NaN where unknown


@dataclass(frozen=True)
class Offer:
    """The k candidates of each of m profiles, by title index, with their features."""

    title: NDArray[np.int64]  # (m, k)
    features: NDArray[np.float32]  # (m, k, F)


def offer(ratings: Ratings, titles: RatedTitles, settings: RankerBench) -> Offer:
    """Candidates of every profile: unseen, rated titles, by a first stage fitted on `ratings`."""
    scores = sources(ratings, titles.genres, settings.first_stage)
    plays = np.bincount(ratings.title, minlength=ratings.shape[1])
    eligible = ~ratings.played & (plays > 0)
    lead = sum(_standard(np.where(eligible, scores[name], np.nan)) for name in LEADERS)
    lead_scores = np.nan_to_num(np.asarray(lead), nan=-np.inf)
    best = top_k(lead_scores, eligible, settings.candidates)
    candidates = np.sort(best, axis=1)
    return Offer(candidates, _features(ratings, titles, scores, candidates))


def training_queries(
    ratings: Ratings,
    titles: RatedTitles,
    settings: RankerBench,
    tell: Callable[[str], None] = lambda _: None,
) -> Queries:
    """A query for each profile and fold: its candidates without the fold, labelled by the fold."""
    features_by_fold = []
    labels_by_fold = []
    for number, (rest, fold) in enumerate(_folds(ratings, settings), start=1):
        tell(f"candidates out of fold {number} of {settings.folds}")
        candidates = offer(rest, titles, settings)
        labels = np.take_along_axis(fold.played, candidates.title, axis=1)
        has_positive = labels.any(axis=1)
        features_by_fold.append(candidates.features[has_positive])
        labels_by_fold.append(labels[has_positive])
    features = np.concatenate(features_by_fold)
    queries, size, width = features.shape
    matrix = features.reshape(-1, width)
    label = np.concatenate(labels_by_fold).ravel().astype(np.int32)
    return Queries(matrix, label, np.full(queries, size))


def train(queries: Queries, settings: RankerBench) -> list[lgb.Booster]:
    """Rankers that differ in their seed only."""
    seeds = range(settings.ranker.seed, settings.ranker.seed + settings.models)
    kinds = [settings.ranker.model_copy(update={"seed": seed}) for seed in seeds]
    return [fit_ranker(queries, kind) for kind in kinds]


def ranked(
    candidates: Offer, boosters: list[lgb.Booster], shape: tuple[int, int]
) -> NDArray[np.float64]:
    """Mean score of the rankers for each pair (m, n), -inf where a title is no candidate."""
    features = candidates.features
    rows = features.reshape(-1, features.shape[2])
    mean = sum(score(booster, rows) for booster in boosters) / len(boosters)
    mean_scores = np.asarray(mean).reshape(candidates.title.shape)
    table = np.full(shape, -np.inf)
    np.put_along_axis(table, candidates.title, mean_scores, axis=1)
    return table


def _folds(ratings: Ratings, settings: RankerBench) -> Iterator[tuple[Ratings, Ratings]]:
    rng = np.random.default_rng(settings.fold_seed)
    fold = rng.permutation(len(ratings)) % settings.folds
    for number in range(settings.folds):
        yield ratings.where(fold != number), ratings.where(fold == number)


def _features(
    ratings: Ratings, titles: RatedTitles, scores: Scores, best: NDArray[np.int64]
) -> NDArray[np.float32]:
    columns: list[Floats] = []
    lead = np.zeros(best.shape)
    for name, table in scores.items():
        raw = np.take_along_axis(table, best, axis=1)
        standard = _standard(raw)
        columns += [standard, _rank(raw)]
        if name in LEADERS:
            lead = lead + standard
    columns += [lead, *_facts(ratings, titles, best)]
    return np.stack(columns, axis=-1).astype(np.float32)


def _facts(ratings: Ratings, titles: RatedTitles, best: NDArray[np.int64]) -> list[Floats]:
    """Popularity, stars and year of the candidates, and the profile's usual ones and activity.

    Popularity and year also stand as differences to what the profile usually rates.
    """
    m, n = ratings.shape
    plays = np.bincount(ratings.title, minlength=n)
    log_plays = np.log1p(plays)
    ratings_of_profile = np.bincount(ratings.profile, minlength=m)
    active = np.maximum(ratings_of_profile, 1)
    total_stars = np.bincount(ratings.title, ratings.stars, n)
    stars = (total_stars + 5 * ratings.stars.mean()) / (plays + 5)
    usual = np.bincount(ratings.profile, log_plays[ratings.title], m) / active
    year = np.where(np.isnan(titles.year), np.nanmean(titles.year), titles.year)
    own_year = np.bincount(ratings.profile, year[ratings.title], m) / active
    wide = np.ones(best.shape)
    return [
        log_plays[best] - usual[:, None],
        stars[best],
        titles.year[best] - own_year[:, None],
        titles.year[best],
        np.log(active)[:, None] * wide,
        usual[:, None] * wide,
    ]


def _standard(table: Floats) -> Floats:
    """Standard scores within each row; NaN stay out of it."""
    spread = np.maximum(np.nanstd(table, axis=1, keepdims=True), 1e-9)
    return (table - np.nanmean(table, axis=1, keepdims=True)) / spread


def _rank(table: Floats) -> Floats:
    """Rank from 1 within each row, highest first, ties by index."""
    order = np.argsort(-table, axis=1, kind="stable")
    ranks_in_order = np.broadcast_to(np.arange(1, table.shape[1] + 1), table.shape)
    rank = np.empty(table.shape)
    np.put_along_axis(rank, order, ranks_in_order, axis=1)
    return rank
