"""examples, resumes -> rankers: each promoted only if it beats what it is to replace on later data."""

import json
from datetime import date, timedelta

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql import SparkSession

from conf.candidates import candidate_settings
from conf.errors import UserMistake
from conf.rankers import RankerSettings, ranker_settings
from experiments.metrics.drift import bin_edges, bin_shares, population_stability
from experiments.metrics.queries import right_order, top_hits
from experiments.metrics.ranking import ndcg
from jobs.io.code_version import code_version
from jobs.io.step import day_job
from jobs.io.tables import spark as tables
from jobs.training.continue_watching import resume_records
from jobs.training.rows import row_records
from models.candidates.features import FEATURES
from models.rankers.lambdarank import importances, score
from models.rankers.package import pack
from models.rankers.promotion import RANKER, RIVALS, verdict
from models.rankers.queries import fitted, queries_of, starts_of, values_of

NAMES = ("top_picks", "pvr")
JUDGED = {
    "candidates": "candidate",
    "catalogue": "sampled",
}  # the rows that a ranker of `rows` is judged on
Judged = dict[str, NDArray[np.float64]]  # a measure of each query by order
Record = dict[str, object]


def train_rankers(spark: SparkSession, ds: date) -> str:
    """Judge on the newest cuts, then train on all of them; the verdict is kept with the model."""
    examples = (
        tables.read_day(spark, "examples", ds).orderBy("cut_at", "profile_id", "title_id").toArrow()
    )
    own = [_record(name, examples, ds) for name in NAMES]
    records = [*own, *resume_records(spark, ds), *row_records(spark, ds)]
    versions = tables.versions_of(
        spark, ["events", "impressions", "titles", "profiles", "examples", "resumes"]
    )
    schema, of_all = (
        tables.schema_of(spark, "rankers"),
        {"input_versions": versions, "code_version": code_version()},
    )
    rows = [tuple((each | of_all).get(name) for name in schema.names) for each in records]
    tables.replace_day(spark, "rankers", ds, spark.createDataFrame(rows, schema))
    return "; ".join(
        f"{each['ranker_id']} {'promoted' if each['promoted'] else 'NOT promoted'}: {each['reason']}"
        for each in records
    )


def _record(name: str, examples: pa.Table, ds: date) -> Record:
    """Everything that is kept of one ranker."""
    settings = ranker_settings(name)
    rows = examples.filter(examples[JUDGED[settings.rows]])
    metrics = _metrics(_forward(rows, settings, ds))
    queries, cuts = queries_of(rows, settings), rows["cut_at"].to_numpy()
    promoted, reason = verdict(metrics, settings.rows)
    booster = fitted(rows, settings)
    package, first_stage = pack(booster, queries.matrix), candidate_settings()
    bins = _bins(queries.matrix[cuts < cuts[-1]], package.feature_names)
    return {
        "ranker": name,
        "ranker_id": f"{name}-{package.model_sha256[:12]}",
        "model": package.model,
        "model_sha256": package.model_sha256,
        "parameters": json.dumps(
            {"ranker": settings.model_dump(), "candidates": first_stage.model_dump()}
        ),
        "feature_names": list(package.feature_names),
        "feature_types": ["float"] * len(package.feature_names),
        "trained_from": ds - timedelta(days=first_stage.horizon_days * first_stage.cuts - 1),
        "trained_until": ds,
        "metrics": metrics,
        "importances": importances(booster),
        "feature_bins": json.dumps(bins),
        "drift": drift(bins, queries.matrix[cuts == cuts[-1]]),
        "probe": json.dumps(package.probe),
        "promoted": promoted,
        "reason": reason,
        "ds": ds,
    }


def drift(
    bins: dict[str, dict[str, list[float]]], matrix: NDArray[np.floating]
) -> dict[str, float]:
    """Population stability index of each feature: rows (N, F) against the bins kept with a ranker, in its order."""
    return {
        name: population_stability(of["shares"], bin_shares(matrix[:, at], of["edges"]))
        for at, (name, of) in enumerate(bins.items())
    }


def _bins(matrix: NDArray[np.float32], names: tuple[str, ...]) -> dict[str, dict[str, list[float]]]:
    """Of each feature the edges of its bins and the share of rows in each."""
    inner = {name: bin_edges(matrix[:, at]) for at, name in enumerate(names)}
    return {
        name: {
            "edges": inner[name].tolist(),
            "shares": bin_shares(matrix[:, at], inner[name]).tolist(),
        }
        for at, name in enumerate(names)
    }


def _forward(examples: pa.Table, settings: RankerSettings, ds: date) -> list[Judged]:
    """Each judged cut, scored by a ranker that was trained on the cuts before it and no later one.

    It has one booster, where the ranker that is to serve may have several: judging too strictly costs less than time.
    """
    judged = sorted(
        set(examples.filter(pc.equal(examples["split"], "judged"))["cut_at"].to_pylist())
    )
    alone, found = settings.model_copy(update={"models": 1}), []
    for cut in judged:
        earlier = examples.filter(pc.less(examples["cut_at"], cut))
        if pc.any(pc.equal(earlier["label"], 1)).as_py():
            now = examples.filter(pc.equal(examples["cut_at"], cut))
            found.append(_judged(fitted(earlier, alone), now, settings))
    if not found:
        raise UserMistake(
            f"--ds {ds}: table examples has no training row that was played before its newest cuts; "
            "land a longer log or choose a later day"
        )
    return found


def _judged(booster: lgb.Booster, cut: pa.Table, settings: RankerSettings) -> Judged:
    """Of each query nDCG@10 over all that the profile played later, and the share of pairs in the right order, for
    the ranker and for every order it has to beat."""
    queries, values = queries_of(cut, settings), values_of(cut)
    relevant = cut["relevant_count"].to_numpy()[starts_of(cut)]
    orders: dict[str, NDArray[np.floating]] = {RANKER: score(booster, queries.matrix)}
    orders |= {name: values[:, FEATURES.index(feature)] for name, feature in RIVALS.items()}
    found: Judged = {}
    for name, order in orders.items():
        found[f"{name}_ndcg10"] = ndcg(
            top_hits(order, queries.labels, queries.groups, 10), relevant
        )
        found[f"{name}_right_order"] = right_order(order, queries.labels, queries.groups)
    return found


def _metrics(cuts: list[Judged]) -> dict[str, float]:
    pooled = {name: np.concatenate([cut[name] for cut in cuts]) for name in cuts[0]}
    means = {name: float(np.nanmean(values)) for name, values in pooled.items()}
    return means | {"queries": float(len(pooled[f"{RANKER}_ndcg10"]))}


if __name__ == "__main__":
    day_job("train_rankers", __doc__, train_rankers)
