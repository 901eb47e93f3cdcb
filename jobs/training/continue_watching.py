"""The rankers of Continue Watching: trained from `resumes` with everything that the table `rankers` keeps of one."""

import json
from datetime import date, timedelta

import lightgbm as lgb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.rankers import ranker_settings
from conf.resumes import resume_settings
from jobs.io.tables import spark as tables
from models.rankers.continue_watching.features import FEATURES
from models.rankers.continue_watching.fit import (
    MODE,
    ORDER,
    PLACE,
    Sample,
    fitted_mode,
    fitted_order,
    judged_mode,
    judged_order,
    mode_rows,
)
from models.rankers.package import pack

Record = dict[str, object]


def resume_records(spark: SparkSession, ds: date) -> list[Record]:
    """What the table `rankers` is to hold of both, verdicts included; none where the day has no rows to learn from."""
    rows = tables.read(spark, "resumes").where(F.col("ds") == F.lit(ds))
    sample = sample_from(rows.orderBy("cut_at", "profile_id", F.col("values")[PLACE]).toArrow())
    settings = resume_settings()
    judged = sample.cut > sample.cut.max(initial=0) - settings.judged_cuts
    earlier, later = sample.where(~judged), sample.where(judged)
    if not earlier.label.any() or not later.label.any():
        return []
    order_then = fitted_order(earlier, settings)
    mode_then = fitted_mode(earlier, settings)
    rate = float(np.mean(mode_rows(earlier, settings)[1]))
    order, mode = fitted_order(sample, settings), fitted_mode(sample, settings)
    ordered, modes = (
        judged_order(order_then, later, settings),
        judged_mode(mode_then, order_then, later, rate),
    )
    return [
        _record(ORDER, ds, order, sample.matrix, ordered, order_verdict(ordered)),
        _record(MODE, ds, mode, mode_rows(sample, settings)[0], modes, mode_verdict(modes)),
    ]


def sample_from(rows: pa.Table) -> Sample:
    """Rows of `resumes`, sorted by cut, profile and place, as arrays."""
    cut = _runs(rows["cut_at"].cast(pa.int64()).to_numpy())
    changed = np.diff(cut, prepend=-1) != 0
    profile = rows["profile_id"].to_numpy().astype(str)
    query = np.cumsum(changed | (profile != np.roll(profile, 1))) - 1
    values = rows["values"].combine_chunks().flatten().to_numpy().reshape(-1, len(FEATURES))
    positions = (
        rows[name].cast(pa.float32()).to_numpy() for name in ("row_position", "column_position")
    )
    row_position, column_position = (np.asarray(position, np.float32) for position in positions)
    label, first, from_row = (
        rows[name].to_numpy() for name in ("label", "session_label", "row_label")
    )
    return Sample(values, label, first, from_row, row_position, column_position, query, cut)


def order_verdict(metrics: dict[str, float]) -> tuple[bool, str]:
    """Promoted or not, and why: it has to beat recency, the order the row had before (N-043)."""
    ours, recency, count = metrics["ranker_mrr"], metrics["recency_mrr"], metrics["queries"]
    said = "beats" if ours > recency else "does not beat"
    return (
        ours > recency,
        f"reciprocal rank {ours:.4f} {said} recency {recency:.4f} on {count:.0f} later days",
    )


def mode_verdict(metrics: dict[str, float]) -> tuple[bool, str]:
    """Promoted or not, and why: it has to tell more than a constant rate, which is a fixed position."""
    ours, constant, count = (
        metrics["ranker_log_loss"],
        metrics["constant_log_loss"],
        metrics["queries"],
    )
    said = "is below" if ours < constant else "is not below"
    return (
        ours < constant,
        f"log loss {ours:.4f} {said} a constant rate's {constant:.4f} on {count:.0f} later days",
    )


def _runs(values: NDArray[np.integer]) -> NDArray[np.int64]:
    """Sorted values as 0, 1, 2 ..."""
    return (
        np.cumsum(np.diff(values, prepend=values[:1]) != 0)
        if len(values)
        else np.zeros(0, np.int64)
    )


def _record(
    name: str,
    ds: date,
    booster: lgb.Booster,
    matrix: NDArray[np.float32],
    metrics: dict[str, float],
    verdict: tuple[bool, str],
) -> Record:
    package, settings = pack(booster, matrix), resume_settings()
    return {
        "ranker": name,
        "ranker_id": f"{name}-{package.model_sha256[:12]}",
        "model": package.model,
        "model_sha256": package.model_sha256,
        "parameters": json.dumps(
            {"ranker": ranker_settings(name).model_dump(), "resumes": settings.model_dump()}
        ),
        "feature_names": list(package.feature_names),
        "feature_types": ["float"] * len(package.feature_names),
        "trained_from": ds - timedelta(days=settings.cuts - 1),
        "trained_until": ds,
        "metrics": metrics,
        "probe": json.dumps(package.probe),
        "ds": ds,
        "promoted": verdict[0],
        "reason": verdict[1],
    }
