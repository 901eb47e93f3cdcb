"""Rankers of titles: trained on the table `examples`, judged against the first stage's orders."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.candidates import candidate_settings
from conf.errors import UserMistake
from conf.rankers import RankerSettings, ranker_settings
from experiments.metrics.drift import bin_edges, bin_shares, population_stability
from experiments.metrics.queries import right_order, top_hits
from experiments.metrics.ranking import ndcg
from jobs.training.ranker import Fit, Ranker, Record
from jobs.training.title_examples import TitleExamples, title_examples
from models.candidates.features import FEATURES
from models.rankers.examples import JUDGING_COLUMN
from models.rankers.lambdarank import importances, score
from models.rankers.promotion import RANKER, RIVALS, Judgement, Measure, rival_scores
from models.rankers.queries import (
    example_queries,
    feature_values,
    labels_by,
    query_starts,
)

TOP = 10  # a ranker of candidates is judged by its first titles
LATER_QUERIES = "later queries"
MEASURES = {  # by what a ranker orders: the metric it is judged by, and what people call that
    "candidates": ("ndcg10", Measure("nDCG@10", LATER_QUERIES)),
    "catalogue": ("right_order", Measure("pairs in the right order", LATER_QUERIES)),
}
QueryMetrics = dict[str, NDArray[np.float64]]  # a value for each query, by metric


class JudgedCut(NamedTuple):
    """The queries of one judged cut."""

    metrics: QueryMetrics
    profile_ids: NDArray[np.object_]  # (q,)


Bins = dict[str, dict[str, list[float]]]  # by feature: `edges` between bins, `shares` of the rows


@dataclass(frozen=True)
class TitleRanker(Ranker[TitleExamples]):
    """A ranker that orders candidates or the whole catalogue, as conf/rankers.yaml says."""

    name: str
    table = "examples"
    examples = staticmethod(title_examples)

    @property
    def settings(self) -> RankerSettings:
        """How it is trained."""
        return ranker_settings(self.name)

    @property
    def features(self) -> tuple[str, ...]:
        """The features of a pair that it uses."""
        return self.settings.features(FEATURES)

    @property
    def rivals(self) -> tuple[str, ...]:
        """The scores of the first stage, and popularity."""
        return RIVALS

    def judge(self, examples: TitleExamples, ds: date) -> Judgement:
        """Every judged cut ranked by a model of the cuts before it, pooled over queries."""
        cuts = _judged_cuts(self._judging_rows(examples), self.settings)
        if not cuts:
            raise UserMistake(
                f"--ds {ds}: table examples has no training row that was played before its newest "
                "cuts; land a longer log or choose a later day"
            )
        return title_judgement(cuts, self.settings.rows)

    def fit(self, examples: TitleExamples) -> Fit:
        """A model of all cuts."""
        rows = self._judging_rows(examples)
        return Fit(rows.fit(self.settings), example_queries(rows.table, self.settings).matrix)

    def parameters(self) -> dict[str, object]:
        """Its settings and those of the first stage that gave the candidates."""
        return {
            "ranker": self.settings.model_dump(),
            "candidates": candidate_settings().model_dump(),
        }

    def trained_from(self, ds: date) -> date:
        """The day after the oldest cut."""
        first_stage = candidate_settings()
        return ds - timedelta(days=first_stage.step_days * first_stage.cuts - 1)

    def reference(self, examples: TitleExamples, fit: Fit) -> Record:
        """Importances of features, their bins in older cuts, the newest cut's drift from them."""
        cuts = self._judging_rows(examples).table["cut_at"].to_numpy()
        newest = cuts == cuts[-1]
        bins = feature_bins(fit.matrix[~newest], tuple(fit.booster.feature_name()))
        return {
            "importances": importances(fit.booster),
            "feature_bins": json.dumps(bins),
            "drift": feature_drift(bins, fit.matrix[newest]),
        }

    def _judging_rows(self, examples: TitleExamples) -> TitleExamples:
        return examples.where(examples.table[JUDGING_COLUMN[self.settings.rows]])


