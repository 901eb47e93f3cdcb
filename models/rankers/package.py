"""A ranker as text that can be trusted: its sha256, and rows with the scores that the trained model gave them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from conf.errors import Rejected
from conf.keys import sha256_text
from models.rankers.quickscorer import Scorer, scorer

PROBE_ROWS = 64
MOST_TRIED = 20_000  # rows among which those are looked for that reach every leaf
TOLERANCE = 1e-9  # relative; another machine may add in another order


@dataclass(frozen=True)
class Package:
    """A model and what proves it. `probe` has `rows` [[value or None]] and `scores` [value]: plain JSON."""

    model: str
    model_sha256: str
    probe: Mapping[str, Any]
    feature_names: tuple[str, ...]


class ServingRanker(NamedTuple):
    """The ranker of some name that serves a day; where none was promoted it has no package."""

    package: Package | None
    ranker_id: str  # under which pages name it
    refused: tuple[str, ...] = ()  # newer ones, and why they do not serve


def package_from(record: Mapping[str, Any]) -> Package:
    """A row of the table `rankers` as a package; nothing is loaded yet."""
    return Package(
        record["model"],
        record["model_sha256"],
        json.loads(record["probe"]),
        tuple(record["feature_names"]),
    )


def pack(booster: lgb.Booster, matrix: NDArray[np.float32]) -> Package:
    """The model with rows of `matrix` (N, F) and their scores as the proof.

    64 rows evenly spread, and more that reach every leaf that rows reach at all, so that no tree
    can change without a score that changes.
    """
    text = booster.model_to_string()
    spread = np.linspace(0, len(matrix) - 1, PROBE_ROWS).astype(int)
    proof = matrix[np.union1d(spread, _rows_of_leaves(booster, matrix))]
    scores = np.asarray(booster.predict(proof, num_threads=1)).tolist()
    rows = [[None if np.isnan(value) else float(value) for value in row] for row in proof]
    probe = {"rows": rows, "scores": scores}
    return Package(text, sha256_text(text), probe, tuple(booster.feature_name()))


def _rows_of_leaves(booster: lgb.Booster, matrix: NDArray[np.float32]) -> NDArray[np.intp]:
    """Few rows of `matrix` that together reach each leaf that some row reaches, rare leaves first."""
    step = max(1, len(matrix) // MOST_TRIED)
    leaves = np.asarray(booster.predict(matrix[::step], pred_leaf=True, num_threads=1))
    leaves = leaves.reshape(len(matrix[::step]), -1).astype(np.int64)
    if not leaves.size:
        return np.zeros(0, np.intp)
    keys = leaves + np.arange(leaves.shape[1]) * (leaves.max() + 1)  # (rows, trees)
    _, first, inverse, counts = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    keys = inverse.reshape(leaves.shape)
    is_reached = np.zeros(len(counts), bool)
    chosen = []
    for leaf in np.argsort(counts, kind="stable"):
        if not is_reached[leaf]:
            row = first[leaf] // leaves.shape[1]
            is_reached[keys[row]] = True
            chosen.append(row * step)
    return np.array(chosen, np.intp)


def load(package: Package, expected: Sequence[str] | None = None) -> lgb.Booster:
    """The model, after proof: the hash before LightGBM sees the text, features and probe scores after.

    `expected` names the features that the caller will give, in order.

    Raises:
        Rejected: the hash, the features or the scores of the probe differ, or LightGBM cannot read the text.
    """
    digest = sha256_text(package.model)
    if digest != package.model_sha256:
        raise Rejected(
            f"trees: sha256 of the model is {digest}, "
            f"its record says {package.model_sha256}; not loaded"
        )
    try:
        booster = lgb.Booster(model_str=package.model)
    except lgb.basic.LightGBMError as error:
        raise Rejected(f"trees: LightGBM cannot read the model: {error}; train it again") from None
    features = tuple(booster.feature_name())
    _require_features(features, package.feature_names, "its record")
    if expected is not None:
        _require_features(features, expected, "this version of the code")
    _require_probe(booster, package.probe)
    return booster


def proved_scorer(package: Package, expected: Sequence[str] | None = None) -> Scorer:
    """A function from rows of features (N, F) to raw scores (N,) by a model, after proof as in `load`."""
    return scorer(load(package, expected), _probe_rows(package.probe))


def _probe_rows(probe: Mapping[str, Any]) -> NDArray[np.float32]:
    """The rows of the probe (r, F), NaN where a value is unknown."""
    return np.array(probe.get("rows", []), np.float32)  # None becomes NaN


def _require_features(features: tuple[str, ...], expected: Sequence[str], source: str) -> None:
    if tuple(expected) == features:
        return
    odd = sorted(set(expected) ^ set(features)) or "the same names in another order"
    raise Rejected(
        f"trees: the model's features differ from those of {source}: {odd}; train it again"
    )


def _require_probe(booster: lgb.Booster, probe: Mapping[str, Any]) -> None:
    rows = _probe_rows(probe)
    expected = np.array(probe.get("scores", []), np.float64)
    if not len(expected) or rows.shape != (len(expected), booster.num_feature()):
        raise Rejected(
            f"trees: the probe has {rows.shape} values for {len(expected)} scores; train it again"
        )
    scores = np.asarray(booster.predict(rows, num_threads=1))
    wrong = ~np.isclose(scores, expected, rtol=TOLERANCE, atol=TOLERANCE)
    if wrong.any():
        raise Rejected(
            f"trees: {int(wrong.sum())} of {len(wrong)} probe rows "
            "score otherwise than when it was trained"
        )
