import numpy as np

from conf.artwork import artwork
from models.artwork.policy import Forest
from models.artwork.thompson import Rows
from models.artwork.trees import forest

SETTINGS = artwork().trees.model_copy(
    update={"trees": 20, "rows_in_leaf": 50, "draws": 3, "threads": 1}
)


def test_trees_find_which_theme_draws_whom_and_differ_by_their_members():
    rng = np.random.default_rng(0)
    traits = np.column_stack([np.ones(300), rng.choice([-1.0, 1.0], 300)]).astype(np.float32)
    member, theme, stands = (
        rng.integers(300, size=8000),
        rng.integers(2, size=8000),
        rng.random(8000),
    )
    fits = np.where(theme == 0, 1, -1) * traits[member, 1]
    taken = (rng.random(8000) < 0.1 + 0.15 * (fits > 0) * stands).astype(float)
    suits = np.zeros(8000)
    rows = Rows(member, theme, stands, suits, np.ones(8000), taken, np.full(8000, -2.0))
    found = forest(rows, member, traits, 2, 1, SETTINGS)
    told = Forest(found.models, 2).responses(
        np.array([[1, 1], [1, -1]], np.float32), np.zeros((2, 3), np.float32)
    )
    assert told.shape == (2, 3, 11, 3)
    strong = told[:, :2, 10].mean(axis=-1)
    assert strong[0, 0] > strong[0, 1] and strong[1, 1] > strong[1, 0]
    assert told[0, 0, 10].std() > 0  # the draws are of other members
