"""How the two rankers of Continue Watching are trained and judged (N-041, N-043)."""

from dataclasses import dataclass, fields, replace

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from conf.rankers import CONTINUATION, CONTINUE_WATCHING, ranker_settings
from conf.resumes import ResumeSettings
from models.ragged import Ragged, ranks
from models.rankers.continue_watching.features import (
    CONTINUATION_FEATURES,
    F32,
    FEATURES,
    INTS,
    continuation_matrix,
)
from models.rankers.lambdarank import Queries, grown_trees, parameters, score
from models.rankers.promotion import RANKER, Judgement, Measure

RESUME_MEASURE = Measure("reciprocal rank", "plays")
CONTINUATION_MEASURE = Measure("log loss", "profiles' days", lower_is_better=True)
CONSTANT_RATE = "constant rate"  # the same probability for everybody is a fixed position
FIRST = 1.0  # position of the first row of a page
RECENCY = FEATURES.index("resume_place")
DAYS = FEATURES.index("resume_days")


@dataclass(frozen=True)
class ResumeSample:
    """N rows of `resumes` by cut, profile and then newest first; positions are NaN where nothing was shown."""

    matrix: F32  # (N, len(FEATURES))
    label: INTS  # (N,) it was played the day after
    session_label: INTS  # (N,) it was the first play
    row_label: INTS  # (N,) it was played from the row
    row_position: F32  # (N,) from 1
    column_position: F32  # (N,) from 1
    query: INTS  # (N,) number of the profile's day, ascending
    profile: INTS  # (N,) number of the profile, the same on all days
    cut: INTS  # (N,) number of the day, ascending

    def where(self, keep: NDArray[np.bool_]) -> "ResumeSample":
        """The rows that a mask (N,) keeps."""
        columns = {field.name: getattr(self, field.name)[keep] for field in fields(self)}
        return ResumeSample(**columns)

    @property
    def queries(self) -> Ragged:
        """The rows as one list for each query."""
        return Ragged.from_runs(self.query)


def rows_in_view(sample: ResumeSample, settings: ResumeSettings) -> ResumeSample:
    """What was in view and whether it was played from there, where enough was; else all rows and all plays."""
    shown = ~np.isnan(sample.column_position)
    if len(np.unique(sample.query[shown])) < settings.least_shown:
        return sample
    rows = sample.where(shown)
    return replace(rows, label=rows.row_label)


def rows_to_learn_from(sample: ResumeSample, settings: ResumeSettings) -> ResumeSample:
    """The rows that the order learns from: what was in view up to the first title played, where enough was in view.

    What a search finds tells which title came to mind, not which one of those shown was wanted; what was not in view,
    or stood to the right of what was played, was not refused.
    """
    rows = rows_in_view(sample, settings)
    if rows is sample:
        return rows
    column = np.nan_to_num(rows.column_position, nan=np.inf)
    column_of_play = np.where(rows.label == 1, column, np.inf)
    first_play = np.minimum.reduceat(column_of_play, rows.queries.starts)
    behind_a_play = rows.column_position > first_play[rows.queries.owners]
    return rows.where(~behind_a_play)


def look_probabilities(sample: ResumeSample, settings: ResumeSettings) -> NDArray[np.float64]:
    """The assumed probability (N,) that the eye came to each title if nothing before it was played; 1 if not shown.

    A cascade (Craswell, Zoeter, Taylor and Ramsey, WSDM 2008): down^(row - 1) * right^(column - 1).
    """
    row = np.nan_to_num(sample.row_position, nan=FIRST)
    column = np.nan_to_num(sample.column_position, nan=FIRST)
    looks = settings.down ** (row - 1) * settings.right ** (column - 1)
    return np.asarray(looks, np.float64)


