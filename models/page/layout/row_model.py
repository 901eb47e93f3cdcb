"""The row model: what trees add to the worth of a row's head, learned from what was played."""

from dataclasses import dataclass
from functools import cached_property

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from conf.errors import Rejected
from conf.pages import RowModelSettings
from conf.rows import Rows
from models.page.layout.row_features import FEATURES, WORTH
from models.page.layout.training_rows import TrainingRows
from models.page.layout.trees import ABSENT, Forest, forest, no_trees, renumbered
from models.rankers.lambdarank import Queries, grown_trees
from models.rankers.package import Package, load
from models.rankers.promotion import RANKER

KIND = "kind_"  # of the features that say which kind a row is of
WORTH_ALONE = "worth"  # the name of the model that no tree adds anything to


@dataclass(frozen=True)
class RowModel:
    """Trees that score rows, and their name on pages; without a package no tree adds anything."""

    name: str
    package: Package | None

    def trees(self, features: tuple[str, ...]) -> Forest:
        """The trees, with their splits by these features.

        Kinds of row may have come and gone since: a row of one that the trees do not know is scored
        by what all kinds share, as a row of no kind.

        Raises:
            Rejected: they were trained on other features than these, kinds of row aside.
        """
        if self.package is None or self.package.feature_names == features:
            return self._forest
        known = self.package.feature_names
        if _shared(known) != _shared(features):
            difference = sorted(set(_shared(known)) ^ set(_shared(features)))
            raise Rejected(
                f"row model {self.name}: its features are not those of this version's rows:"
                f" {difference or 'the same in another order'}; train again"
            )
        return renumbered(self._forest, [_index(features, name) for name in known])

    def unknown_kinds(self, features: tuple[str, ...]) -> list[str]:
        """The kinds of row among the features that the trees do not know."""
        if self.package is None:
            return []
        unknown = [name for name in features if name not in self.package.feature_names]
        return [name.removeprefix(KIND) for name in unknown]

    @cached_property
    def _forest(self) -> Forest:
        """The trees as arrays, loaded once in each process after their probe rows agree."""
        return no_trees() if self.package is None else forest(load(self.package))


def names(kinds: Rows) -> tuple[str, ...]:
    """The features of a row model, in order: FEATURES and one for each kind of row."""
    return (*FEATURES, *(f"{KIND}{name}" for name in kinds.kinds))


def _shared(features: tuple[str, ...]) -> tuple[str, ...]:
    """The features that rows of every kind have."""
    return tuple(name for name in features if not name.startswith(KIND))


def _index(features: tuple[str, ...], name: str) -> int:
    return features.index(name) if name in features else ABSENT


def row_trees(examples: TrainingRows, settings: RowModelSettings, kinds: Rows) -> lgb.Booster:
    """Trees fitted to how much was played from each row: 0 or 1, or a sum of discounted plays.

    The loss is Poisson's, with the worth of the head, scaled to each profile, as the offset: the
    score is log(worth) + trees, so that trees learn only what neither worth nor the profile's
    appetite says.
    """
    offset = _log_worth(examples, settings.prior)
    queries = Queries(examples.x, examples.played, weights=examples.weight, offset=offset)
    return grown_trees(queries, _parameters(settings), settings.trees, names(kinds))


def profile_scales(examples: TrainingRows, prior: float) -> NDArray[np.float64]:
    """Plays over worth of the profile of each training row (N,), drawn towards that of all.

    The pull is `prior` times the mean worth of a profile. Worth has no scale of its own, and some
    profiles play more than others.
    """
    count = int(examples.profile.max()) + 1
    weighted_worth = np.exp(examples.x[:, WORTH].astype(np.float64)) * examples.weight
    plays = np.bincount(examples.profile, examples.played * examples.weight, count)
    worth = np.bincount(examples.profile, weighted_worth, count)
    overall = max(1e-12, plays.sum()) / worth.sum()
    pull = prior * worth.mean()
    scale: NDArray[np.float64] = (plays + overall * pull) / (worth + pull)
    return scale[examples.profile]


def _log_worth(examples: TrainingRows, prior: float) -> NDArray[np.float64]:
    """log of the worth of each row's head (N,), scaled to its profile."""
    worth = np.exp(examples.x[:, WORTH].astype(np.float64))
    log_worth: NDArray[np.float64] = np.log(worth * profile_scales(examples, prior))
    return log_worth


def _parameters(settings: RowModelSettings) -> dict[str, object]:
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


def row_model_deviances(
    examples: TrainingRows, settings: RowModelSettings, kinds: Rows
) -> dict[str, NDArray[np.float64]]:
    """Poisson deviance of each row (N,) with trees and by worth alone, cross-fitted over profiles.

    The trees of each fold are fitted on the other folds. The deviance is
    2 * (y log(y / m) - y + m); m is worth times each profile's scale, and with trees
    times their exp.
    """
    fold = examples.profile % settings.folds
    worth_alone = _log_worth(examples, settings.prior)
    with_trees = worth_alone.copy()
    for index in range(settings.folds):
        outside = fold != index
        inside = fold == index
        if inside.any() and examples.played[outside].any():
            trees = row_trees(examples.where(outside), settings, kinds)
            with_trees[inside] += np.asarray(trees.predict(examples.x[inside], raw_score=True))
    return {
        RANKER: _deviance(examples, with_trees),
        WORTH_ALONE: _deviance(examples, worth_alone),
    }


def _deviance(examples: TrainingRows, log_mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Poisson deviance of the plays of each row (N,) from its mean."""
    plays = examples.played
    mean = np.exp(log_mean)
    log_plays = np.log(np.maximum(plays, 1e-12))
    surprise = np.where(plays > 0, plays * (log_plays - log_mean), 0)
    deviance: NDArray[np.float64] = 2 * (surprise - plays + mean)
    return deviance
