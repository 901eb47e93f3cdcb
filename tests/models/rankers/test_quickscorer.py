"""Trees as masks give what the model gives, to the last bit, whatever is not known of a row."""

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conf.errors import Rejected
from models.rankers.quickscorer import (
    BLOCK,
    MaskScorer,
    few_rows,
    leaf_masks,
    scorer,
    scores_by_masks,
)

WIDTH = 4


def rows(seed: int, size: int, unknown: float = 0.2) -> np.ndarray:
    """Numbers, some of them equal to each other; the last column is always known in training."""
    rng = np.random.default_rng(seed)
    values = rng.integers(-4, 5, (size, WIDTH)).astype(np.float32) / 2
    values[:, :3][rng.random((size, 3)) < unknown] = np.nan
    return values


def small_model(seed: int = 1, trees: int = 12, **more: object) -> lgb.Booster:
    x = rows(seed, 600)
    noise = np.random.default_rng(seed).normal(size=len(x))
    y = (np.nan_to_num(x[:, 0], nan=1.0) + x[:, 3] + noise > x[:, 3] ** 2 / 2).astype(float)
    options = {
        "objective": "binary",
        "num_leaves": 15,
        "verbosity": -1,
        "min_data_in_leaf": 3,
        "seed": seed,
    } | more
    return lgb.train(options, lgb.Dataset(x, y), trees)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 99),
    leaves=st.integers(2, 64),
    size=st.sampled_from([1, BLOCK - 1, BLOCK, 3 * BLOCK + 5]),
)
def test_masks_score_as_the_model_does_to_the_last_bit(seed: int, leaves: int, size: int) -> None:
    booster = small_model(seed, num_leaves=leaves)
    table = rows(seed + 1, size)
    table[::3, 3] = np.nan  # never unknown in training
    assert np.array_equal(scorer(booster)(table), booster.predict(table, raw_score=True))


def test_a_few_rows_are_scored_by_the_model_itself_and_the_same() -> None:
    booster, table = small_model(), rows(2, 9)
    with few_rows():
        by_the_model = scorer(booster)
    by_masks = scorer(booster)
    assert isinstance(by_masks, MaskScorer) and not isinstance(by_the_model, MaskScorer)
    assert np.array_equal(by_the_model(table), by_masks(table))


def test_thresholds_between_floats_fall_on_the_right_side() -> None:
    """LightGBM compares doubles; the greatest float32 that is not above a threshold says the same of float32 rows."""
    booster, threshold = small_model(trees=1, num_leaves=2), np.float32(0.1)
    text = booster.model_to_string()
    at = text.index("threshold=")
    end = text.index(chr(10), at)
    changed = lgb.Booster(
        model_str=text[:at] + "threshold=0.1" + text[end:]
    )  # between 0.1f and the float before it
    around = np.array([np.nextafter(threshold, np.float32(0)), threshold], np.float32)
    table = np.repeat(around[:, None], WIDTH, axis=1)
    scores = scores_by_masks(leaf_masks(changed), table)
    assert np.array_equal(scores, changed.predict(table, raw_score=True))
    assert scores[0] != scores[1]


def test_a_tree_of_one_leaf_and_no_rows() -> None:
    flat = small_model(min_data_in_leaf=600)
    assert np.array_equal(scorer(flat)(rows(1, 5)), flat.predict(rows(1, 5), raw_score=True))
    assert scorer(small_model())(rows(1, 0)).shape == (0,)


def test_a_model_that_masks_cannot_hold_scores_by_itself() -> None:
    large = small_model(num_leaves=80, min_data_in_leaf=1, min_sum_hessian_in_leaf=0)
    table = rows(3, 40)
    with pytest.raises(Rejected, match="64 leaves"):
        leaf_masks(large)
    assert np.array_equal(scorer(large)(table), large.predict(table, raw_score=True))


def test_masks_that_score_otherwise_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "models.rankers.quickscorer.scores_by_masks", lambda masks, table: np.zeros(len(table))
    )
    with pytest.raises(Rejected, match="score otherwise"):
        scorer(small_model(), rows(1, 8))


@pytest.mark.parametrize(("leaves", "bits"), [(15, 16), (16, 16), (17, 32), (33, 64), (64, 64)])
def test_masks_are_as_wide_as_the_largest_tree(leaves: int, bits: int) -> None:
    booster = small_model(num_leaves=leaves, min_data_in_leaf=1, min_sum_hessian_in_leaf=0)
    masks = leaf_masks(booster)
    assert (masks.reachable.dtype.itemsize * 8, masks.value.shape) == (bits, (12, bits))
    table = rows(leaves, BLOCK + 1)
    assert np.array_equal(scores_by_masks(masks, table), booster.predict(table, raw_score=True))
