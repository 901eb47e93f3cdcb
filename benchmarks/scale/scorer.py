"""The product's scorer of trees beside LightGBM's own, on the model that orders whole catalogues."""

import time

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.rankers.package import load, package_from
from models.rankers.quickscorer import scorer

ROWS = 20_000
ROUNDS = 3


def scorer_rates(rankers: pa.Table, ranker: str) -> dict[str, float] | None:
    """Rows per CPU second of a ranker's trees by one thread, native and ours, in turns.

    The best round of each counts. None where there is no such ranker.
    """
    records = rankers.filter(pc.equal(rankers["ranker"], ranker)).to_pylist()
    if not records:
        return None
    package = package_from(records[0])
    booster = load(package)
    proof = np.array(package.probe["rows"], np.float32)
    rng = np.random.default_rng(16)
    spread = rng.uniform(0.5, 1.5, (ROWS, 1)).astype(np.float32)
    rows = np.asarray(proof[rng.integers(0, len(proof), ROWS)] * spread, np.float32)
    ours = scorer(booster, rows[:100])
    ours(rows)  # compiles
    native_s, ours_s = [], []
    for _ in range(ROUNDS):
        native_s.append(_cpu_of_native(booster, rows))
        began = time.process_time()
        ours(rows)
        ours_s.append(time.process_time() - began)
    return {"native_rows_per_s": ROWS / min(native_s), "rows_per_s": ROWS / min(ours_s)}


def _cpu_of_native(booster: lgb.Booster, rows: NDArray[np.float32]) -> float:
    began = time.process_time()
    booster.predict(rows, raw_score=True, num_threads=1)
    return time.process_time() - began
