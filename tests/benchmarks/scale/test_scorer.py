import json

import lightgbm as lgb
import numpy as np
import pyarrow as pa

from benchmarks.scale import scorer
from models.rankers.package import pack


def test_both_scorers_are_timed_on_the_same_rows(monkeypatch):
    rng = np.random.default_rng(1)
    matrix = rng.random((500, 4)).astype(np.float32)
    booster = lgb.train(
        {"objective": "binary", "verbosity": -1, "num_leaves": 7},
        lgb.Dataset(matrix, (matrix[:, 0] > 0.5).astype(float)),
        5,
    )
    package = pack(booster, matrix)
    record = {
        "ranker": "pvr",
        "model": package.model,
        "model_sha256": package.model_sha256,
        "probe": json.dumps(package.probe),
        "feature_names": list(package.feature_names),
    }
    monkeypatch.setattr(scorer, "ROWS", 2000)
    rankers = pa.Table.from_pylist([record])
    rates = scorer.scorer_rates(rankers, "pvr")
    assert rates is not None
    assert rates["rows_per_s"] > 1000
    assert rates["native_rows_per_s"] > 1000
    assert rates["rows_per_s"] / rates["native_rows_per_s"] > 0
    assert scorer.scorer_rates(rankers, "top_picks") is None
