"""Boosted trees scored as cheaply as this machine can: the floor's own, apart from the product's.

Leaf masks (Lucchese and others, QuickScorer, SIGIR 2015), sixteen bits wide, a block of rows at a
time. The trees are grown here at random, with the depth and the count of trained ones.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.compiled import njit

LEAVES = 15
BLOCK = 256


class Forest(NamedTuple):
    """Trees as masks: of each node the column, threshold and the leaves that stay when it is passed."""

    column: NDArray[np.int32]  # (trees, LEAVES - 1)
    threshold: NDArray[np.float32]  # (trees, LEAVES - 1)
    stays: NDArray[np.uint16]  # (trees, LEAVES - 1) masks
    value: NDArray[np.float64]  # (trees, 16) of the leaves from left to right


def random_forest(trees: int, columns: int, seed: int) -> Forest:
    """Random trees of LEAVES leaves over columns that are evenly spread between 0 and 1."""
    rng = np.random.default_rng(seed)
    stays = np.empty((trees, LEAVES - 1), np.uint16)
    threshold = np.empty((trees, LEAVES - 1), np.float32)
    for tree in range(trees):
        splits = _splits(rng)
        for node, (low, middle, _) in enumerate(splits):
            stays[tree, node] = 0xFFFF ^ ((1 << middle) - (1 << low))
            threshold[tree, node] = rng.random()
    column = rng.integers(0, columns, (trees, LEAVES - 1)).astype(np.int32)
    return Forest(column, threshold, stays, rng.normal(size=(trees, 16)))


def _splits(rng: np.random.Generator) -> list[tuple[int, int, int]]:
    """The leaves [low, high) below each node of a random tree, and the first one on its right."""
    splits, below = [], [(0, LEAVES)]
    while below:
        low, high = below.pop()
        if high - low > 1:
            middle = int(rng.integers(low + 1, high))
            splits.append((low, middle, high))
            below += [(low, middle), (middle, high)]
    return splits


@njit()
def forest_scores(forest: Forest, rows: NDArray[np.float32], scores: NDArray[np.float64]) -> None:
    """Write the sum over trees for each row (N, F) into `scores` (N,)."""
    columns = rows.shape[1]
    block = np.zeros((columns, BLOCK), np.float32)
    mask = np.empty(BLOCK, np.uint16)
    leaf = np.empty(BLOCK, np.uint16)
    for start in range(0, len(rows), BLOCK):
        count = min(BLOCK, len(rows) - start)
        for row in range(count):
            for column in range(columns):
                block[column, row] = rows[start + row, column]
        scores[start : start + count] = 0.0
        for tree in range(len(forest.column)):
            mask[:] = np.uint16(0xFFFF)
            for node in range(forest.column.shape[1]):
                values = block[forest.column[tree, node]]
                threshold, stays = forest.threshold[tree, node], forest.stays[tree, node]
                for row in range(BLOCK):
                    mask[row] &= stays if values[row] > threshold else np.uint16(0xFFFF)
            for row in range(BLOCK):  # the lowest bit that is left, by how many bits are below it
                below = np.uint16((mask[row] & (~mask[row] + np.uint16(1))) - np.uint16(1))
                below = np.uint16(below - ((below >> 1) & 0x5555))
                below = np.uint16((below & 0x3333) + ((below >> 2) & 0x3333))
                below = np.uint16((below + (below >> 4)) & 0x0F0F)
                leaf[row] = np.uint16((below + (below >> 8)) & 0x1F)
            for row in range(count):
                scores[start + row] += forest.value[tree, leaf[row]]


def plain_scores(forest: Forest, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """The same by walking each tree node by node: what the masks are tested against."""
    total = np.zeros(len(rows))
    for tree in range(len(forest.column)):
        passed = rows[:, forest.column[tree]] > forest.threshold[tree]
        mask = np.full(len(rows), 0xFFFF, np.uint16)
        for node in range(passed.shape[1]):
            mask = np.where(passed[:, node], mask & forest.stays[tree, node], mask)
        leaf = [int(m & -m).bit_length() - 1 for m in mask.astype(int)]
        total += forest.value[tree, leaf]
    return total
