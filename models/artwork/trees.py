"""LightGBM in place of the linear beliefs: one model for each draw, each on members drawn with replacement."""

import lightgbm as lgb
import numpy as np

from conf.artwork import TreeSettings
from models.artwork.pictures import INTS
from models.artwork.policy import Forest
from models.artwork.profile_features import F32
from models.artwork.thompson import Rows


def forest(
    rows: Rows, cluster: INTS, traits: F32, themes: int, seed: int, settings: TreeSettings
) -> Forest:
    """One model for each draw; features are those of `Forest`, the offset is given.

    How often a member is drawn is Poisson with mean 1 (Oza and Russell, Online Bagging and Boosting, AISTATS 2001), so
    that the models differ as much as their members leave open.
    """
    matrix = np.column_stack([traits[rows.member], rows.theme, rows.suits, rows.represents]).astype(
        np.float32
    )
    features = np.vstack([matrix, matrix[rows.successes > 0]])
    label = np.concatenate([np.zeros(len(matrix)), np.ones(int(np.sum(rows.successes > 0)))])
    offset = np.concatenate([rows.offset, rows.offset[rows.successes > 0]])
    data = lgb.Dataset(
        features,
        label,
        init_score=offset,
        categorical_feature=[traits.shape[1]],
        free_raw_data=False,
    )
    data.params = {"verbosity": -1, "num_threads": settings.threads}
    rng, texts = np.random.default_rng(seed), []
    for draw in range(settings.draws):
        luck = rng.poisson(1.0, int(cluster.max(initial=0)) + 1)[cluster].astype(np.float64)
        weights = np.concatenate(
            [(rows.trials - rows.successes) * luck, (rows.successes * luck)[rows.successes > 0]]
        )
        data.set_weight(weights)
        texts.append(
            lgb.train(_parameters(settings, seed + draw), data, settings.trees).model_to_string()
        )
    return Forest(tuple(texts), themes)


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
