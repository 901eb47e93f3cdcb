"""Scores of many rows by a LightGBM model, several times faster than it gives them, and equal to the last bit.

QuickScorer (Lucchese and others, SIGIR 2015): each tree keeps a mask of the leaves that can still be reached. A node
whose test sends a row to the right takes away the leaves on its left, in whatever order nodes are tested; the row's
leaf is the first one that remains. No branch hangs on data: a node tests a block of rows in a loop that vectorises.
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

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]
FLAGS = NDArray[np.bool_]
Scorer = Callable[[F32], F64]
LEAVES = 64  # as many as a mask has bits
BLOCK = 128  # rows tested at once; with 32 and fewer the loops do not vectorise
ALL_LEAVES = np.uint64(2**64 - 1)
ONE = np.uint64(1)
DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)  # its 64 windows of six bits all differ
WINDOW = np.uint64(58)  # bits to the right of the first window


def _bit_indices() -> I64:
    """The index (64,) of the one bit that is set, by the window of the de Bruijn sequence times that bit."""
    indices = np.zeros(LEAVES, np.int64)
    for bit in range(LEAVES):
        product = (int(DE_BRUIJN) << bit) % 2**64
        indices[product >> int(WINDOW)] = bit
    return indices


BIT_INDEX = _bit_indices()


class LeafMasks(NamedTuple):
    """Trees as masks: tree t has the nodes first[t]:first[t + 1], and the values of its leaves from left to right."""

    first: I64  # (trees + 1,)
    feature: I64  # (nodes,) column of the row
    threshold: F32  # (nodes,) rows above it go to the right
    unknown_right: FLAGS  # (nodes,) whether rows without the feature do
    reachable: U64  # (nodes,) the leaves that a row that goes to the right can still reach
    value: F64  # (trees, LEAVES)


class _Node(NamedTuple):
    feature: int
    threshold: np.float32
    unknown_right: bool
    on_the_left: int  # mask of the leaves


def scorer(booster: lgb.Booster, proof: F32 | None = None) -> Scorer:
    """A function from rows (N, F) to raw scores (N,): by masks, or by the model itself where masks cannot hold it.

    Raises:
        Rejected: masks and model score some of the rows `proof` differently.
    """
    by_the_model = partial(_scores_by_model, booster)
    try:
        masks = leaf_masks(booster)
    except Rejected:
        return by_the_model
    by_masks = partial(scores_by_masks, masks)
    rows = np.zeros((0, 0), np.float32) if proof is None else proof
    if len(rows) and not np.array_equal(by_masks(rows), by_the_model(rows)):
        raise Rejected(
            "ranker: its trees as masks score otherwise than the model does; "
            "score by the model itself"
        )
    return by_masks


def _scores_by_model(booster: lgb.Booster, rows: F32) -> F64:
    return np.asarray(booster.predict(rows, raw_score=True, num_threads=1), np.float64)


def leaf_masks(booster: lgb.Booster) -> LeafMasks:
    """The trees of a model as masks.

    Raises:
        Rejected: a tree has more than LEAVES leaves, splits by category, or takes zero for unknown.
    """
    nodes: list[_Node] = []
    first = [0]
    values = []
    for tree in booster.dump_model()["tree_info"]:
        if tree["num_leaves"] > LEAVES or tree["num_cat"]:
            raise Rejected(
                f"trees of more than {LEAVES} leaves, or that split by category, have no masks"
            )
        leaves: list[float] = []
        _add_tree(tree["tree_structure"], nodes, leaves)
        first.append(len(nodes))
        padding = [0.0] * (LEAVES - len(leaves))
        values.append(leaves + padding)
    on_the_left = np.array([node.on_the_left for node in nodes], np.uint64)
    return LeafMasks(
        first=np.array(first),
        feature=np.array([node.feature for node in nodes], np.int64),
        threshold=np.array([node.threshold for node in nodes], np.float32),
        unknown_right=np.array([node.unknown_right for node in nodes], bool),
        reachable=ALL_LEAVES ^ on_the_left,
        value=np.array(values).reshape(-1, LEAVES),
    )


def _add_tree(tree: dict[str, Any], nodes: list[_Node], leaves: list[float]) -> None:
    """Append the leaves of a tree from left to right, and its nodes with the leaves that each has on its left."""
    if "split_feature" not in tree:
        leaves.append(float(tree["leaf_value"]))
        return
    if tree["decision_type"] != "<=" or tree["missing_type"] == "Zero":
        raise Rejected("only splits of numeric features, in which zero is a number, have masks")
    begin = len(leaves)
    _add_tree(tree["left_child"], nodes, leaves)
    on_the_left = (1 << len(leaves)) - (1 << begin)
    _add_tree(tree["right_child"], nodes, leaves)
    threshold = float(tree["threshold"])
    if tree["missing_type"] == "NaN":
        unknown_right = not tree["default_left"]
    else:  # a feature that was always known in training counts as 0 where it is not known
        unknown_right = threshold < 0
    feature = int(tree["split_feature"])
    nodes.append(_Node(feature, _rounded_down(threshold), unknown_right, on_the_left))


def _rounded_down(threshold: float) -> np.float32:
    """The greatest float32 that is not above: for a float32 the test says the same by it."""
    with np.errstate(over="ignore"):  # "anything known" is a threshold beyond every float32
        near = np.float32(threshold)
    return near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf))


def scores_by_masks(masks: LeafMasks, rows: F32) -> F64:
    """Raw scores (N,) of rows (N, F): the sums over trees, in their order."""
    scores = np.empty(len(rows))
    _fill_scores(masks, np.ascontiguousarray(rows, np.float32), BIT_INDEX, scores)
    return scores


@numba.njit(cache=True)
def _fill_scores(masks: LeafMasks, rows: F32, bit_index: I64, scores: F64) -> None:
    """Write the score of each row (N, F) into `scores` (N,), block by block."""
    columns = rows.shape[1]
    block = np.zeros((columns, BLOCK), np.float32)
    remaining = np.empty(BLOCK, np.uint64)
    total = np.empty(BLOCK)
    for start in range(0, len(rows), BLOCK):
        count = min(BLOCK, len(rows) - start)
        for row in range(count):
            for column in range(columns):
                block[column, row] = rows[start + row, column]
        total[:] = 0.0
        for tree in range(len(masks.first) - 1):
            remaining[:] = ALL_LEAVES
            for node in range(masks.first[tree], masks.first[tree + 1]):
                _test_block(
                    block[masks.feature[node]],
                    masks.threshold[node],
                    masks.unknown_right[node],
                    masks.reachable[node],
                    remaining,
                )
            for row in range(BLOCK):
                lowest = remaining[row] & (~remaining[row] + ONE)
                leaf = bit_index[(lowest * DE_BRUIJN) >> WINDOW]
                total[row] += masks.value[tree, leaf]
        scores[start : start + count] = total[:count]


@numba.njit(cache=True)
def _test_block(
    values: F32, threshold: np.float32, unknown_right: bool, reachable: np.uint64, remaining: U64
) -> None:
    """Take from the remaining leaves (BLOCK,) those which a node's test rules out, for each row of a block."""
    if unknown_right:
        for row in range(BLOCK):
            remaining[row] &= ALL_LEAVES if values[row] <= threshold else reachable
    else:
        for row in range(BLOCK):
            remaining[row] &= reachable if values[row] > threshold else ALL_LEAVES
