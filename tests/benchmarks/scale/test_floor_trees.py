import numpy as np

from benchmarks.scale.floor_trees import LEAVES, forest_scores, plain_scores, random_forest


def test_masks_score_as_trees_walked_node_by_node():
    rng = np.random.default_rng(3)
    forest = random_forest(9, 6, 4)
    rows = rng.random((700, 6), np.float32)  # more than a block, and not a whole number of them
    scores = np.empty(len(rows))
    forest_scores(forest, rows, scores)
    assert np.array_equal(scores, plain_scores(forest, rows))
    assert len(np.unique(scores)) > 100


def test_every_leaf_of_a_tree_can_be_reached():
    forest = random_forest(1, 3, 5)
    assert len(forest.column[0]) == LEAVES - 1
    always = forest._replace(threshold=np.full_like(forest.threshold, -1))
    never = forest._replace(threshold=np.full_like(forest.threshold, 2))
    rows = np.full((1, 3), 0.5, np.float32)
    assert plain_scores(never, rows) == forest.value[0, 0]
    assert plain_scores(always, rows) == forest.value[0, LEAVES - 1]
