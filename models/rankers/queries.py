"""Rows of the table `examples` as whole queries, and rankers that learn from them.

Rows are sorted by cut, profile and title; a profile at a cut is a query.
"""
# Tested by tests/jobs/test_offline_days.py.

from datetime import datetime

import lightgbm as lgb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.days import DAY_S
from conf.rankers import RankerSettings
from models.candidates.features import FEATURES
from models.rankers.examples import TRAINING_COLUMN
from models.rankers.lambdarank import Queries, fit_ranker

QUERY = ["cut_at", "profile_id"]


def fit_on_examples(examples: pa.Table, settings: RankerSettings) -> lgb.Booster:
    """A ranker of those rows of `examples` that such a ranker learns from."""
    training = examples.filter(examples[TRAINING_COLUMN[settings.rows]])
    queries = example_queries(training, settings)
    return fit_ranker(queries, settings, settings.features(FEATURES))


def labels_by(examples: pa.Table, until: datetime) -> pa.Table:
    """Rows of `examples` labelled by what was played until an instant: the labels of somebody who then trained."""
    cut_s = examples["cut_at"].cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy() / 1e6
    played_s = cut_s + examples["played_days"].to_numpy() * DAY_S
    label = pa.array((played_s <= until.timestamp()).astype(np.int32))  # NaN is no play
    column = examples.schema.get_field_index("label")
    return examples.set_column(column, "label", label)


def example_queries(examples: pa.Table, settings: RankerSettings) -> Queries:
    """Rows of `examples` as queries, with the features that the ranker uses."""
    columns = [FEATURES.index(name) for name in settings.features(FEATURES)]
    matrix = feature_values(examples)[:, columns]
    starts = query_starts(examples)
    return Queries(
        matrix,
        examples["label"].to_numpy(),
        groups=np.diff([*starts, examples.num_rows]),
        positions=examples["shown_place"].to_numpy(),
    )


def feature_values(examples: pa.Table) -> NDArray[np.float32]:
    """The features of each row (N, len(FEATURES))."""
    flat = examples["values"].combine_chunks().flatten().to_numpy()
    values: NDArray[np.float32] = flat.reshape(-1, len(FEATURES))
    return values


def query_starts(examples: pa.Table) -> list[int]:
    """The first row of each query."""
    index = pa.array(np.arange(examples.num_rows))
    keys = examples.select(QUERY).append_column("index", index)
    first = keys.group_by(QUERY, use_threads=False).aggregate([("index", "min")])
    return sorted(first["index_min"].to_pylist())
