"""Learning to rank with LightGBM: rows of profile x title pairs, grouped by query, to one score for each pair."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from conf.errors import Rejected
from conf.rankers import RankerSettings


@dataclass(frozen=True)
class Queries:
    """N rows to learn from, in q whole queries: the first `groups[0]` rows are the first query, and so on.

    Row order is part of the input: sort by query and then title.
    """

    matrix: NDArray[np.float32]  # (N, F), NaN where unknown
    labels: NDArray[np.integer] | NDArray[np.floating]  # (N,) 0 or 1 for rankers
    groups: NDArray[np.integer] | None = None  # (q,) each > 0, summing to N; None: rows stand alone
    positions: NDArray[np.integer] | None = None  # (N,) where each title was shown, 0 if nowhere
    weights: NDArray[np.floating] | None = None  # (N,) how much each row counts; None: all the same
    offset: NDArray[np.floating] | None = None  # (N,) raw scores that the trees start from


def fit_ranker(
    queries: Queries,
    settings: RankerSettings,
    feature_names: Sequence[str] | None = None,
    valid: Queries | None = None,
) -> lgb.Booster:
    """A ranker of whole queries; the same rows in the same order give the same model, byte by byte.

    With `valid` and a patience above 0 training ends when nDCG@10 of the validation queries stops rising. Where the
    queries have positions, what a position adds to a play is learned beside the ranking and left out when scoring. Of
    LightGBM's ranking objectives lambdarank alone can do that, so it replaces the others; a binary objective has no use
    for positions. With `models` above 1 boosters of neighbouring seeds are merged: the score is their sum.

    Raises:
        ValueError: the rows do not fall into whole queries, or are not float32.
        Rejected: no row is relevant, so there is nothing to learn.
    """
    require_whole(queries)
    require_relevant(int(np.count_nonzero(queries.labels)), len(queries.labels))
    placed = queries.positions is not None and bool(queries.positions.any())
    queries, settings = with_positions(queries, settings, placed)
    boosters = []
    for seeded in one_seed_each(settings):
        options = parameters(seeded)
        boosters.append(
            grown_trees(queries, options, settings.trees, feature_names, valid, settings.patience)
        )
    return merged(boosters)


def with_positions(
    queries: Queries, settings: RankerSettings, placed: bool
) -> tuple[Queries, RankerSettings]:
    """Queries and settings of a training that learns what positions add, where it can and titles were placed."""
    if settings.objective == "binary" or not placed:
        return replace(queries, positions=None), settings
    return queries, settings.model_copy(update={"objective": "lambdarank"})


def one_seed_each(settings: RankerSettings) -> list[RankerSettings]:
    """The settings of each booster of a ranker: neighbouring seeds."""
    seeds = range(settings.seed, settings.seed + settings.models)
    return [settings.model_copy(update={"seed": seed}) for seed in seeds]


def grown_trees(
    queries: Queries,
    options: Mapping[str, object],
    trees: int,
    feature_names: Sequence[str] | None = None,
    valid: Queries | None = None,
    patience: int = 0,
) -> lgb.Booster:
    """Trees grown by LightGBM with its own `options`: the one place where models are trained.

    With `valid` and a patience above 0 training ends after so many trees without a gain on the validation queries.
    """
    data = _dataset(queries, feature_names)
    if valid is None:
        return lgb.train(dict(options), data, trees)
    require_whole(valid)
    validation = lgb.Dataset(valid.matrix, valid.labels, group=valid.groups, reference=data)
    callbacks: list[Callable[..., object]] = []
    if patience:
        callbacks.append(lgb.early_stopping(patience, verbose=False))
    return lgb.train(dict(options), data, trees, valid_sets=[validation], callbacks=callbacks)


def _dataset(queries: Queries, feature_names: Sequence[str] | None) -> lgb.Dataset:
    names: list[str] | Literal["auto"] = list(feature_names) if feature_names else "auto"
    return lgb.Dataset(
        queries.matrix,
        queries.labels,
        group=queries.groups,
        weight=queries.weights,
        init_score=queries.offset,
        position=queries.positions,
        feature_name=names,
        free_raw_data=True,
    )


def merged(boosters: Sequence[lgb.Booster]) -> lgb.Booster:
    """One booster with the trees of all, read back from its own text: its raw score is the sum of theirs."""
    first, *others = boosters
    if not others:
        return first
    for other in others:  # part of LightGBM's C interface that its Python package does not wrap
        status = lgb.basic._LIB.LGBM_BoosterMerge(first._handle, other._handle)
        lgb.basic._safe_call(status)
    return lgb.Booster(model_str=first.model_to_string(num_iteration=-1))


def score(booster: lgb.Booster, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
    """Scores (N,) of rows (N, F): unbounded, and comparable within a query only."""
    return np.asarray(booster.predict(matrix, num_threads=1), np.float64)


def contributions(booster: lgb.Booster, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
    """SHAP values (N, F + 1) of rows (N, F): what each feature adds to the raw score; the last is what all start from.

    They sum to the score exactly (Lundberg and others, From local explanations to global understanding, 2020).
    """
    return np.asarray(booster.predict(matrix, pred_contrib=True, num_threads=1), np.float64)


def importances(booster: lgb.Booster) -> dict[str, float]:
    """Each feature's share of the gain of all splits; all 0 where nothing was split."""
    gains = booster.feature_importance("gain")
    total = max(gains.sum(), 1e-12)
    shares = [float(gain / total) for gain in gains]
    return dict(zip(booster.feature_name(), shares, strict=True))


def require_relevant(relevant: int, rows: int) -> None:
    """Refuse rows of which none is relevant.

    Raises:
        Rejected: there is nothing to learn.
    """
    if not relevant:
        raise Rejected(
            f"no relevant row among {rows} training rows; there is nothing to learn a ranker from"
        )


def require_whole(queries: Queries) -> None:
    """Refuse rows that do not fall into whole queries: a shift by one row would train on noise without a word.

    Raises:
        ValueError: groups do not sum to the rows, or the features are not float32.
    """
    rows, labels = len(queries.matrix), len(queries.labels)
    groups = np.zeros(0, np.int64) if queries.groups is None else np.asarray(queries.groups)
    grouped = int(np.sum(groups))
    if not (rows == labels == grouped and np.all(groups > 0)):
        raise ValueError(
            f"{rows} rows, {labels} labels, groups of {grouped} rows, each to be above 0"
        )
    if queries.matrix.dtype != np.float32:
        raise ValueError(
            f"features have to be float32, as they are when scored; got {queries.matrix.dtype}"
        )


def parameters(settings: RankerSettings) -> dict[str, object]:
    """The settings in LightGBM's words, with everything that makes training repeatable."""
    return {
        "objective": settings.objective,
        "num_leaves": settings.leaves,
        "learning_rate": settings.learning_rate,
        "lambdarank_truncation_level": settings.truncation,
        "min_data_in_leaf": settings.rows_in_leaf,
        "lambdarank_position_bias_regularization": settings.position_bias,
        "lambda_l2": settings.ridge,
        "feature_fraction": settings.feature_share,
        "bagging_fraction": settings.row_share,
        "bagging_freq": 0 if settings.row_share == 1 else 1,
        "seed": settings.seed,
        "objective_seed": settings.seed,
        "num_threads": settings.threads,
        "deterministic": True,
        "force_row_wise": True,
        "metric": "ndcg",
        "eval_at": [10],
        "verbosity": -1,
    }
