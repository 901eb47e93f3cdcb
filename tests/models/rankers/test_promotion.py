"""A ranker serves only if its lead over what it was made from is no chance."""

import numpy as np
import pytest

from conf.days import COUNT_WINDOWS
from conf.rankers import PromotionSettings
from models.candidates.features import FEATURES
from models.rankers.promotion import RANKER, Gain, Judgement, Measure, rival_scores, verdict

NDCG = Measure("nDCG@10", "later queries")
LOG_LOSS = Measure("log loss", "days", lower_is_better=True)
NEEDS = PromotionSettings(least_queries=4, least_windows=2)
CLEAR = Gain(0.01, 0.005, 0.015)


def judgement(
    ranker: float, measure: Measure = NDCG, units: int = 40, **rivals: float
) -> Judgement:
    """Figures that are the same on each of so many units of two windows."""
    values = {name: np.full(units, figure) for name, figure in {RANKER: ranker, **rivals}.items()}
    window = np.arange(units) % 2
    return Judgement(measure, values, np.ones(units), np.arange(units), window, {})


def test_a_ranker_whose_whole_interval_is_above_0_is_promoted() -> None:
    assert verdict(judgement(0.31, ease=0.30, cosine=0.1), CLEAR, NEEDS) == (
        True,
        "nDCG@10 0.3100 beats ease 0.3000 by +0.0100 [+0.0050, +0.0150]"
        " on 40 later queries of 2 windows",
    )


def test_a_lead_that_may_be_chance_promotes_nothing() -> None:
    given = verdict(judgement(0.8998, recency=0.8986), Gain(0.0012, -0.009, 0.011), NEEDS)
    assert given == (
        False,
        "nDCG@10 0.8998 does not beat recency 0.8986 by +0.0012 [-0.0090, +0.0110]"
        " on 40 later queries of 2 windows",
    )


@pytest.mark.parametrize("measure", [NDCG, LOG_LOSS])
def test_a_tie_is_not_a_win(measure: Measure) -> None:
    assert verdict(judgement(0.3, measure, ease=0.3), Gain(0, 0, 0), NEEDS).promoted is False


def test_the_rival_that_counts_is_the_best_one_and_of_a_loss_the_lowest() -> None:
    assert judgement(0.3, ease=0.2, cosine=0.25).best_rival == "cosine"
    loss = judgement(0.25, LOG_LOSS, constant=0.3, other=0.4)
    assert loss.best_rival == "constant" and loss.lead == pytest.approx(np.full(40, 0.05))
    assert verdict(loss, CLEAR, NEEDS).reason.startswith("log loss 0.2500 is below constant 0.3000")


def test_deviations_are_by_profile_and_window_and_sum_to_nothing() -> None:
    lead = np.array([1.0, 0.0, 0.0, 1.0])
    values = {RANKER: lead, "ease": np.zeros(4)}
    weight = np.array([1.0, 1.0, 1.0, 3.0])  # the mean lead is 4 / 6
    each = Judgement(NDCG, values, weight, np.array([7, 7, 9, 9]), np.array([0, 1, 0, 1]), {})
    by_hand = np.array([[1 / 3, -2 / 3], [-2 / 3, 3 / 3]]) / 6
    assert each.deviations == pytest.approx(by_hand) and by_hand.sum() == pytest.approx(0)
    assert each.lead_by_window == pytest.approx([0.5, 3 / 4])


def test_decayed_plays_are_summed_from_windows_of_days() -> None:
    """One title has 10 plays of the last day, the other 40 of the two days before."""
    values = np.zeros((2, len(FEATURES)), np.float32)
    for days in COUNT_WINDOWS:
        values[:, FEATURES.index(f"title_plays_count_{days}d")] = np.log1p([10, 40])
    values[1, FEATURES.index("title_plays_count_1d")] = 0
    scores = rival_scores(values)
    # with a half-life of a day: the mean of 2^-x over 0 to 1, and over 1 to 3
    by_hand = [10 * (1 - 0.5) / np.log(2), 40 * (0.5 - 0.125) / np.log(2) / 2]
    assert scores["decayed_1d"] == pytest.approx(by_hand, rel=1e-5)
    assert np.argmax(scores["decayed_6h"]) == 0 and np.argmax(scores["decayed_5d"]) == 1


def test_too_few_queries_or_windows_promote_nothing() -> None:
    few = verdict(judgement(0.31, units=3, ease=0.30), CLEAR, NEEDS)
    assert not few.promoted and few.reason.endswith(
        "on 3 later queries of 2 windows, which are fewer than 4"
    )
    three = NEEDS.model_copy(update={"least_windows": 3})
    one = verdict(judgement(0.31, ease=0.30), CLEAR, three)
    assert not one.promoted and one.reason.endswith("of 2 windows; it takes 3 windows")