def fit_resume_order(sample: ResumeSample, settings: ResumeSettings) -> lgb.Booster:
    """Trees for the probability that a title is gone on with once it is looked at.

    Being looked at is left to assumed numbers: where the row was by recency, column and recency are the same, and trees
    would take the habit of looking left first for a wish. Its logarithm is where the trees start from.
    """
    rows = rows_to_learn_from(sample, settings)
    offset = np.log(look_probabilities(rows, settings))
    queries = Queries(rows.matrix, rows.label, offset=offset)
    return _fit_probability(queries, CONTINUE_WATCHING, FEATURES)


def continuation_rows(sample: ResumeSample, settings: ResumeSettings) -> Queries:
    """Rows of CONTINUATION_FEATURES and whether the day began by going on with something, one for each query.

    Probabilities of titles come from rankers that have not seen the day: those of odd days from a ranker of the even
    ones, and the other way round.
    """
    probability = np.zeros(len(sample.label))
    odd = sample.cut % 2 == 1
    for half in (odd, ~odd):
        if half.any() and sample.label[~half].any():
            order = fit_resume_order(sample.where(~half), settings)
            probability[half] = score(order, sample.matrix[half])
    return Queries(_continuation_matrix(sample, probability), _session_labels(sample))


def fit_continuation(rows: Queries) -> lgb.Booster:
    """Trees for the probability that the next session goes on with something, given where the row stands.

    `rows` are those of `continuation_rows`.
    """
    return _fit_probability(rows, CONTINUATION, CONTINUATION_FEATURES)


def _fit_probability(queries: Queries, ranker: str, names: tuple[str, ...]) -> lgb.Booster:
    settings = ranker_settings(ranker)
    options = parameters(settings) | {"metric": "binary_logloss"}
    return grown_trees(queries, options, settings.trees, names)


def _continuation_matrix(sample: ResumeSample, probability: NDArray[np.float64]) -> F32:
    row_position = sample.row_position[sample.queries.starts]
    return continuation_matrix(sample.matrix, sample.queries, probability, row_position)


def _session_labels(sample: ResumeSample) -> INTS:
    """Whether each query's day began by going on with something (q,)."""
    labels: INTS = np.maximum.reduceat(sample.session_label, sample.queries.starts)
    return labels


def judge_resume_order(
    booster: lgb.Booster, sample: ResumeSample, settings: ResumeSettings
) -> Judgement:
    """Mean reciprocal rank of what was gone on with, by the ranker and by recency, over the plays from the row.

    A play of a title that was looked at with probability p stands for 1 / p of them: without these weights the order
    that was shown would judge itself. All titles in view compete, those to the right of a play as well. Titles of equal
    score stand newest first, as they are served.
    """
    rows = rows_in_view(sample, settings)
    plays = np.flatnonzero(rows.label == 1)
    scores: dict[str, NDArray[np.floating]] = {
        RANKER: score(booster, rows.matrix),
        "recency": -rows.matrix[:, DAYS],
    }
    judgement = Judgement(
        RESUME_MEASURE,
        {name: 1 / ranks(values, rows.queries)[plays] for name, values in scores.items()},
        1 / look_probabilities(rows, settings)[plays],
        rows.profile[plays],
        rows.cut[plays],
        {"queries": float(len(np.unique(rows.query[plays])))},
    )
    return judgement.with_figures("mrr")


def judge_continuation(
    booster: lgb.Booster, order: lgb.Booster, sample: ResumeSample, rate: float
) -> Judgement:
    """Log loss of the probability that a day begins by going on, beside that of the training days' constant rate."""
    labels, starts = _session_labels(sample), sample.queries.starts
    matrix = _continuation_matrix(sample, score(order, sample.matrix))
    judgement = Judgement(
        CONTINUATION_MEASURE,
        {
            RANKER: _log_losses(labels, score(booster, matrix)),
            CONSTANT_RATE: _log_losses(labels, np.full(len(labels), rate)),
        },
        np.ones(len(labels)),
        sample.profile[starts],
        sample.cut[starts],
        {"queries": float(len(labels))},
    )
    return judgement.with_figures("log_loss")


def _log_losses(labels: INTS, probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log loss of each label (n,)."""
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    losses: NDArray[np.float64] = -np.where(labels == 1, np.log(p), np.log(1 - p))
    return losses