def title_judgement(cuts: list[JudgedCut], rows: str) -> Judgement:
    """What a ranker and its rivals reach on the queries of all judged cuts by what it orders.

    A query without a value, since it has nothing that could be ordered wrongly, is left out.
    """
    name, measure = MEASURES[rows]
    values = {
        system: np.concatenate([cut.metrics[f"{system}_{name}"] for cut in cuts])
        for system in (RANKER, *RIVALS)
    }
    profile_ids = np.concatenate([cut.profile_ids for cut in cuts])
    sizes = [len(cut.profile_ids) for cut in cuts]
    has_value = ~np.isnan(values[RANKER])
    return Judgement(
        measure,
        {system: of_system[has_value] for system, of_system in values.items()},
        np.ones(int(has_value.sum())),
        np.unique(profile_ids, return_inverse=True)[1][has_value],
        np.repeat(np.arange(len(cuts)), sizes)[has_value],
        _means([cut.metrics for cut in cuts]),
    )


def _judged_cuts(examples: TitleExamples, settings: RankerSettings) -> list[JudgedCut]:
    """The metrics of each judged cut, ranked by a model that knew of nothing after it.

    It learned from the cuts before, labelled by what was played until this one; the cut is judged by
    what was played in the days until the next. It has one booster, where the ranker that is to
    serve may have several: judging too strictly costs less than time. Cuts that come after no play
    are left out.
    """
    table = examples.table
    judged = table.filter(pc.equal(table["split"], "judged"))
    one_booster = settings.model_copy(update={"models": 1})
    judged_days = timedelta(days=candidate_settings().judged_days)
    judged_cuts = []
    for cut in sorted(set(judged["cut_at"].to_pylist())):
        earlier = examples.before(cut)
        if pc.any(pc.equal(earlier.table["label"], 1)).as_py():
            booster = earlier.fit(one_booster)
            has_play = pc.greater(table["relevant_count"], 0)
            rows = table.filter(pc.and_(pc.equal(table["cut_at"], cut), has_play))
            rows = labels_by(rows, cut + judged_days)
            profile_ids = rows["profile_id"].to_numpy()[query_starts(rows)]
            judged_cuts.append(JudgedCut(_query_metrics(booster, rows, settings), profile_ids))
    return judged_cuts


def _query_metrics(
    booster: lgb.Booster, examples: pa.Table, settings: RankerSettings
) -> QueryMetrics:
    """The metrics of each query (q,), for the ranker and for every order it has to beat."""
    queries, values = example_queries(examples, settings), feature_values(examples)
    relevant = examples["relevant_count"].to_numpy()[query_starts(examples)]
    scores: dict[str, NDArray[np.floating]] = {RANKER: score(booster, queries.matrix)}
    scores |= rival_scores(values)
    return query_metrics(scores, np.asarray(queries.labels), np.asarray(queries.groups), relevant)


def query_metrics(
    scores: Mapping[str, NDArray[np.floating]],
    labels: NDArray[np.integer],
    groups: NDArray[np.integer],
    relevant: NDArray[np.integer],
) -> QueryMetrics:
    """nDCG@10 of each query (q,) and its share of pairs in the right order, by system.

    `scores` and `labels` are (N,), of whole queries; nDCG is over all `relevant` (q,) titles that
    the profile played later.
    """
    metrics: QueryMetrics = {}
    for name, score_of_rows in scores.items():
        hits = top_hits(score_of_rows, labels, groups, TOP)
        metrics[f"{name}_ndcg10"] = ndcg(hits, relevant)
        metrics[f"{name}_right_order"] = right_order(score_of_rows, labels, groups)
    return metrics


def _means(cuts: list[QueryMetrics]) -> dict[str, float]:
    """Means over the queries of all cuts, and how many queries there are."""
    means = {}
    for name in cuts[0]:
        values = np.concatenate([cut[name] for cut in cuts])
        means[name] = float(np.nanmean(values))
    means["queries"] = float(sum(len(cut[f"{RANKER}_ndcg10"]) for cut in cuts))
    return means


def feature_bins(matrix: NDArray[np.float32], names: tuple[str, ...]) -> Bins:
    """Of each feature of rows (N, F) the edges of its bins and the share of rows in each."""
    bins: Bins = {}
    for column, name in enumerate(names):
        values = matrix[:, column]
        inner = bin_edges(values)
        bins[name] = {"edges": inner.tolist(), "shares": bin_shares(values, inner).tolist()}
    return bins


def feature_drift(bins: Bins, matrix: NDArray[np.floating]) -> dict[str, float]:
    """Population stability index of each feature of rows (N, F).

    Against the bins kept with a ranker, in its order.
    """
    drift = {}
    for column, (name, feature) in enumerate(bins.items()):
        current = bin_shares(matrix[:, column], feature["edges"])
        drift[name] = population_stability(feature["shares"], current)
    return drift
