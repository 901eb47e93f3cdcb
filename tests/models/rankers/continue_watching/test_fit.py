"""The rankers of Continue Watching on made-up days whose probabilities are known."""

import numpy as np
import pytest

from conf.resumes import ResumeSettings
from models.rankers.continue_watching.features import FEATURES
from models.rankers.continue_watching.fit import (
    DAYS,
    RECENCY,
    ResumeSample,
    continuation_rows,
    fit_continuation,
    fit_resume_order,
    judge_continuation,
    judge_resume_order,
    look_probabilities,
    rows_to_learn_from,
)
from models.rankers.lambdarank import score

SETTINGS = ResumeSettings(
    cuts=4, judged_cuts=2, profiles_per_cut=9999, least_shown=50, down=0.9, right=0.8
)
SHARE = FEATURES.index("resume_share")


def days(count: int, shown: bool = True, seed: int = 1) -> ResumeSample:
    """Three titles each day, newest first; whoever looks at one goes on with it if it is half watched, mostly."""
    rng = np.random.default_rng(seed)
    rows = 3 * count
    matrix = np.zeros((rows, len(FEATURES)), np.float32)
    place = np.tile([1.0, 2.0, 3.0], count)
    matrix[:, RECENCY], matrix[:, DAYS], matrix[:, SHARE] = (
        place,
        place,
        rng.choice([0.1, 0.5], rows),
    )
    looked = rng.random(rows) < 0.8 ** (place - 1)
    label = (looked & (rng.random(rows) < np.where(matrix[:, SHARE] == 0.5, 0.5, 0.1))).astype(
        np.int64
    )
    first = label * (np.cumsum(label.reshape(-1, 3), axis=1).ravel() == 1)
    column = place.astype(np.float32) if shown else np.full(rows, np.nan, np.float32)
    position = np.ones(rows, np.float32) if shown else column
    query = np.repeat(np.arange(count), 3)
    return ResumeSample(
        matrix, label, first, label, position, column, query, query, query * 8 // count
    )


def test_order_learns_what_is_wanted_and_beats_recency() -> None:
    booster = fit_resume_order(days(1500), SETTINGS)
    half, hardly = np.zeros((2, len(FEATURES)), np.float32)
    half[SHARE], hardly[SHARE], half[[RECENCY, DAYS]], hardly[[RECENCY, DAYS]] = 0.5, 0.1, 3, 1
    later, sooner = score(booster, np.stack([half, hardly]))
    assert later > 2 * sooner  # although it was always shown to the right of it
    found = judge_resume_order(booster, days(800, seed=2), SETTINGS).metrics
    assert found["ranker_mrr"] > found["recency_mrr"] + 0.1


def test_weights_undo_that_later_columns_are_seen_less() -> None:
    sample = days(4)
    sample.label[:] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    booster = fit_resume_order(days(300), SETTINGS)
    found = judge_resume_order(booster, sample, SETTINGS).metrics
    # ranks 1 and 3 by recency; the play in the third column stands for 1 / .64
    assert found["recency_mrr"] == pytest.approx((1 + (1 / 3) / 0.64) / (1 + 1 / 0.64))


def test_continuation_tells_more_than_a_constant_rate() -> None:
    earlier, later = days(1500), days(800, seed=3)
    order = fit_resume_order(earlier, SETTINGS)
    continuation = fit_continuation(continuation_rows(earlier, SETTINGS))
    found = judge_continuation(continuation, order, later, 0.5)
    assert found.figures["ranker"] < found.figures["constant rate"]
    assert found.queries == 800 and found.windows == 8


def test_what_was_not_in_view_or_stood_behind_a_play_teaches_nothing() -> None:
    sample = days(60)
    sample.column_position[:6] = [1, 2, 3, np.nan, 2, 3]
    sample.row_label[:6] = [0, 1, 0, 0, 0, 0]
    assert rows_to_learn_from(sample, SETTINGS).column_position[:4].tolist() == [1, 2, 2, 3]
    few = SETTINGS.model_copy(
        update={"least_shown": 61}
    )  # too little was in view: every title begun teaches
    assert len(rows_to_learn_from(sample, few).label) == 180


def test_eye_comes_down_and_to_the_right() -> None:
    sample = days(1)
    sample.row_position[:] = [1, 1, 3]
    assert look_probabilities(sample, SETTINGS) == pytest.approx([1, 0.8, 0.9**2 * 0.8**2])
