"""Trees in place of linear beliefs."""

import numpy as np

from conf.artwork import artwork_settings
from models.artwork.policy import TreeBeliefs
from models.artwork.thompson import RegressionRows
from models.artwork.trees import fit_trees

SETTINGS = artwork_settings().trees.model_copy(
    update={"trees": 20, "rows_in_leaf": 50, "draws": 3, "threads": 1}
)
SIZE = 8000


def test_trees_learn_which_theme_suits_whom_and_differ_by_their_profiles():
    rng = np.random.default_rng(0)
    features = np.column_stack([np.ones(300), rng.choice([-1.0, 1.0], 300)]).astype(np.float32)
    profile = rng.integers(300, size=SIZE)
    theme = rng.integers(2, size=SIZE)
    representativeness = rng.random(SIZE)
    fits = np.where(theme == 0, 1, -1) * features[profile, 1]
    success = rng.random(SIZE) < 0.1 + 0.15 * (fits > 0) * representativeness
    rows = RegressionRows(
        feature_row=profile,
        theme=theme,
        representativeness=representativeness,
        suits=np.zeros(SIZE),
        trials=np.ones(SIZE),
        successes=success.astype(float),
        offset=np.full(SIZE, -2.0),
    )
    beliefs = fit_trees(rows, profile, features, themes=2, seed=1, settings=SETTINGS)
    two_profiles = np.array([[1, 1], [1, -1]], np.float32)
    responses = TreeBeliefs(beliefs.packages, 2).responses(
        two_profiles, np.zeros((2, 3), np.float32)
    )
    assert responses.shape == (2, 3, 11, 3)
    strongest = responses[:, :2, 10].mean(axis=-1)
    assert strongest[0, 0] > strongest[0, 1] and strongest[1, 1] > strongest[1, 0]
    assert responses[0, 0, 10].std() > 0  # each draw has other profiles
