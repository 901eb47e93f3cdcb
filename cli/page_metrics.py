"""The metrics of stored pages by name. A metric is an entry of METRICS; what it may look at is in `Shown`."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conf.pages import Device
from experiments.metrics import page as metrics
from experiments.metrics.navigation import Navigation

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Shown:
    """Pages of p members as one device shows them, and what is known of members and titles."""

    grid: metrics.Grid  # (p, rows, columns) cut to the device
    kinds: NDArray[np.object_]  # (p, rows)
    free: frozenset[str]  # kinds whose titles may stand elsewhere as well
    before: metrics.Grid  # the day before, likewise; without cells where a member had no page
    relevant: NDArray[np.bool_]  # (p, t) what was played in the days after
    own: NDArray[np.float64]  # (p, g) genres of what was played before
    genres: NDArray[np.bool_]  # (t, g)
    fresh: NDArray[np.bool_]  # (t,) new to the service
    device: Device

    @property
    def eye(self) -> Navigation:
        """The declared navigation model of the device."""
        return Navigation(self.device.down, self.device.right)

    @property
    def screen(self) -> metrics.Grid:
        """The first screen."""
        return self.grid[:, : self.device.screen_rows, : self.device.screen_columns]

    @property
    def bound(self) -> metrics.Grid:
        """The first screen without rows that may repeat."""
        kept = ~np.isin(self.kinds[:, : self.device.screen_rows], list(self.free))
        return np.where(kept[:, :, None], self.screen, -1).astype(np.int32)


def new_share(shown: Shown) -> Values:
    """Share of the cells of the first screen whose titles are new to the service; nan without cells."""
    there = shown.screen >= 0
    new = there & shown.fresh[np.maximum(shown.screen, 0)]
    count = there.sum(axis=(1, 2))
    return np.where(count > 0, new.sum(axis=(1, 2)) / np.maximum(count, 1), np.nan)


METRICS: dict[str, Callable[[Shown], Values]] = {
    "recall_3x4": lambda s: metrics.page_recall(s.grid, s.relevant, 3, 4),
    "recall_6x6": lambda s: metrics.page_recall(s.grid, s.relevant, 6, 6),
    "ndcg_2d": lambda s: metrics.ndcg_2d(s.grid, s.relevant, s.eye),
    "err_2d": lambda s: metrics.err_2d(s.grid, s.relevant, s.eye),
    "diversity": lambda s: metrics.diversity(s.screen, s.genres.astype(np.float64)),
    "calibration_kl": lambda s: metrics.calibration_kl(s.screen, s.own, s.genres),
    "stability": lambda s: np.where(
        (s.before >= 0).any(axis=(1, 2)),
        metrics.page_stability(s.screen, s.before, len(s.fresh)),
        np.nan,
    ),
    "duplicates": lambda s: metrics.duplicates(s.bound).astype(np.float64),
    "new_share": new_share,
    "rows": lambda s: (s.grid >= 0).any(axis=2).sum(axis=1).astype(np.float64),
    "cells_per_row": lambda s: (
        (s.grid >= 0).sum(axis=(1, 2)) / np.maximum((s.grid >= 0).any(axis=2).sum(axis=1), 1)
    ),
}
