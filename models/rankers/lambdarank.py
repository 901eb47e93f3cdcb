"""Learning to rank with LightGBM: rows of profile x title pairs, grouped by query, to one score for each pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from conf.errors import Rejected
from conf.rankers import RankerSettings


@dataclass(frozen=True)
class Queries:
    """Rows of whole queries, one after the other: the first `groups[0]` rows are the first query, and so on."""

    matrix: NDArray[np.float32]  # (N, F), NaN where unknown
    labels: NDArray[np.integer]  # (N,) 0 or 1
    groups: NDArray[np.integer]  # (q,) rows of each query, each > 0, summing to N
    positions: NDArray[np.integer] | None = (
        None  # (N,) where each title was shown, 0 where it was not
    )


def fit(
    matrix: NDArray[np.float32],
    labels: NDArray[np.integer],
    groups: NDArray[np.integer],
    settings: RankerSettings,
    valid: Queries | None = None,
    feature_names: Sequence[str] | None = None,
    weights: NDArray[np.floating] | None = None,
    positions: NDArray[np.integer] | None = None,
) -> lgb.Booster:
    """Train a ranker on whole queries; the same rows in the same order give the same model, byte by byte.

    Row order is part of the input: sort by query and then title. With `valid` and a patience above 0 training ends
    when nDCG@10 of the validation queries stops rising. `weights` (N,) weigh rows. `positions` (N,) say where each
    title was shown; what a place adds to a play is then learned beside the ranking and left out when scoring, which of
    LightGBM's ranking objectives lambdarank can: it takes the place of the others. A binary one has no use for it.
    With `models` above 1 boosters of neighbouring seeds are merged: the score is their sum. Training rows without a
    relevant one teach nothing and are rejected.
    """
    train = Queries(matrix, labels, groups)
    require_whole(train)
    if not np.any(labels):
        raise Rejected(
            f"no relevant row among {len(labels)} training rows; there is nothing to learn a ranker from"
        )
    names: list[str] | Literal["auto"] = list(feature_names) if feature_names else "auto"
    place = (
        positions
        if settings.objective != "binary" and positions is not None and positions.any()
        else None
    )
    if place is not None:
        settings = settings.model_copy(update={"objective": "lambdarank"})
    boosters = []
    for seed in range(settings.seed, settings.seed + settings.models):
        data = lgb.Dataset(
            matrix,
            labels,
            group=groups,
            weight=weights,
            position=place,
            feature_name=names,
            free_raw_data=True,
        )
        boosters.append(_grown(data, settings.model_copy(update={"seed": seed}), valid))
    return merged(boosters)


def _grown(data: lgb.Dataset, settings: RankerSettings, valid: Queries | None) -> lgb.Booster:
    if valid is None:
        return lgb.train(parameters(settings), data, settings.trees)
    require_whole(valid)
    held = lgb.Dataset(valid.matrix, valid.labels, group=valid.groups, reference=data)
    stop = lgb.early_stopping(settings.patience, verbose=False) if settings.patience else None
    return lgb.train(
        parameters(settings),
        data,
        settings.trees,
        valid_sets=[held],
        callbacks=[stop] if stop else [],
    )


def merged(boosters: Sequence[lgb.Booster]) -> lgb.Booster:
    """One booster with the trees of all, read back from its own text: its raw score is the sum of theirs."""
    first, *others = boosters
    for other in others:  # part of LightGBM's C interface that its Python package does not wrap
        lgb.basic._safe_call(lgb.basic._LIB.LGBM_BoosterMerge(first._handle, other._handle))
    return lgb.Booster(model_str=first.model_to_string(num_iteration=-1)) if others else first


def score(booster: lgb.Booster, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
    """Scores (N,) of rows (N, F); unbounded, and comparable within a query only."""
    return np.asarray(booster.predict(matrix, num_threads=1), np.float64)


def contributions(booster: lgb.Booster, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
    """SHAP values (N, F + 1) of rows (N, F): what each feature adds to the raw score; the last is what all start from.

    They sum to the score exactly (Lundberg and others, From local explanations to global understanding, 2020).
    """
    return np.asarray(booster.predict(matrix, pred_contrib=True, num_threads=1), np.float64)


def importances(booster: lgb.Booster) -> dict[str, float]:
    """Each feature's share of the gain of all splits; all 0 where nothing was split."""
    gain = booster.feature_importance("gain")
    return {
        n: float(g / max(gain.sum(), 1e-12))
        for n, g in zip(booster.feature_name(), gain, strict=True)
    }


def require_whole(queries: Queries) -> None:
    """Refuse rows that do not fall into whole queries: a shift by one row would train on noise without a word."""
    rows, labels, groups = len(queries.matrix), len(queries.labels), queries.groups
    if not (rows == labels == int(np.sum(groups)) and np.all(np.asarray(groups) > 0)):
        raise ValueError(
            f"{rows} rows, {labels} labels, groups of {int(np.sum(groups))} rows, each to be above 0"
        )
    if queries.matrix.dtype != np.float32:
        raise ValueError(
            f"features have to be float32, as they are when scored; got {queries.matrix.dtype}"
        )


def groups_of(query: NDArray[np.integer]) -> NDArray[np.int64]:
    """Rows of each query from a column (N,) of query numbers, which has to be sorted: groups are contiguous.

    >>> groups_of(np.array([3, 3, 5]))
    array([2, 1])
    """
    if np.any(np.diff(query) < 0):
        raise ValueError("rows are not sorted by query")
    return np.unique(query, return_counts=True)[1].astype(np.int64)


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
