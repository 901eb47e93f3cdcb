"""A ranker learns on whole queries, the same way every time."""

from dataclasses import replace

import numpy as np
import pytest

from conf.errors import Rejected
from conf.rankers import RankerSettings, ranker_settings
from models.rankers.lambdarank import Queries, contributions, fit_ranker, importances, score

QUICK = ranker_settings("top_picks").model_copy(
    update={"objective": "lambdarank", "trees": 20, "rows_in_leaf": 5, "models": 1}
)


def queries(seed: int, count: int = 60, size: int = 20) -> Queries:
    """Queries of `size` rows; the relevant ones are those with the largest first feature. Some values are unknown."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(count * size, 4)).astype(np.float32)
    best = matrix[:, 0].reshape(count, size).argsort(axis=1)[:, -3:]
    labels = np.zeros((count, size), np.int32)
    np.put_along_axis(labels, best, 1, axis=1)
    matrix[rng.random(matrix.shape) < 0.05] = np.nan
    return Queries(matrix, labels.ravel(), np.full(count, size))


def model_text(training: Queries, settings: RankerSettings = QUICK) -> str:
    return fit_ranker(training, settings).model_to_string()


def test_fit_learns_what_makes_a_row_relevant() -> None:
    later = queries(2)
    booster = fit_ranker(queries(1), QUICK)
    scores = score(booster, later.matrix).reshape(60, 20)
    top = scores.argsort(axis=1)[:, -3:]
    hits = np.take_along_axis(later.labels.reshape(60, 20), top, axis=1)
    assert hits.mean() > 0.8


def test_fit_twice_gives_the_same_bytes() -> None:
    assert model_text(queries(1)) == model_text(queries(1))


def test_trees_do_not_depend_on_the_number_of_threads() -> None:
    one, two = (model_text(queries(1), QUICK.model_copy(update={"threads": n})) for n in (1, 2))
    assert one.split("parameters:")[0] == two.split("parameters:")[0]


def test_another_seed_gives_another_model() -> None:
    assert model_text(queries(1)) != model_text(queries(1), QUICK.model_copy(update={"seed": 2}))


def test_validation_ends_training_early() -> None:
    settings = QUICK.model_copy(update={"trees": 400, "patience": 5})
    assert fit_ranker(queries(1), settings, valid=queries(2)).num_trees() < 400


@pytest.mark.parametrize("groups", [[20] * 59, [20] * 61, [0, *[20] * 60], [-20, 40, *[20] * 59]])
def test_rows_that_are_not_whole_queries_are_refused(groups: list[int]) -> None:
    with pytest.raises(ValueError, match="each to be above 0"):
        fit_ranker(replace(queries(1), groups=np.array(groups)), QUICK)


def test_rows_without_queries_are_refused() -> None:
    with pytest.raises(ValueError, match="groups of 0 rows"):
        fit_ranker(replace(queries(1), groups=None), QUICK)


def test_features_have_to_be_float32() -> None:
    training = queries(1)
    with pytest.raises(ValueError, match="float32"):
        fit_ranker(replace(training, matrix=training.matrix.astype(np.float64)), QUICK)


def test_training_rows_without_a_relevant_one_are_rejected() -> None:
    training = queries(1)
    with pytest.raises(Rejected, match="nothing to learn"):
        fit_ranker(replace(training, labels=np.zeros_like(training.labels)), QUICK)


def test_merged_boosters_score_the_sum_of_what_each_scores() -> None:
    training = queries(1)
    one, other, both = (
        fit_ranker(training, QUICK.model_copy(update=change))
        for change in ({}, {"seed": QUICK.seed + 1}, {"models": 2})
    )
    assert both.num_trees() == 40
    assert score(both, training.matrix) == pytest.approx(
        score(one, training.matrix) + score(other, training.matrix)
    )


def test_contributions_sum_to_the_score() -> None:
    training = queries(1)
    booster = fit_ranker(training, QUICK)
    assert contributions(booster, training.matrix).sum(axis=1) == pytest.approx(
        score(booster, training.matrix)
    )
    assert sum(importances(booster).values()) == pytest.approx(1)
    assert max(importances(booster), key=importances(booster).__getitem__) == "Column_0"


def test_a_position_that_draws_plays_is_not_taken_for_merit() -> None:
    """Rows at the first position are played more whatever they are; the second feature alone tells the position."""
    rng = np.random.default_rng(5)
    position = np.tile(np.arange(1, 11), 300)
    first = (position == 1).astype(np.float32)
    matrix = np.stack([rng.normal(size=3000), first], axis=1).astype(np.float32)
    labels = (matrix[:, 0] + 3 * first + rng.normal(size=3000) > 2).astype(np.int32)
    plain = Queries(matrix, labels, np.full(300, 10))
    biased, corrected = (
        importances(fit_ranker(training, QUICK))["Column_1"]
        for training in (plain, replace(plain, positions=position))
    )
    assert corrected < 0.85 * biased


def test_a_ranker_uses_the_features_that_it_does_not_leave_out() -> None:
    pvr = QUICK.model_copy(update={"without": ("_z", "_rank")})
    assert pvr.features(("ease", "ease_z", "ease_rank")) == ("ease",)
    assert QUICK.features(("ease", "ease_z")) == ("ease", "ease_z")
