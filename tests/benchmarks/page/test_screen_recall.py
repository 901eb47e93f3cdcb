"""First screens beside two lists, by hand, and the popularity that is tuned on the days before."""

import numpy as np
import pytest

from benchmarks.page.real_log import with_rolling
from benchmarks.page.screen_recall import (
    POPULARITY,
    TOP_PICKS,
    ScreenRecall,
    list_recall,
    popular_scores,
    recall_figures,
    young_titles,
)
from benchmarks.temporal.trials import trial
from experiments.protocols import Window, inner_cut
from models.candidates.ratings import Ratings

MEMBERS = 60


def recalls(stagewise: float = 0.3, template: float = 0.2, few: float = 0.1) -> ScreenRecall:
    """Members of five windows, the first ten of each with two plays."""
    rng = np.random.default_rng(1)
    window = np.repeat(np.arange(5), MEMBERS)
    plays = np.where(np.arange(MEMBERS * 5) % MEMBERS < 10, 2, 30)
    noise = rng.normal(0, 0.02, len(window))
    means = {
        "template": template,
        "independent": template,
        "stagewise": np.where(plays <= 2, few, stagewise),
        TOP_PICKS: 0.25,
        POPULARITY: 0.2,
    }
    recall = {arm: mean + noise + np.zeros(len(window)) for arm, mean in means.items()}
    return ScreenRecall(recall, recall, np.arange(len(window)) % MEMBERS, window, plays)


def test_a_page_is_held_against_the_template_and_both_lists() -> None:
    figures = recall_figures(recalls())
    mean = (50 * 0.3 + 10 * 0.1) / 60
    assert figures["stagewise"]["recall_3x4"] == pytest.approx(mean, abs=0.01)
    assert figures["stagewise"]["recall_3x4_gain"] == pytest.approx(mean / 0.2 - 1, abs=0.05)
    assert figures["stagewise"]["over_top_picks"] == pytest.approx(mean - 0.25, abs=0.001)
    assert figures["stagewise"]["over_top_picks_low"] < mean - 0.25
    assert figures[POPULARITY]["recall_3x4"] == pytest.approx(0.2, abs=0.01)


def test_members_of_one_or_two_plays_are_told_apart() -> None:
    """A page that gains with everybody else may not hide what it loses with newcomers."""
    stagewise = recall_figures(recalls())["stagewise"]
    assert stagewise["over_popularity"] > 0
    assert stagewise["few_plays_over_popularity"] == pytest.approx(-0.1, abs=0.001)
    assert stagewise["few_plays_over_top_picks"] == pytest.approx(-0.15, abs=0.001)


def test_a_window_that_differs_widens_the_interval() -> None:
    even, uneven = recalls(few=0.3), recalls(few=0.3)
    uneven.recall["stagewise"] = uneven.recall["stagewise"] + np.where(uneven.window == 0, 0.2, 0)
    widths = [
        stagewise["over_top_picks_high"] - stagewise["over_top_picks_low"]
        for stagewise in (recall_figures(one)["stagewise"] for one in (even, uneven))
    ]
    assert widths[1] > 5 * widths[0]


def log() -> Ratings:
    """What is played changes every day: yesterday's five titles are tomorrow's."""
    rng = np.random.default_rng(2)
    at_s = np.sort(rng.uniform(0, 60, 6000))
    title = (5 * (at_s // 10) + rng.integers(0, 5, 6000)).astype(np.int64)
    profile = rng.integers(0, 400, 6000)
    return Ratings(profile, title, np.full(6000, np.nan), at_s * 86_400, (400, 60))


def test_popularity_takes_the_days_that_are_best_on_the_inner_window() -> None:
    window = Window(4200, 4800)
    one = trial(log(), window)
    inner = trial(log(), inner_cut(window))
    scores = popular_scores(one, inner)
    everything = np.bincount(one.train.title, minlength=60).astype(float)
    ever = list_recall(np.broadcast_to(everything, scores.shape), one)
    assert np.nanmean(list_recall(scores, one)) > np.nanmean(ever)


def test_equal_scores_count_by_their_mean() -> None:
    one = trial(log(), Window(4200, 4800))
    equal = list_recall(np.zeros(one.relevant.shape), one)
    expected = np.minimum(1, 12 / one.open.sum(axis=1))
    assert equal == pytest.approx(expected)


def test_young_titles_are_those_launched_or_first_played_lately() -> None:
    train = log()
    launched = np.full(60, np.nan)
    launched[0] = 59 * 86_400.0
    young = young_titles(train, launched)
    assert young[0]
    assert not young[1]
    assert young[25]


def test_figures_of_both_protocols_stand_beside_each_other() -> None:
    rolling = recall_figures(recalls())
    gains = dict.fromkeys(("recall_3x4_gain", "recall_3x4_gain_low", "recall_3x4_gain_high"), 0.5)
    single = {"stagewise": {"recall_3x4": 0.4, "diversity": 0.7}, **gains}
    joined = with_rolling(single, rolling)
    assert joined["stagewise"]["recall_3x4_T"] == 0.4
    assert joined["stagewise"]["diversity"] == 0.7
    assert joined["recall_3x4_gain"] == rolling["stagewise"]["recall_3x4_gain"]
    assert joined["recall_3x4_gain_T"] == 0.5
    assert "over_top_picks_low" in joined["stagewise"]
