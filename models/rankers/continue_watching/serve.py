"""What pages ask the rankers of Continue Watching: how much each title is wanted, and whether the session goes on."""

from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np

from models.catalogue.arrays import Catalogue, Profiles
from models.rankers.continue_watching.features import FEATURES, MODE_FEATURES, begun, mode_matrix
from models.rankers.continue_watching.fit import FIRST, wishes
from models.rankers.package import Package, load


@dataclass(frozen=True)
class Resuming:
    """The promoted rankers of a moment, None where there is none; sent to the workers once."""

    order: Package | None
    mode: Package | None
    context: dict[str, float]  # of the day that the page is for

    def loaded(self) -> "Loaded":
        """The rankers ready to be asked; once in each worker."""
        order = None if self.order is None else load(self.order, FEATURES)
        mode = None if self.mode is None or order is None else load(self.mode, MODE_FEATURES)
        return Loaded(order, mode, self.context)


@dataclass(frozen=True)
class Loaded:
    """Rankers as boosters."""

    order: lgb.Booster | None
    mode: lgb.Booster | None
    context: dict[str, float]

    def asked(self, catalogue: Catalogue, profiles: Profiles) -> Profiles:
        """The profiles with `wish` and `p_continues`; as they were where no ranker serves."""
        if self.order is None:
            return profiles
        found = begun(catalogue, profiles, self.context)
        wish = np.full(len(profiles.title), np.nan, np.float32)
        probability = wishes(self.order, found.matrix) if len(found.entry) else np.zeros(0)
        wish[found.entry] = probability
        if self.mode is None:
            return replace(profiles, wish=wish)
        p_continues = np.zeros(profiles.size, np.float32)
        if len(found.entry):
            matrix = mode_matrix(found.matrix, found.starts, probability, FIRST)
            p_continues[found.profile[found.starts]] = np.asarray(
                self.mode.predict(matrix, num_threads=1)
            )
        return replace(profiles, wish=wish, p_continues=p_continues)
