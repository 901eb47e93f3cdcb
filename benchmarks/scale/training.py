"""A ranker trained by two tasks against one: how much sooner it is there, and what it loses.

The rows are made: queries of as many candidates as a cut gives, features that are counts, ranks and scores with some of
them unknown, and labels by a taste that crosses features and differs from profile to profile.
"""

import time
from datetime import UTC, datetime
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyspark.sql import SparkSession

from conf.rankers import TOP_PICKS, RankerSettings, ranker_settings
from experiments.metrics.queries import top_hits
from experiments.metrics.ranking import ndcg
from jobs.training.distributed import fit_by_tasks
from models.candidates.features import FEATURES
from models.rankers.lambdarank import score
from models.rankers.queries import example_queries

ROWS = 100  # of a query
PLAYED = 0.03  # of the rows of a query
UNKNOWN = 0.03  # of the values
CUT = datetime(2026, 1, 1, tzinfo=UTC)
TOP = 10
SEEDS = (1, 2)  # of made rows: the first train, the second judge


def made_examples(queries: int, seed: int) -> pa.Table:
    """Rows of `examples` of so many profiles at one cut, sorted by profile and title."""
    rng = np.random.default_rng(seed)
    values = _features(rng, queries)
    label = _played(rng, values, queries)
    values[rng.random(values.shape) < UNKNOWN] = np.nan
    rows = len(values)
    offsets = np.arange(rows + 1, dtype=np.int32) * len(FEATURES)
    profile, title = np.divmod(np.arange(rows), ROWS)
    marks = pa.array(np.ones(rows, bool))
    return pa.table(
        {
            "cut_at": pa.array([CUT] * rows, pa.timestamp("us", "UTC")),
            "profile_id": pa.array(np.char.mod("p%07d", profile)),
            "title_id": pa.array(np.char.mod("t%03d", title)),
            "label": pa.array(label.astype(np.int32)),
            "played_days": pa.array(
                np.where(label, 1.0, np.nan).astype(np.float32), from_pandas=True
            ),
            "shown_place": pa.array(np.zeros(rows, np.int32)),
            "taught": marks,
            "sampled": marks,
            "values": pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.ravel())),
        }
    )


def _features(rng: np.random.Generator, queries: int) -> NDArray[np.float32]:
    """Values (N, len(FEATURES)): a third counts, a third of the profile, so equal in its rows, a third scores."""
    shape = (queries * ROWS, len(FEATURES))
    values = rng.normal(size=shape).astype(np.float32)
    third = len(FEATURES) // 3
    values[:, :third] = np.floor(np.exp(1.5 * values[:, :third]))
    of_profile = rng.normal(size=(queries, third)).astype(np.float32)
    values[:, third : 2 * third] = np.repeat(of_profile, ROWS, axis=0)
    return values


def _played(
    rng: np.random.Generator, values: NDArray[np.float32], queries: int
) -> NDArray[np.bool_]:
    """The rows (N,) of each query that are played: those of the highest taste, up to chance."""
    third = len(FEATURES) // 3
    popular = np.log1p(values[:, :4]).sum(axis=1)
    crossed = values[:, third] * values[:, -1] + values[:, third + 1] * np.abs(values[:, -2])
    taste = popular + crossed + values[:, -3] + rng.gumbel(size=len(values))
    best = np.argsort(-taste.reshape(queries, ROWS), axis=1)[:, : max(1, round(PLAYED * ROWS))]
    played = np.zeros((queries, ROWS), bool)
    np.put_along_axis(played, best, True, axis=1)
    return played.ravel()


def training_figures(
    spark: SparkSession, folder: Path, queries: int = 4000, rounds: int = 2
) -> dict[str, float]:
    """Keys of the bench: what two tasks of one thread gain over one such task, and lose of nDCG@10 to one process.

    `train_speedup_2_tasks` compares the CPU seconds of the slower task with those of one task that has all rows: what a
    busy machine does not change; `train_wall_ratio_2_tasks` the best of so many rounds, the two after each other in
    each. The loss is a mean over as many seeds as rounds; below 0 two tasks ranked better.
    """
    training, later = (made_examples(queries, seed) for seed in SEEDS)
    path = folder / "examples.parquet"
    pq.write_table(training, path, row_group_size=100_000)
    frame = spark.read.parquet(str(path))
    settings = ranker_settings(TOP_PICKS)
    walls: dict[int, list[float]] = {1: [], 2: []}
    slowest: dict[int, list[float]] = {1: [], 2: []}
    losses = []
    for number in range(rounds):
        seeded = settings.model_copy(update={"seed": settings.seed + number * settings.models})
        by_tasks = {}
        for tasks in (2, 1):
            begun = time.perf_counter()
            trained = fit_by_tasks(frame, seeded, tasks)
            walls[tasks].append(time.perf_counter() - begun)
            slowest[tasks].append(max(trained.cpu_s))
            by_tasks[tasks] = trained.booster
        # one task grows the trees of one process, which tests hold it to
        losses.append(_ndcg(by_tasks[1], later, seeded) - _ndcg(by_tasks[2], later, seeded))
    path.unlink()
    return {
        "train_speedup_2_tasks": min(slowest[1]) / min(slowest[2]),
        "train_wall_ratio_2_tasks": min(walls[1]) / min(walls[2]),
        "train_metric_delta": float(np.mean(losses)),
        "train_metric_delta_most": float(np.max(np.abs(losses))),
        "train_rows": float(training.num_rows),
    }


def _ndcg(booster: lgb.Booster, later: pa.Table, settings: RankerSettings) -> float:
    """Mean nDCG@10 of queries that nobody trained on."""
    queries = example_queries(later, settings)
    labels, groups = np.asarray(queries.labels), np.asarray(queries.groups)
    relevant = labels.reshape(-1, ROWS).sum(axis=1)
    hits = top_hits(score(booster, queries.matrix), labels, groups, TOP)
    return float(np.nanmean(ndcg(hits, relevant)))
