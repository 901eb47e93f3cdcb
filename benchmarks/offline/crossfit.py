"""Out-of-fold training of a ranker: each fold's candidates are scored by a first stage that has not seen the fold.

A first stage fitted on what it later scores teaches the ranker to trust leaked scores. Fitted on the other folds it
scores as it will score what is new, but on another scale, because it has seen fewer plays: so scores reach the ranker
as standard scores and ranks within the query.
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
    """Candidates of every profile from a first stage fitted on `ratings`: unseen titles that somebody rated."""
    scores = sources(ratings, titles.genres, settings.first_stage)
    plays = np.bincount(ratings.title, minlength=ratings.shape[1])
    open_ = ~ratings.played & (plays > 0)
    lead = sum(_standard(np.where(open_, scores[name], np.nan)) for name in LEADERS)
    best = np.sort(
        top_k(np.nan_to_num(np.asarray(lead), nan=-np.inf), open_, settings.candidates), axis=1
    )
    return Offer(best, _features(ratings, titles, scores, best))


def training_queries(
    ratings: Ratings,
    titles: RatedTitles,
    settings: RankerBench,
    tell: Callable[[str], None] = lambda _: None,
) -> Queries:
    """A query for each profile and fold: its candidates without the fold, labelled by the fold."""
    parts = []
    for fold, (rest, held) in enumerate(_folds(ratings, settings), start=1):
        tell(f"candidates out of fold {fold} of {settings.folds}")
        given = offer(rest, titles, settings)
        labels = np.take_along_axis(held.played, given.title, axis=1)
        keep = labels.any(axis=1)
        parts.append((given.features[keep], labels[keep]))
    features, labels = (np.concatenate(part) for part in zip(*parts, strict=True))
    queries, size, width = features.shape
    return Queries(
        features.reshape(-1, width), labels.ravel().astype(np.int32), np.full(queries, size)
    )


def train(queries: Queries, settings: RankerBench) -> list[lgb.Booster]:
    """Rankers that differ in their seed only."""
    seeds = range(settings.ranker.seed, settings.ranker.seed + settings.models)
    kinds = [settings.ranker.model_copy(update={"seed": seed}) for seed in seeds]
    return [fit_ranker(queries, kind) for kind in kinds]


def ranked(
    given: Offer, boosters: list[lgb.Booster], shape: tuple[int, int]
) -> NDArray[np.float64]:
    """Mean score of the rankers for each pair (m, n), -inf where a title is no candidate."""
    rows = given.features.reshape(-1, given.features.shape[2])
    mean = sum(score(booster, rows) for booster in boosters) / len(boosters)
    table = np.full(shape, -np.inf)
    np.put_along_axis(table, given.title, np.asarray(mean).reshape(given.title.shape), axis=1)
    return table


def _folds(ratings: Ratings, settings: RankerBench) -> Iterator[tuple[Ratings, Ratings]]:
    fold = np.random.default_rng(settings.fold_seed).permutation(len(ratings)) % settings.folds
    for number in range(settings.folds):
        yield ratings.where(fold != number), ratings.where(fold == number)


def _features(
    ratings: Ratings, titles: RatedTitles, scores: Scores, best: NDArray[np.int64]
) -> NDArray[np.float32]:
    columns: list[Floats] = []
    lead = np.zeros(best.shape)
    for name, table in scores.items():
        raw = np.take_along_axis(table, best, axis=1)
        columns += [_standard(raw), _rank(raw)]
        lead = lead + columns[-2] if name in LEADERS else lead
    columns += [lead, *_facts(ratings, titles, best)]
    return np.stack(columns, axis=-1).astype(np.float32)


def _facts(ratings: Ratings, titles: RatedTitles, best: NDArray[np.int64]) -> list[Floats]:
    """Popularity against that of what the profile rates, stars, year against the profile's mean year, activity."""
    m, n = ratings.shape
    plays = np.bincount(ratings.title, minlength=n)
    active = np.maximum(np.bincount(ratings.profile, minlength=m), 1)
    stars = (np.bincount(ratings.title, ratings.stars, n) + 5 * ratings.stars.mean()) / (plays + 5)
    usual = np.bincount(ratings.profile, np.log1p(plays)[ratings.title], m) / active
    year = np.where(np.isnan(titles.year), np.nanmean(titles.year), titles.year)
    own_year = np.bincount(ratings.profile, year[ratings.title], m) / active
    wide = np.ones(best.shape)
    return [
        np.log1p(plays)[best] - usual[:, None],
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
    """Rank from 1 within each row, highest first, ties by place."""
    order = np.argsort(-table, axis=1, kind="stable")
    rank = np.empty(table.shape)
    np.put_along_axis(
        rank, order, np.arange(1, table.shape[1] + 1)[None, :].repeat(len(table), axis=0), axis=1
    )
    return rank
