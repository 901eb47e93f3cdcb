"""A LightGBM model as flat arrays, so that compiled loops can score one row of features without leaving the loop."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from conf.compiled import inner_njit
from conf.errors import Rejected

NODE = np.dtype(
    [("feature", np.int64), ("threshold", np.float64), ("left", np.int64), ("right", np.int64)]
)
ABSENT = -1  # the column of a feature that rows no longer have


class Forest(NamedTuple):
    """Trees as nodes: a child of 0 or more is a node, one below is leaf -1 - child. `root` has each tree's first."""

    root: NDArray[np.int64]  # (trees,)
    nodes: NDArray[Any]  # (nodes,) of NODE: left where the feature is not above the threshold
    value: NDArray[np.float64]  # (leaves,)


def no_trees() -> Forest:
    """A forest that adds nothing to any score."""
    return Forest(np.zeros(0, np.int64), np.zeros(0, NODE), np.zeros(0))


def forest(booster: lgb.Booster) -> Forest:
    """The trees of a model with numeric features that are never missing; anything else is rejected.

    `forest_score` scores as the model's raw score does, to the last bits of a sum of doubles.
    """
    nodes: list[tuple[int, float, int, int]] = []
    leaves: list[float] = []
    roots = [
        _append_tree(tree["tree_structure"], nodes, leaves)
        for tree in booster.dump_model()["tree_info"]
    ]
    return Forest(np.array(roots, np.int64), np.array(nodes, NODE), np.array(leaves))


def _append_tree(
    tree: dict[str, Any], nodes: list[tuple[int, float, int, int]], leaves: list[float]
) -> int:
    """Append a tree below this node; the index of its root, or -1 - the index of its leaf."""
    if "split_feature" not in tree:
        leaves.append(float(tree["leaf_value"]))
        return -len(leaves)
    if tree["decision_type"] != "<=":
        raise Rejected(
            f"row model: a split by {tree['decision_type']!r}; only numeric features can be scored"
        )
    index = len(nodes)
    nodes.append((0, 0.0, 0, 0))
    left, right = (
        _append_tree(tree[side], nodes, leaves) for side in ("left_child", "right_child")
    )
    nodes[index] = (int(tree["split_feature"]), float(tree["threshold"]), left, right)
    return index


def renumbered(trees: Forest, index: Sequence[int]) -> Forest:
    """The trees for rows with other columns: feature f is in column index[f], or ABSENT and 0."""
    nodes = trees.nodes.copy()
    columns = np.array(index, np.int64)[nodes["feature"]]
    is_absent = columns == ABSENT
    goes_left = nodes["threshold"] >= 0
    nodes["feature"] = np.where(is_absent, 0, columns)
    nodes["threshold"][is_absent] = np.where(goes_left[is_absent], np.inf, -np.inf)
    return trees._replace(nodes=nodes)


@inner_njit()
def forest_score(trees: Forest, x: NDArray[np.float32]) -> float:
    """The sum of all trees for one row of features x (F,)."""
    total = 0.0
    for tree in range(len(trees.root)):
        node = trees.root[tree]
        while node >= 0:
            split = trees.nodes[node]
            node = split.left if x[split.feature] <= split.threshold else split.right
        total += trees.value[-1 - node]
    return total
