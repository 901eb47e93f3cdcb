"""LightGBM in place of linear beliefs: one model for each draw, on resampled profiles."""

import lightgbm as lgb
import numpy as np

from conf.artwork import TreeSettings
from models.artwork.policy import TreeBeliefs
from models.artwork.pools import INTS
from models.artwork.profile_features import F32
from models.artwork.thompson import RegressionRows
from models.rankers.package import pack


def fit_trees(
    rows: RegressionRows,
    profile: INTS,
    features: F32,
    themes: int,
    seed: int,
    settings: TreeSettings,
) -> TreeBeliefs:
    """One model for each draw on the inputs of `TreeBeliefs`, added to the rows' offsets.

    `profile` (N,) is each row's profile. A profile counts Poisson(1) times in a draw (Oza and
    Russell, Online Bagging and Boosting, AISTATS 2001), so that models differ as much as their
    profiles leave open.
    """
    inputs = _inputs(rows, features)
    data = _dataset(rows, inputs, settings)
    profiles = int(profile.max(initial=0)) + 1
    rng = np.random.default_rng(seed)
    packages = []
    for draw in range(settings.draws):
        repeats = rng.poisson(1.0, profiles)[profile].astype(np.float64)
        failures = (rows.trials - rows.successes) * repeats
        successes = rows.successes * repeats
        data.set_weight(np.concatenate([failures, successes[rows.successes > 0]]))
        booster = lgb.train(_parameters(settings, seed + draw), data, settings.trees)
        packages.append(pack(booster, inputs))
    return TreeBeliefs(tuple(packages), themes)


def _inputs(rows: RegressionRows, features: F32) -> F32:
    """What trees see of each row: features of its profile, theme, suit, representativeness."""
    of_profile = features[rows.feature_row]
    inputs = np.column_stack([of_profile, rows.theme, rows.suits, rows.representativeness])
    return inputs.astype(np.float32)


def _dataset(rows: RegressionRows, inputs: F32, settings: TreeSettings) -> lgb.Dataset:
    """Every row as a failure, and the rows with successes once more as such.

    Weights are to be set.
    """
    is_success = rows.successes > 0
    label = np.concatenate([np.zeros(len(inputs)), np.ones(int(np.sum(is_success)))])
    theme_column = inputs.shape[1] - 3  # before suit and representativeness
    data = lgb.Dataset(
        np.vstack([inputs, inputs[is_success]]),
        label,
        init_score=np.concatenate([rows.offset, rows.offset[is_success]]),
        categorical_feature=[theme_column],
        free_raw_data=False,
    )
    data.params = {"verbosity": -1, "num_threads": settings.threads}
    return data


def _parameters(settings: TreeSettings, seed: int) -> dict[str, object]:
    return {
        "objective": "binary",
        "num_leaves": settings.leaves,
        "learning_rate": settings.learning_rate,
        "min_data_in_leaf": settings.rows_in_leaf,
        "lambda_l2": settings.ridge,
        "boost_from_average": False,
        "seed": seed,
        "num_threads": settings.threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
