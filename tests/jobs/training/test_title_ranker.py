"""Features of a ranker's examples: their bins, how far they drift from them, and means over judged cuts."""

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from conf.rankers import ranker_configuration
from jobs.training.ranker import lead_interval
from jobs.training.rankers import pvr, top_picks
from jobs.training.title_examples import TitleExamples
from jobs.training.title_ranker import (
    MEASURES,
    JudgedCut,
    _judged_cuts,
    _means,
    feature_bins,
    feature_drift,
)
from models.candidates.features import FEATURES
from models.rankers.examples import JUDGING_COLUMN
from models.rankers.promotion import RANKER, RIVALS, rival_scores, verdict


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


NAMES = [
    "ease",
    "cosine",
    *(f"popularity_{days}" for days in ("1d", "3d", "7d", "14d", "30d", "all")),
    *(f"decayed_{half_life}" for half_life in ("6h", "12h", "1d", "2d", "5d", "10d")),
]


@pytest.mark.parametrize("rival", NAMES)
def test_a_ranker_that_one_rival_beats_does_not_serve(
    rival: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first stage's scores and popularity of each window are rivals: one of them is enough."""
    figures = dict.fromkeys(NAMES, 0.1) | {RANKER: 0.3, rival: 0.4}
    noise = np.array([-0.01, 0.0, 0.01])
    metrics = {f"{name}_ndcg10": figure + noise for name, figure in figures.items()}
    cut = JudgedCut(metrics, np.array(["p1", "p2", "p3"], object))
    monkeypatch.setattr("jobs.training.title_ranker._judged_cuts", lambda *_: [cut] * 4)
    nothing = pa.table({JUDGING_COLUMN["candidates"]: pa.array([], pa.bool_())})
    judgement = top_picks.RANKER.judge(TitleExamples(nothing), date(2026, 4, 30))
    given = verdict(judgement, lead_interval(judgement), ranker_configuration())
    assert not given.promoted
    assert given.reason.startswith(f"nDCG@10 0.3000 does not beat {rival} 0.4000 by -0.1000 [")
    assert given.reason.endswith("on 12 later queries of 4 windows")


def test_every_rival_of_the_gate_is_scored_by_what_examples_have() -> None:
    scores = rival_scores(np.zeros((3, len(FEATURES)), np.float32))
    assert list(scores) == NAMES == list(RIVALS)
    assert all(len(values) == 3 for values in scores.values())


def test_a_cut_is_judged_by_a_model_that_knew_of_nothing_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Labels reach four weeks ahead, so that those after the judged cut are left out of training."""
    fitted: list[list[tuple[int, int]]] = []
    judged_labels: list[list[int]] = []

    def fit(rows: pa.Table, settings: object) -> None:
        """Remember of which cuts the rows are that a model learns from, and their labels."""
        days = [cut.day for cut in rows["cut_at"].to_pylist()]
        fitted.append(list(zip(days, rows["label"].to_pylist(), strict=True)))

    def metrics(booster: object, rows: pa.Table, settings: object) -> dict[str, object]:
        """Remember what judges."""
        judged_labels.append(rows["label"].to_pylist())
        return {"cut": rows["cut_at"][0].as_py().day}

    monkeypatch.setattr("jobs.training.title_examples.fit_on_examples", fit)
    monkeypatch.setattr("jobs.training.title_ranker._query_metrics", metrics)
    cuts = [datetime(2026, 4, day, tzinfo=UTC) for day in (1, 8, 15)]
    examples = pa.table(
        {
            "cut_at": pa.array(np.repeat(cuts, 3), pa.timestamp("us", "UTC")),
            "split": ["train"] * 3 + ["judged"] * 6,
            "label": [1, 1, 0] * 3,
            # within the week until the next cut, in the week after it, never
            "played_days": pa.array([6.0, 10.0, None] * 3, pa.float32()),
            "relevant_count": [1] * 9,
            "profile_id": ["p"] * 9,
        }
    )
    judged = _judged_cuts(TitleExamples(examples), top_picks.RANKER.settings)
    assert [cut.metrics for cut in judged] == [{"cut": 8}, {"cut": 15}]
    assert fitted[0] == [(1, 1), (1, 0), (1, 0)]
    assert fitted[1] == [(1, 1), (1, 1), (1, 0), (8, 1), (8, 0), (8, 0)]
    assert judged_labels == [[1, 0, 0], [1, 0, 0]]
