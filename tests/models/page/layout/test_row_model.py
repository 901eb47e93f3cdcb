"""What trees add to worth, and whether they may serve."""

import numpy as np
import pytest

from conf.errors import Rejected
from conf.pages import pages
from conf.rows import rows
from models.page.layout.row_features import COUNT, WORTH
from models.page.layout.row_model import (
    WORTH_ALONE,
    RowModel,
    names,
    profile_scales,
    row_model_deviances,
    row_trees,
)
from models.page.layout.training_rows import TrainingRows
from models.rankers.package import pack
from models.rankers.promotion import RANKER
from tests.models.page.layout.test_trees import all_grown

SETTINGS = pages().lessons.model_copy(
    update={"rows_in_leaf": 5, "weight_in_leaf": 0.1, "trees": 30, "leaves": 4}
)
KINDS = list(rows().kinds)


def training_rows(profiles: int = 60, better: str = "trending", seed: int = 3) -> TrainingRows:
    """Each profile met every kind of row twice; one kind is played three times as often as its worth says."""
    rng = np.random.default_rng(seed)
    size = profiles * len(KINDS) * 2
    kind = np.tile(np.arange(len(KINDS)), profiles * 2)
    x = np.zeros((size, COUNT + len(KINDS)), np.float32)
    x[:, WORTH] = rng.normal(-2.5, 0.5, size)
    x[np.arange(size), COUNT + kind] = 1
    mean = np.exp(x[:, WORTH]) * np.where(np.array(KINDS)[kind] == better, 3, 1)
    return TrainingRows(
        x,
        rng.poisson(mean).astype(float),
        np.ones(size),
        np.repeat(np.arange(profiles), len(KINDS) * 2),
        np.zeros(size, int),
    )


def test_trees_learn_what_worth_does_not_say() -> None:
    examples = training_rows()
    added = row_trees(examples, SETTINGS, rows()).predict(examples.x, raw_score=True)
    trending = examples.x[:, COUNT + KINDS.index("trending")] > 0
    assert added[trending].mean() - added[~trending].mean() > 0.5


def test_trees_are_judged_on_profiles_they_have_not_seen() -> None:
    deviances = row_model_deviances(training_rows(300), SETTINGS, rows())
    assert deviances[RANKER].mean() < deviances[WORTH_ALONE].mean()
    assert len(deviances[RANKER]) == 300 * 2 * len(KINDS)
    without_signal = row_model_deviances(training_rows(300, better="none"), SETTINGS, rows())
    assert without_signal[RANKER].mean() > without_signal[WORTH_ALONE].mean() - 0.002


def test_worth_is_scaled_to_each_profiles_appetite() -> None:
    x = np.zeros((4, COUNT), np.float32)  # worth 1 each
    examples = TrainingRows(
        x, np.array([1.0, 1.0, 0.0, 0.0]), np.ones(4), np.array([0, 0, 1, 1]), np.zeros(4, int)
    )
    # all: 2 plays for a worth of 4; a profile's mean worth is 2; with a prior of half of it, 1:
    # (2 + .5 * 1) / (2 + 1) for the first, (0 + .5 * 1) / (2 + 1) for the second
    assert profile_scales(examples, 0.5) == pytest.approx([2.5 / 3, 2.5 / 3, 0.5 / 3, 0.5 / 3])


def test_same_rows_give_the_same_trees_byte_by_byte() -> None:
    examples = training_rows()
    assert (
        row_trees(examples, SETTINGS, rows()).model_to_string()
        == row_trees(examples, SETTINGS, rows()).model_to_string()
    )


def test_model_of_other_features_is_rejected() -> None:
    examples = training_rows()
    model = RowModel("rows-1", pack(row_trees(examples, SETTINGS, rows()), examples.x))
    assert len(model.trees(names(rows())).root) == SETTINGS.trees
    with pytest.raises(Rejected, match="train again"):
        model.trees(names(rows())[1:])


def test_kind_that_came_or_went_since_the_training_breaks_nothing() -> None:
    """Rows of an unknown kind are scored as rows of no kind; the others as before."""
    examples = training_rows()
    model = RowModel("rows-1", pack(row_trees(examples, SETTINGS, rows()), examples.x))
    features = names(rows())
    fresh = (*features[:COUNT], "kind_brand_new", *features[COUNT:-1])  # and the last kind is gone
    trees, before = model.trees(fresh), model.trees(features)
    row = examples.x[0].copy()
    moved = np.concatenate([row[:COUNT], [0], row[COUNT:-1]]).astype(np.float32)
    assert all_grown(trees, moved[None]) == all_grown(before, row[None])
    of_no_kind = np.concatenate([row[:COUNT], np.zeros(len(KINDS))]).astype(np.float32)
    brand_new = of_no_kind.copy()
    brand_new[COUNT] = 1
    assert all_grown(trees, brand_new[None]) == all_grown(before, of_no_kind[None])
    assert model.unknown_kinds(fresh) == ["brand_new"] and model.unknown_kinds(features) == []


def test_without_a_package_nothing_is_added() -> None:
    assert len(RowModel("worth", None).trees(names(rows())).root) == 0
