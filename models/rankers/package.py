"""A ranker as text that can be trusted: its sha256, and rows with the scores that the trained model gave them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from conf.errors import Rejected
from conf.keys import sha256_text
from models.rankers.quickscorer import Scorer, scorer

PROBE_ROWS = 64
TOLERANCE = 1e-9  # relative; another machine may add in another order


@dataclass(frozen=True)
class Package:
    """A model and what proves it. `probe` has `rows` [[value or None]] and `scores` [value]: plain JSON."""

    model: str
    model_sha256: str
    probe: Mapping[str, Any]
    feature_names: tuple[str, ...]


def pack(booster: lgb.Booster, matrix: NDArray[np.float32]) -> Package:
    """The model with up to 64 rows, evenly spread over `matrix` (N, F), and their scores as the proof."""
    text = booster.model_to_string()
    at = np.unique(np.linspace(0, len(matrix) - 1, PROBE_ROWS).astype(int))
    scores = np.asarray(booster.predict(matrix[at], num_threads=1)).tolist()
    rows = [[None if np.isnan(value) else float(value) for value in row] for row in matrix[at]]
    return Package(
        text, sha256_text(text), {"rows": rows, "scores": scores}, tuple(booster.feature_name())
    )


def load(package: Package, expected: Sequence[str] | None = None) -> lgb.Booster:
    """The model, after proof: the hash before LightGBM sees the text, features and probe scores after.

    `expected` names the features that the caller will give, in order. Anything that differs is rejected.
    """
    found = sha256_text(package.model)
    if found != package.model_sha256:
        raise Rejected(
            f"ranker: sha256 of the model is {found}, its record says {package.model_sha256}; not loaded"
        )
    try:
        booster = lgb.Booster(model_str=package.model)
    except lgb.basic.LightGBMError as error:
        raise Rejected(f"ranker: LightGBM cannot read the model: {error}; train it again") from None
    _require_features(tuple(booster.feature_name()), package.feature_names, expected)
    _require_probe(booster, package.probe)
    return booster


def proved(package: Package, expected: Sequence[str] | None = None) -> Scorer:
    """What gives the raw scores (N,) of rows of features (N, F) by a model, after proof as in `load`."""
    return scorer(load(package, expected), _probe_rows(package.probe))


def _probe_rows(probe: Mapping[str, Any]) -> NDArray[np.float32]:
    return np.array(
        [[np.nan if v is None else v for v in row] for row in probe.get("rows", [])], np.float32
    )


def _require_features(
    found: tuple[str, ...], recorded: tuple[str, ...], expected: Sequence[str] | None
) -> None:
    for wanted, who in ((recorded, "its record"), (expected, "this version of the code")):
        if wanted is not None and tuple(wanted) != found:
            odd = sorted(set(wanted) ^ set(found)) or "the same names in another order"
            raise Rejected(
                f"ranker: the model's features differ from those of {who}: {odd}; train it again"
            )


def _require_probe(booster: lgb.Booster, probe: Mapping[str, Any]) -> None:
    rows = _probe_rows(probe)
    wanted = np.array(probe.get("scores", []), np.float64)
    if not len(wanted) or rows.shape != (len(wanted), booster.num_feature()):
        raise Rejected(
            f"ranker: the probe has {rows.shape} values for {len(wanted)} scores; train it again"
        )
    found = np.asarray(booster.predict(rows, num_threads=1))
    off = ~np.isclose(found, wanted, rtol=TOLERANCE, atol=TOLERANCE)
    if off.any():
        raise Rejected(
            f"ranker: {int(off.sum())} of {len(off)} probe rows score otherwise than when it was trained"
        )
