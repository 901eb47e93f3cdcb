"""A ranker learns on whole queries, the same way every time."""

import numpy as np
import pytest

from conf.errors import Rejected
from conf.rankers import RankerSettings, ranker_settings
from models.rankers.lambdarank import Queries, contributions, fit, groups_of, importances, score

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


def trained(given: Queries, settings: RankerSettings = QUICK) -> str:
    return fit(given.matrix, given.labels, given.groups, settings).model_to_string()


def test_fit_learns_what_makes_a_row_relevant() -> None:
    train, later = queries(1), queries(2)
    booster = fit(train.matrix, train.labels, train.groups, QUICK)
    scores = score(booster, later.matrix).reshape(60, 20)
    top = np.take_along_axis(later.labels.reshape(60, 20), scores.argsort(axis=1)[:, -3:], axis=1)
    assert top.mean() > 0.8


def test_fit_twice_gives_the_same_bytes() -> None:
    assert trained(queries(1)) == trained(queries(1))


def test_trees_do_not_depend_on_the_number_of_threads() -> None:
    one, two = (trained(queries(1), QUICK.model_copy(update={"threads": n})) for n in (1, 2))
    assert one.split("parameters:")[0] == two.split("parameters:")[0]


def test_another_seed_gives_another_model() -> None:
    assert trained(queries(1)) != trained(queries(1), QUICK.model_copy(update={"seed": 2}))


def test_validation_ends_training_early() -> None:
    train, valid = queries(1), queries(2)
    settings = QUICK.model_copy(update={"trees": 400, "patience": 5})
    assert fit(train.matrix, train.labels, train.groups, settings, valid).num_trees() < 400


@pytest.mark.parametrize("groups", [[20] * 59, [20] * 61, [0, *[20] * 60], [-20, 40, *[20] * 59]])
def test_rows_that_are_not_whole_queries_are_refused(groups: list[int]) -> None:
    given = queries(1)
    with pytest.raises(ValueError, match="each to be above 0"):
        fit(given.matrix, given.labels, np.array(groups), QUICK)


def test_features_have_to_be_float32() -> None:
    given = queries(1)
    with pytest.raises(ValueError, match="float32"):
        fit(given.matrix.astype(np.float64), given.labels, given.groups, QUICK)


def test_training_rows_without_a_relevant_one_are_rejected() -> None:
    given = queries(1)
    with pytest.raises(Rejected, match="nothing to learn"):
        fit(given.matrix, np.zeros_like(given.labels), given.groups, QUICK)


def test_queries_out_of_order_are_refused() -> None:
    assert groups_of(np.array([0, 0, 4])).tolist() == [2, 1]
    with pytest.raises(ValueError, match="sorted"):
        groups_of(np.array([0, 1, 0]))


def test_merged_boosters_score_the_sum_of_what_each_scores() -> None:
    given = queries(1)
    one, other, both = (
        fit(given.matrix, given.labels, given.groups, QUICK.model_copy(update=change))
        for change in ({}, {"seed": QUICK.seed + 1}, {"models": 2})
    )
    assert both.num_trees() == 40
    assert score(both, given.matrix) == pytest.approx(
        score(one, given.matrix) + score(other, given.matrix)
    )


def test_contributions_sum_to_the_score() -> None:
    given = queries(1)
    booster = fit(given.matrix, given.labels, given.groups, QUICK)
    assert contributions(booster, given.matrix).sum(axis=1) == pytest.approx(
        score(booster, given.matrix)
    )
    assert sum(importances(booster).values()) == pytest.approx(1)
    assert max(importances(booster), key=importances(booster).__getitem__) == "Column_0"


def test_a_place_that_draws_plays_is_not_taken_for_merit() -> None:
    """Rows at the first place are played more whatever they are; the second feature alone tells the place."""
    rng = np.random.default_rng(5)
    place = np.tile(np.arange(1, 11), 300)
    first = (place == 1).astype(np.float32)
    matrix = np.stack([rng.normal(size=3000), first], axis=1).astype(np.float32)
    labels = (matrix[:, 0] + 3 * first + rng.normal(size=3000) > 2).astype(np.int32)
    groups = np.full(300, 10)
    plain, corrected = (
        fit(matrix, labels, groups, QUICK, positions=places) for places in (None, place)
    )
    assert importances(corrected)["Column_1"] < 0.85 * importances(plain)["Column_1"]


def test_a_ranker_uses_the_features_that_it_does_not_leave_out() -> None:
    pvr = QUICK.model_copy(update={"without": ("_z", "_rank")})
    assert pvr.features(("ease", "ease_z", "ease_rank")) == ("ease",)
    assert QUICK.features(("ease", "ease_z")) == ("ease", "ease_z")
