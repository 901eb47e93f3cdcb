"""Scores of many rows by a LightGBM model, several times faster than it gives them, and equal to the last bit.

QuickScorer (Lucchese and others, SIGIR 2015): each tree keeps a mask of the leaves that can still be reached; a node
whose test sends a row to the right takes away the leaves on its left, in whatever order nodes are asked, and the exit
is the first leaf that is left. No branch hangs on data: a node asks a whole block of rows, in a loop that vectorises.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import lightgbm as lgb
import numba
import numpy as np
from numpy.typing import NDArray

import conf.compiled  # noqa: F401  (where compiled loops are kept)
from conf.errors import Rejected

Matrix = NDArray[np.float32]
Scorer = Callable[[Matrix], NDArray[np.float64]]
LEAVES = 64  # as many as a mask has bits
BLOCK = 128  # rows asked at once; with 32 and fewer the loops do not vectorise
ALL = np.uint64(2**64 - 1)
_SPREAD = np.uint64(0x03F79D71B4CB0A89)  # of de Bruijn: its 64 windows of six bits all differ
_PLACE = np.zeros(64, np.int64)
for _bit in range(64):
    _PLACE[(int(_SPREAD) << _bit) % 2**64 >> 58] = _bit


class LeafMasks(NamedTuple):
    """Trees as masks: tree t has the nodes first[t]:first[t + 1], and the values of its leaves from left to right."""

    first: NDArray[np.int64]  # (trees + 1,)
    feature: NDArray[np.int64]  # (nodes,)
    threshold: Matrix  # (nodes,) rows above it go to the right
    unknown_right: NDArray[np.bool_]  # (nodes,) whether rows without the feature do
    keep: NDArray[
        np.uint64
    ]  # (nodes,) the leaves that a row that goes to the right can still reach
    value: NDArray[np.float64]  # (trees, LEAVES)


def scorer(booster: lgb.Booster, proof: Matrix | None = None) -> Scorer:
    """What gives the raw scores (N,) of rows (N, F): masks, or the model itself where masks cannot hold it.

    `proof` are rows on which both have to give the same; where they do not, the model is not used.
    """
    native = partial(_by_the_model, booster)
    try:
        masks = leaf_masks(booster)
    except Rejected:
        return native
    if proof is not None and len(proof) and not np.array_equal(scores(masks, proof), native(proof)):
        raise Rejected(
            "ranker: its trees as masks score otherwise than the model does; score by the model itself"
        )
    return partial(scores, masks)


def _by_the_model(booster: lgb.Booster, rows: Matrix) -> NDArray[np.float64]:
    return np.asarray(booster.predict(rows, raw_score=True, num_threads=1), np.float64)


def leaf_masks(booster: lgb.Booster) -> LeafMasks:
    """The trees of a model with numeric features and at most LEAVES leaves a tree; anything else is rejected."""
    nodes: list[tuple[int, np.float32, bool, int]] = []
    first, values = [0], []
    for tree in booster.dump_model()["tree_info"]:
        if tree["num_leaves"] > LEAVES or tree["num_cat"]:
            raise Rejected(
                f"trees of more than {LEAVES} leaves, or that split by category, have no masks"
            )
        leaves: list[float] = []
        _planted(tree["tree_structure"], nodes, leaves)
        first.append(len(nodes))
        values.append(leaves + [0.0] * (LEAVES - len(leaves)))
    feature, threshold, unknown, taken = zip(*nodes, strict=True) if nodes else ((), (), (), ())
    keep = ALL ^ np.array(taken, np.uint64)
    numbers = np.array(feature, np.int64), np.array(threshold, np.float32), np.array(unknown, bool)
    return LeafMasks(np.array(first), *numbers, keep, np.array(values).reshape(-1, LEAVES))


def _planted(
    tree: dict[str, Any], nodes: list[tuple[int, np.float32, bool, int]], leaves: list[float]
) -> None:
    """Append the leaves of a tree from left to right, and its nodes with the leaves that each has on its left."""
    if "split_feature" not in tree:
        leaves.append(float(tree["leaf_value"]))
        return
    if tree["decision_type"] != "<=" or tree["missing_type"] == "Zero":
        raise Rejected("only splits of numeric features, in which zero is a number, have masks")
    begin = len(leaves)
    _planted(tree["left_child"], nodes, leaves)
    on_the_left = (1 << len(leaves)) - (1 << begin)
    _planted(tree["right_child"], nodes, leaves)
    threshold = float(tree["threshold"])
    # a feature that was always known in training counts as 0 where it is not known
    unknown_right = not tree["default_left"] if tree["missing_type"] == "NaN" else threshold < 0
    nodes.append((int(tree["split_feature"]), _rounded_down(threshold), unknown_right, on_the_left))


def _rounded_down(threshold: float) -> np.float32:
    """The greatest float32 that is not above: for a float32 the test says the same by it."""
    with np.errstate(over="ignore"):  # "anything known" is a threshold beyond every float32
        near = np.float32(threshold)
    return near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf))


def scores(masks: LeafMasks, rows: Matrix) -> NDArray[np.float64]:
    """Raw scores (N,) of rows (N, F): the sums over trees, in their order."""
    out = np.empty(len(rows))
    _fill(*masks, np.ascontiguousarray(rows, np.float32), _PLACE, out)
    return out


@numba.njit(cache=True)
def _fill(first, feature, threshold, unknown_right, keep, value, rows, place, out):  # type: ignore[no-untyped-def]
    block = np.zeros((rows.shape[1], BLOCK), np.float32)
    left, total = np.empty(BLOCK, np.uint64), np.empty(BLOCK)
    for start in range(0, len(rows), BLOCK):
        count = min(BLOCK, len(rows) - start)
        for row in range(count):
            for name in range(rows.shape[1]):
                block[name, row] = rows[start + row, name]
        total[:] = 0.0
        for tree in range(len(first) - 1):
            left[:] = ALL
            for node in range(first[tree], first[tree + 1]):
                _ask(block[feature[node]], threshold[node], unknown_right[node], keep[node], left)
            for row in range(BLOCK):
                lowest = left[row] & (~left[row] + np.uint64(1))
                total[row] += value[tree, place[(lowest * _SPREAD) >> np.uint64(58)]]
        out[start : start + count] = total[:count]


@numba.njit(cache=True)
def _ask(values, threshold, unknown_right, keep, left):  # type: ignore[no-untyped-def]
    """Take from the leaves that are left those which a node's test rules out, for each row of a block."""
    if unknown_right:
        for row in range(BLOCK):
            left[row] &= ALL if values[row] <= threshold else keep
    else:
        for row in range(BLOCK):
            left[row] &= keep if values[row] > threshold else ALL
