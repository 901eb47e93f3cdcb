"""Scores of many rows by a LightGBM model, several times faster than it gives them, and equal to the last bit.

QuickScorer (Lucchese and others, SIGIR 2015): each tree keeps a mask of the leaves that can still be reached. A node
whose test sends a row to the right takes away the leaves on its left, in whatever order nodes are tested; the row's
leaf is the first one that remains. No branch hangs on data: a node tests a block of rows in a loop that vectorises.
Masks are as wide as the largest tree has leaves: with half the bits one instruction tests twice as many rows.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from conf.compiled import njit
from conf.errors import Rejected
from models.bits import lowest_bit

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
MASKS = NDArray[np.unsignedinteger[Any]]
FLAGS = NDArray[np.bool_]
Scorer = Callable[[F32], F64]
WIDTHS = (np.uint16, np.uint32, np.uint64)  # of masks
LEAVES = 64  # as many as the widest mask has bits
_few_rows: ContextVar[bool] = ContextVar("few_rows", default=False)
BLOCK = 512  # rows tested at once; with 32 and fewer the loops do not vectorise


class LeafMasks(NamedTuple):
    """Trees as masks: tree t has the nodes first[t]:first[t + 1], and the values of its leaves from left to right."""

    first: I64  # (trees + 1,)
    feature: I64  # (nodes,) column of the row
    threshold: F32  # (nodes,) rows above it go to the right
    unknown_right: FLAGS  # (nodes,) whether rows without the feature do
    reachable: MASKS  # (nodes,) the leaves that a row that goes to the right can still reach
    every_leaf: np.unsignedinteger[Any]  # a mask with all bits
    value: F64  # (trees, bits of a mask)


@dataclass(frozen=True)
class MaskScorer:
    """Trees as a function from rows (N, F) to raw scores (N,)."""

    masks: LeafMasks

    def __call__(self, rows: F32) -> F64:
        """The scores of the rows."""
        return scores_by_masks(self.masks, rows)


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
    if _few_rows.get():
        return by_the_model
    try:
        masks = leaf_masks(booster)
    except Rejected:
        return by_the_model
    by_masks = MaskScorer(masks)
    rows = np.zeros((0, 0), np.float32) if proof is None else proof
    if len(rows) and not np.array_equal(by_masks(rows), by_the_model(rows)):
        raise Rejected(
            "trees: as masks they score otherwise than the model does; score by the model itself"
        )
    return by_masks


@contextmanager
def few_rows() -> Iterator[None]:
    """Until the end of the block scorers are the models themselves: for the titles of one profile a
    model is done before its trees are masks.
    """
    token = _few_rows.set(True)
    try:
        yield
    finally:
        _few_rows.reset(token)


def _scores_by_model(booster: lgb.Booster, rows: F32) -> F64:
    return np.asarray(booster.predict(rows, raw_score=True, num_threads=1), np.float64)


def leaf_masks(booster: lgb.Booster) -> LeafMasks:
    """The trees of a model as masks.

    Raises:
        Rejected: a tree has more than LEAVES leaves, splits by category, or takes zero for unknown.
    """
    nodes: list[_Node] = []
    first = [0]
    values: list[list[float]] = []
    for tree in booster.dump_model()["tree_info"]:
        if tree["num_leaves"] > LEAVES or tree["num_cat"]:
            raise Rejected(
                f"trees of more than {LEAVES} leaves, or that split by category, have no masks"
            )
        leaves: list[float] = []
        _add_tree(tree["tree_structure"], nodes, leaves)
        first.append(len(nodes))
        values.append(leaves)
    width = _narrowest(max(map(len, values), default=0))
    every_leaf = np.iinfo(width).max
    value = np.zeros((len(values), int(every_leaf).bit_length()))
    for row, of_tree in zip(value, values, strict=True):
        row[: len(of_tree)] = of_tree
    return LeafMasks(
        first=np.array(first),
        feature=np.array([node.feature for node in nodes], np.int64),
        threshold=np.array([node.threshold for node in nodes], np.float32),
        unknown_right=np.array([node.unknown_right for node in nodes], bool),
        reachable=np.array([every_leaf ^ node.on_the_left for node in nodes], width),
        every_leaf=width(every_leaf),
        value=value,
    )


def _narrowest(leaves: int) -> type[np.unsignedinteger[Any]]:
    """The narrowest mask with a bit for each of so many leaves."""
    return next(width for width in WIDTHS if leaves <= np.iinfo(width).bits)


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
    _fill_scores(masks, np.ascontiguousarray(rows, np.float32), scores)
    return scores


def some_nodes(masks: LeafMasks, columns: I64) -> LeafMasks:
    """The same trees with the nodes alone whose feature f has a column, columns[f]; -1 for none."""
    column = columns[masks.feature]
    is_kept = column >= 0
    kept_before = np.append(0, np.cumsum(is_kept))
    return masks._replace(
        first=kept_before[masks.first],
        feature=column[is_kept],
        threshold=masks.threshold[is_kept],
        unknown_right=masks.unknown_right[is_kept],
        reachable=masks.reachable[is_kept],
    )


@njit()
def remaining_leaves(masks: LeafMasks, columns: F32) -> MASKS:
    """The leaves that rows, given as `columns` (F, N), leave of each tree: (blocks, trees, BLOCK)."""
    size, trees = columns.shape[1], len(masks.first) - 1
    remaining = np.empty((-(-size // BLOCK), trees, BLOCK), masks.reachable.dtype)
    block = np.zeros((len(columns), BLOCK), np.float32)
    for number in range(len(remaining)):
        start = number * BLOCK
        count = min(BLOCK, size - start)
        block[:, :count] = columns[:, start : start + count]
        for tree in range(trees):
            remaining[number, tree] = masks.every_leaf
            rule_out_leaves(masks, tree, block, remaining[number, tree])
    return remaining


@njit()
def _fill_scores(masks: LeafMasks, rows: F32, scores: F64) -> None:
    """Write the score of each row (N, F) into `scores` (N,), block by block."""
    columns = rows.shape[1]
    block = np.zeros((columns, BLOCK), np.float32)
    remaining = np.empty(BLOCK, masks.reachable.dtype)
    total = np.empty(BLOCK)
    for start in range(0, len(rows), BLOCK):
        count = min(BLOCK, len(rows) - start)
        for row in range(count):
            for column in range(columns):
                block[column, row] = rows[start + row, column]
        total[:] = 0.0
        for tree in range(len(masks.first) - 1):
            remaining[:] = masks.every_leaf
            rule_out_leaves(masks, tree, block, remaining)
            add_leaves(masks.value[tree], remaining, total)
        scores[start : start + count] = total[:count]


@njit()
def rule_out_leaves(masks: LeafMasks, tree: int, block: F32, remaining: MASKS) -> None:
    """Take from the remaining leaves (BLOCK,) those of a tree that a block of rows (F, BLOCK) cannot reach."""
    for node in range(masks.first[tree], masks.first[tree + 1]):
        _rule_out(
            block[masks.feature[node]],
            masks.threshold[node],
            masks.unknown_right[node],
            masks.reachable[node],
            masks.every_leaf,
            remaining,
        )


@njit()
def _rule_out(
    values: F32,
    threshold: np.float32,
    unknown_right: bool,
    reachable: np.unsignedinteger[Any],
    every_leaf: np.unsignedinteger[Any],
    remaining: MASKS,
) -> None:
    """Take from the remaining leaves (BLOCK,) those that a node's test of `values` (BLOCK,) rules out."""
    if unknown_right:
        for row in range(BLOCK):
            remaining[row] &= every_leaf if values[row] <= threshold else reachable
    else:
        for row in range(BLOCK):
            remaining[row] &= reachable if values[row] > threshold else every_leaf


@njit()
def add_leaves(value: F64, remaining: MASKS, total: F64) -> None:
    """Add to each total (BLOCK,) the value of the first remaining leaf (BLOCK,), whose place is taken by its index."""
    for row in range(BLOCK):
        remaining[row] = lowest_bit(remaining[row])  # type: ignore[call-arg]
    for row in range(BLOCK):
        total[row] += value[remaining[row]]
