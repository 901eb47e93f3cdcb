"""How the two rankers of Continue Watching are trained and judged (N-041, N-043)."""

from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from conf.rankers import CONTINUATION, CONTINUE_WATCHING, RankerSettings, ranker_settings
from conf.resumes import ResumeSettings
from models.ragged import Ragged
from models.rankers.continue_watching.features import (
    F32,
    FEATURES,
    INTS,
    MODE_FEATURES,
    mode_matrix,
)
from models.rankers.lambdarank import Queries, grown_trees, parameters

FIRST = 1.0
PLACE, DAYS = FEATURES.index("resume_place"), FEATURES.index("resume_days")


@dataclass(frozen=True)
class Sample:
    """Rows of `resumes`, sorted by cut, profile and then newest first; positions are NaN where nothing was shown."""

    matrix: F32  # (N, len(FEATURES))
    label: INTS  # (N,) it was played the day after
    session_label: INTS  # (N,) it was the first play
    row_label: INTS  # (N,) it was played from the row
    row_position: F32
    column_position: F32
    query: INTS  # (N,) number of the profile's day, ascending
    cut: INTS  # (N,) number of the day, ascending

    def where(self, keep: NDArray[np.bool_]) -> "Sample":
        """The rows that a mask keeps."""
        return Sample(
            self.matrix[keep],
            self.label[keep],
            self.session_label[keep],
            self.row_label[keep],
            self.row_position[keep],
            self.column_position[keep],
            self.query[keep],
            self.cut[keep],
        )

    @property
    def starts(self) -> INTS:
        """The first row of each query."""
        return Ragged.from_runs(self.query).starts


def teaching(sample: Sample, settings: ResumeSettings) -> Sample:
    """The rows that the order learns from: what was in view up to the first title played, where enough was in view.

    What a search finds tells which title came to mind, not which one of those shown was wanted; what was not in view,
    or stood to the right of what was played, was not refused.
    """
    rows = offered(sample, settings)
    if rows is sample:
        return rows
    played = np.where(rows.label == 1, np.nan_to_num(rows.column_position, nan=np.inf), np.inf)
    first = np.minimum.reduceat(played, rows.starts)
    of_query = first[Ragged.from_runs(rows.query).owners]
    return rows.where(~(rows.column_position > of_query))


def offered(sample: Sample, settings: ResumeSettings) -> Sample:
    """What was in view and whether it was played from there, where enough was; else every title begun and its plays."""
    shown = ~np.isnan(sample.column_position)
    if len(np.unique(sample.query[shown])) < settings.least_shown:
        return sample
    rows = sample.where(shown)
    return replace(rows, label=rows.row_label)


def looked_at(sample: Sample, settings: ResumeSettings) -> NDArray[np.float64]:
    """The assumed probability (N,) that the eye came to each title if nothing before it was played; 1 if not shown.

    A cascade (Craswell, Zoeter, Taylor and Ramsey, WSDM 2008): down^(row - 1) * right^(column - 1).
    """
    row, column = (
        np.nan_to_num(position, nan=FIRST)
        for position in (sample.row_position, sample.column_position)
    )
    return np.asarray(settings.down ** (row - 1) * settings.right ** (column - 1), np.float64)


def fitted_order(sample: Sample, settings: ResumeSettings) -> lgb.Booster:
    """Trees for the probability that a title is gone on with once it is looked at.

    Being looked at is left to assumed numbers: where the row was by recency, place and recency are the same, and trees
    would take for a wish what is the habit of looking left first. Its log is where the trees start from.
    """
    rows = teaching(sample, settings)
    return _fitted(
        rows.matrix,
        rows.label,
        ranker_settings(CONTINUE_WATCHING),
        FEATURES,
        np.log(looked_at(rows, settings)),
    )


def wishes(booster: lgb.Booster, matrix: F32) -> NDArray[np.float64]:
    """How probably each title (N,) is gone on with once it is looked at."""
    return np.asarray(booster.predict(matrix, num_threads=1), np.float64)


def mode_rows(sample: Sample, settings: ResumeSettings) -> tuple[F32, INTS]:
    """Rows of MODE_FEATURES and whether the day began by going on with something, one for each query.

    Wishes come from rankers that have not seen the day: those of even days are asked about odd ones and vice versa.
    """
    wish, odd = np.zeros(len(sample.label)), sample.cut % 2 == 1
    for half in (odd, ~odd):
        if half.any() and sample.label[~half].any():
            wish[half] = wishes(fitted_order(sample.where(~half), settings), sample.matrix[half])
    starts = sample.starts
    return _mode(sample, wish), np.maximum.reduceat(sample.session_label, starts)


def fitted_mode(sample: Sample, settings: ResumeSettings) -> lgb.Booster:
    """Trees for the probability that the next session goes on with something, given where the row stands."""
    return _fitted(*mode_rows(sample, settings), ranker_settings(CONTINUATION), MODE_FEATURES)


def _mode(sample: Sample, wish: NDArray[np.float64]) -> F32:
    return mode_matrix(sample.matrix, sample.starts, wish, sample.row_position[sample.starts])


def _fitted(
    matrix: F32,
    labels: INTS,
    settings: RankerSettings,
    names: tuple[str, ...],
    start: NDArray[np.float64] | None = None,
) -> lgb.Booster:
    options = parameters(settings) | {"metric": "binary_logloss"}
    return grown_trees(Queries(matrix, labels, offset=start), options, settings.trees, names)


def judged_order(
    booster: lgb.Booster, sample: Sample, settings: ResumeSettings
) -> dict[str, float]:
    """Mean reciprocal rank of what was gone on with, by the ranker and by recency, over the queries where one was.

    A play of a title that was looked at with probability p stands for 1 / p of them: without these weights the order
    that was shown would judge itself. All titles in view compete, those to the right of a play as well.
    """
    rows = offered(sample, settings)
    hit = np.flatnonzero(rows.label == 1)
    weight = 1 / looked_at(rows, settings)[hit]
    found = {"queries": float(len(np.unique(rows.query[hit])))}
    for name, score in (
        ("ranker_mrr", wishes(booster, rows.matrix)),
        ("recency_mrr", -rows.matrix[:, DAYS]),
    ):
        reciprocal = 1 / _rank_within(score, rows.query)[hit]
        found[name] = float(np.sum(weight * reciprocal) / max(np.sum(weight), 1e-12))
    return found


def judged_mode(
    booster: lgb.Booster, order: lgb.Booster, sample: Sample, rate: float
) -> dict[str, float]:
    """Log loss of the probability that a day begins by going on, beside that of the training days' constant rate."""
    label = np.maximum.reduceat(sample.session_label, sample.starts)
    matrix = _mode(sample, wishes(order, sample.matrix))
    p = np.asarray(booster.predict(matrix, num_threads=1), np.float64)
    return {
        "queries": float(len(label)),
        "ranker_log_loss": _log_loss(label, p),
        "constant_log_loss": _log_loss(label, np.full(len(label), rate)),
    }


def _log_loss(label: INTS, p: NDArray[np.float64]) -> float:
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return float(-np.mean(np.where(label == 1, np.log(p), np.log(1 - p))))


def _rank_within(score: NDArray[np.floating], query: INTS) -> NDArray[np.float64]:
    """Rank from 1 within the query, highest score first, ties in the order of rows."""
    order = np.lexsort((np.arange(len(score)), -score, query))
    rank = np.empty(len(score))
    rank[order] = Ragged.from_runs(query).index_within + 1
    return rank
