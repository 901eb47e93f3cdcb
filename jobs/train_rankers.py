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
from conf.rankers import ranker_settings
from experiments.metrics.queries import top_hits
from experiments.metrics.ranking import ndcg
from jobs.io import tables
from jobs.io.code import code_version
from jobs.io.command import day_job
from jobs.io.resumes import resume_records
from jobs.io.row_records import row_records
from models.gate import RANKER, RIVALS, verdict
from models.package import Package, pack
from models.pairs import FEATURES
from models.rankers.ranker import Queries, fit, score

NAME = "top_picks"
Judged = dict[str, NDArray[np.float64]]  # nDCG@10 of each query by order


def train_rankers(spark: SparkSession, ds: date) -> str:
    """Judge on the newest cuts, then train on all of them; the verdict is kept with the model."""
    examples = tables.read_day(spark, "examples", ds).orderBy("cut_at", "profile_id", "title_id").toArrow()
    metrics = _metrics(_forward(examples, ds))
    promoted, reason = verdict(metrics)
    package = pack(_fitted(examples), _queries(examples).matrix)
    record = _record(ds, package, metrics) | {"promoted": promoted, "reason": reason}
    records = [record, *resume_records(spark, ds), *row_records(spark, ds)]
    versions = tables.versions_of(spark, ["events", "impressions", "titles", "profiles", "examples", "resumes"])
    schema, of_all = tables.schema_of(spark, "rankers"), {"input_versions": versions, "code_version": code_version()}
    rows = [tuple((each | of_all)[name] for name in schema.names) for each in records]
    tables.replace_day(spark, "rankers", ds, spark.createDataFrame(rows, schema))
    return "; ".join(
        f"{each['ranker_id']} {'promoted' if each['promoted'] else 'NOT promoted'}: {each['reason']}"
        for each in records
    )


def _forward(examples: pa.Table, ds: date) -> list[Judged]:
    """Each judged cut, scored by a ranker that was trained on the cuts before it and no later one."""
    judged = sorted(set(examples.filter(pc.equal(examples["split"], "judged"))["cut_at"].to_pylist()))
    found = []
    for cut in judged:
        earlier = examples.filter(pc.less(examples["cut_at"], cut))
        if pc.any(pc.equal(earlier["label"], 1)).as_py():
            found.append(_judged(_fitted(earlier), examples.filter(pc.equal(examples["cut_at"], cut))))
    if not found:
        raise UserMistake(
            f"--ds {ds}: table examples has no training row that was played before its newest cuts; "
            "land a longer log or choose a later day"
        )
    return found


def _fitted(examples: pa.Table) -> lgb.Booster:
    queries = _queries(examples)
    return fit(queries.matrix, queries.labels, queries.groups, ranker_settings(NAME), feature_names=FEATURES)


def _queries(examples: pa.Table) -> Queries:
    """Rows sorted by cut, profile and title as whole queries: a profile at a cut is a query."""
    matrix = examples["values"].combine_chunks().flatten().to_numpy().reshape(-1, len(FEATURES))
    return Queries(matrix, examples["label"].to_numpy(), np.diff([*_starts(examples), examples.num_rows]))


def _starts(examples: pa.Table) -> list[int]:
    keys = examples.select(["cut_at", "profile_id"]).append_column("at", pa.array(np.arange(examples.num_rows)))
    first = keys.group_by(["cut_at", "profile_id"], use_threads=False).aggregate([("at", "min")])
    return sorted(first["at_min"].to_pylist())


def _judged(booster: lgb.Booster, cut: pa.Table) -> Judged:
    """nDCG@10 of the ranker and of every order it has to beat, over all that each profile played later."""
    queries = _queries(cut)
    relevant = cut["relevant_count"].to_numpy()[_starts(cut)]
    orders: dict[str, NDArray[np.floating]] = {RANKER: score(booster, queries.matrix)}
    orders |= {name: queries.matrix[:, FEATURES.index(feature)] for name, feature in RIVALS.items()}
    return {name: ndcg(top_hits(order, queries.labels, queries.groups, 10), relevant) for name, order in orders.items()}


def _metrics(cuts: list[Judged]) -> dict[str, float]:
    pooled = {name: np.concatenate([cut[name] for cut in cuts]) for name in cuts[0]}
    return {name: float(values.mean()) for name, values in pooled.items()} | {"queries": float(len(pooled[RANKER]))}


def _record(ds: date, package: Package, metrics: dict[str, float]) -> dict[str, object]:
    settings = candidate_settings()
    return {
        "ranker": NAME,
        "ranker_id": f"{NAME}-{package.model_sha256[:12]}",
        "model": package.model,
        "model_sha256": package.model_sha256,
        "parameters": json.dumps({"ranker": ranker_settings(NAME).model_dump(), "candidates": settings.model_dump()}),
        "feature_names": list(package.feature_names),
        "feature_types": ["float"] * len(package.feature_names),
        "trained_from": ds - timedelta(days=settings.horizon_days * settings.cuts - 1),
        "trained_until": ds,
        "metrics": metrics,
        "probe": json.dumps(package.probe),
        "ds": ds,
    }


if __name__ == "__main__":
    day_job("train_rankers", __doc__, train_rankers)
