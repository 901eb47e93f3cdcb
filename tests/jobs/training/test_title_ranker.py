"""Features of a ranker's examples: their bins, how far they drift from them, and means over judged cuts."""

import numpy as np
import pytest

from jobs.training.rankers import pvr, top_picks
from jobs.training.title_ranker import MEASURES, _means, feature_bins, feature_drift
from models.rankers.promotion import RANKER


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
