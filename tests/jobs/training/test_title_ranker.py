"""Features of a ranker's examples: their bins, how far they drift from them, and means over judged cuts."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from jobs.training.rankers import pvr, top_picks
from jobs.training.title_ranker import MEASURES, _judged_cuts, _means, feature_bins, feature_drift
from models.rankers.examples import JUDGING_COLUMN
from models.rankers.promotion import RANKER, verdict


def matrix(seed: int, shift: float = 0.0) -> np.ndarray:
    """Two features of 500 rows, the second one moved by `shift`."""
    values = np.random.default_rng(seed).normal(size=(500, 2)).astype(np.float32)
    values[:, 1] += shift
    return values


def test_a_feature_that_moves_drifts_and_one_that_stays_does_not() -> None:
    bins = feature_bins(matrix(1), ("steady", "moving"))
    assert [sum(bins[name]["shares"]) for name in bins] == pytest.approx([1, 1])
    same = feature_drift(bins, matrix(1))
    moved = feature_drift(bins, matrix(2, shift=2.0))
    assert same == {"steady": 0, "moving": 0}
    assert moved["moving"] > 10 * moved["steady"] > 0


def test_means_are_over_the_queries_of_all_cuts_and_leave_out_what_has_no_value() -> None:
    key = f"{RANKER}_ndcg10"
    cuts = [{key: np.array([1.0, np.nan, 0.0])}, {key: np.array([1.0])}]
    assert _means(cuts) == {key: pytest.approx(2 / 3), "queries": 4.0}


def test_each_ranker_is_judged_by_what_it_orders() -> None:
    metrics = [MEASURES[ranker.RANKER.settings.rows][0] for ranker in (top_picks, pvr)]
    assert metrics == ["ndcg10", "right_order"]


@pytest.mark.parametrize(
    "rival", ["ease", "cosine", "popularity_7d", "popularity_30d", "popularity_all"]
)
def test_a_ranker_that_one_rival_beats_does_not_serve(
    rival: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first stage's scores and popularity of each window are rivals: one of them is enough."""
    names = ["ease", "cosine", "popularity_7d", "popularity_30d", "popularity_all"]
    figures = dict.fromkeys(names, 0.1) | {RANKER: 0.3, rival: 0.4}
    cut = {f"{name}_ndcg10": np.array([figure]) for name, figure in figures.items()}
    monkeypatch.setattr("jobs.training.title_ranker._judged_cuts", lambda *_: [cut])
    nothing = pa.table({JUDGING_COLUMN["candidates"]: pa.array([], pa.bool_())})
    judgement = top_picks.RANKER.judge(nothing, date(2026, 4, 30))
    reason = f"nDCG@10 0.3000 does not beat {rival} 0.4000 on 1 later queries"
    assert verdict(judgement, 1) == (False, reason)


def test_a_cut_is_judged_by_a_model_of_the_cuts_before_it_and_of_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fitted: list[list[int]] = []

    def fit(rows: pa.Table, settings: object) -> None:
        """Remember of which cuts the rows are that a model learns from."""
        fitted.append(sorted(set(rows["cut_at"].to_pylist())))

    monkeypatch.setattr("jobs.training.title_ranker.fit_on_examples", fit)
    monkeypatch.setattr(
        "jobs.training.title_ranker._query_metrics",
        lambda booster, rows, settings: sorted(set(rows["cut_at"].to_pylist())),
    )
    cuts = [1, 1, 2, 2, 3, 3]
    splits = ["train", "train", "train", "judged", "judged", "judged"]
    examples = pa.table({"cut_at": cuts, "split": splits, "label": [1, 0] * 3})
    assert _judged_cuts(examples, top_picks.RANKER.settings) == [[2], [3]]
    assert fitted == [[1], [1, 2]]
