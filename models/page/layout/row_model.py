"""The row model: what trees add to the worth of a row's head, learned from what was played."""

from dataclasses import dataclass
from functools import cached_property

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from conf.errors import Rejected
from conf.pages import Lessons as Settings
from conf.rows import Rows
from models.page.layout.row_features import FEATURES, WORTH
from models.page.layout.training_rows import TrainingRows
from models.page.layout.trees import Forest, forest, no_trees
from models.rankers.lambdarank import Queries, grown_trees
from models.rankers.package import Package, load

WORTH_ALONE = "worth"  # the name of the model that no tree adds anything to


@dataclass(frozen=True)
class RowModel:
    """Trees, and the name under which pages say who chose their rows. Without a package no tree adds anything."""

    name: str
    package: Package | None

    def trees(self, features: tuple[str, ...]) -> Forest:
        """The trees, which have to be of these features."""
        if self.package is not None and self.package.feature_names != features:
            odd = sorted({*self.package.feature_names} ^ {*features}) or "the same in another order"
            raise Rejected(
                f"row model {self.name}: its features are not those of this version's rows: {odd}; train again"
            )
        return self._proved

    @cached_property
    def _proved(self) -> Forest:
        """Loaded once in each process, after proof."""
        return no_trees() if self.package is None else forest(load(self.package))


def names(kinds: Rows) -> tuple[str, ...]:
    """The features of a row model, in order: FEATURES and one for each kind of row."""
    return (*FEATURES, *(f"kind_{name}" for name in kinds.kinds))


def fitted(lessons: TrainingRows, settings: Settings, kinds: Rows) -> lgb.Booster:
    """Trees for rows of which so much was played: 0 or 1, or a sum of discounted plays.

    Poisson's loss with the worth of the head, scaled to each profile, as the offset: the score is log(worth) + trees,
    and trees have to tell only what neither worth nor the profile's appetite does.
    """
    offset = np.log(
        np.exp(lessons.x[:, WORTH].astype(np.float64)) * scales(lessons, settings.prior)
    )
    examples = Queries(lessons.x, lessons.played, weights=lessons.weight, offset=offset)
    return grown_trees(examples, _parameters(settings), settings.trees, names(kinds))


def scales(lessons: TrainingRows, prior: float) -> NDArray[np.float64]:
    """Plays over worth of each lesson's profile (N,), drawn towards that of all by `prior` times the mean worth of one.

    Worth has no scale of its own, and some profiles play more than others.
    """
    count = int(lessons.profile.max()) + 1
    worth = np.exp(lessons.x[:, WORTH].astype(np.float64)) * lessons.weight
    played = np.bincount(lessons.profile, lessons.played * lessons.weight, count)
    worths = np.bincount(lessons.profile, worth, count)
    overall, more = max(1e-12, played.sum()) / worths.sum(), prior * worths.mean()
    scale: NDArray[np.float64] = (played + overall * more) / (worths + more)
    return scale[lessons.profile]


def _parameters(settings: Settings) -> dict[str, object]:
    return {
        "objective": "poisson",
        "num_leaves": settings.leaves,
        "learning_rate": settings.learning_rate,
        "min_sum_hessian_in_leaf": settings.weight_in_leaf,
        "min_data_in_leaf": settings.rows_in_leaf,
        "lambda_l2": settings.ridge,
        "seed": settings.seed,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "metric": "None",
        "verbosity": -1,
    }


def judged(lessons: TrainingRows, settings: Settings, kinds: Rows) -> dict[str, float]:
    """Mean Poisson deviance of rows of profiles whose lessons were not learned from, with trees and by worth alone.

    2 * (y log(y / m) - y + m), weighted; m is worth times each profile's scale, and with trees times their exp.
    """
    fold = lessons.profile % settings.folds
    offset = np.log(
        np.exp(lessons.x[:, WORTH].astype(np.float64)) * scales(lessons, settings.prior)
    )
    told = offset.copy()
    for one in range(settings.folds):
        rest, mine = fold != one, fold == one
        if mine.any() and lessons.played[rest].any():
            told[mine] += np.asarray(
                fitted(lessons.where(rest), settings, kinds).predict(
                    lessons.x[mine], raw_score=True
                )
            )
    return {
        "row_model_deviance": _deviance(lessons, told),
        "worth_deviance": _deviance(lessons, offset),
        "rows": float(len(lessons.x)),
        "played": float(lessons.played.sum()),
    }


def _deviance(lessons: TrainingRows, log_mean: NDArray[np.float64]) -> float:
    y, mean = lessons.played, np.exp(log_mean)
    each = 2 * (np.where(y > 0, y * (np.log(np.maximum(y, 1e-12)) - log_mean), 0) - y + mean)
    return float(np.average(each, weights=lessons.weight))
