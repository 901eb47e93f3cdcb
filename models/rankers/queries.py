"""Rows of the table `examples` as whole queries, and rankers that learn from them.

Rows are sorted by cut, profile and title; a profile at a cut is a query.
"""

import lightgbm as lgb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.rankers import RankerSettings
from models.candidates.features import FEATURES
from models.rankers.examples import TAUGHT
from models.rankers.lambdarank import Queries, fit


def fitted(examples: pa.Table, settings: RankerSettings) -> lgb.Booster:
    """A ranker of those rows that are to be learned from."""
    taught = examples.filter(examples[TAUGHT[settings.rows]])
    queries, names = queries_of(taught, settings), settings.features(FEATURES)
    return fit(
        queries.matrix,
        queries.labels,
        queries.groups,
        settings,
        feature_names=names,
        positions=queries.positions,
    )


def queries_of(examples: pa.Table, settings: RankerSettings) -> Queries:
    """Rows sorted by cut, profile and title as whole queries: a profile at a cut is a query."""
    matrix = values_of(examples)[:, [FEATURES.index(name) for name in settings.features(FEATURES)]]
    groups = np.diff([*starts_of(examples), examples.num_rows])
    return Queries(matrix, examples["label"].to_numpy(), groups, examples["shown_place"].to_numpy())


def values_of(examples: pa.Table) -> NDArray[np.float32]:
    """The features of each row (N, F)."""
    values: NDArray[np.float32] = (
        examples["values"].combine_chunks().flatten().to_numpy().reshape(-1, len(FEATURES))
    )
    return values


def starts_of(examples: pa.Table) -> list[int]:
    """The first row of each query."""
    keys = examples.select(["cut_at", "profile_id"]).append_column(
        "at", pa.array(np.arange(examples.num_rows))
    )
    first = keys.group_by(["cut_at", "profile_id"], use_threads=False).aggregate([("at", "min")])
    return sorted(first["at_min"].to_pylist())
