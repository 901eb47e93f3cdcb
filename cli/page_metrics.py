"""The metrics that `frontrow metrics` has of published pages, by name.

A metric is a function in this file with the line `@metric(NAME)` above it: it takes `DevicePages`
and returns one value for each page, nan where it is not defined. That line is all it needs to be
measured by default, offered by `--metric` and listed by `--help`. Formulas that benches need as
well stand in `experiments/metrics/page.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conf.pages import Device
from experiments.metrics import page as formulas
from experiments.metrics.navigation import Navigation

Values = NDArray[np.float64]  # (p,)


@dataclass(frozen=True)
class DevicePages:
    """The pages of p profiles as one device shows them, and facts of the profiles and t titles."""

    grid: formulas.Grid  # (p, rows, columns) title numbers, -1 for no cell, cut to the device
    kinds: NDArray[np.object_]  # (p, rows) kind of each row, "" for no row
    repeatable: frozenset[str]  # kinds whose titles may stand elsewhere on the page as well
    day_before: formulas.Grid  # (p, screen rows, screen columns) without cells where no page was
    relevant: NDArray[
        np.bool_
    ]  # (p, t) titles that were played in the days after, for the first time
    played: NDArray[np.bool_]  # (p, t) the same, also those that had been played before
    own_genres: NDArray[np.float64]  # (p, g) plays by genre up to the day
    genres: NDArray[np.bool_]  # (t, g)
    new_titles: NDArray[np.bool_]  # (t,) new to the service
    device: Device

    @property
    def navigation(self) -> Navigation:
        """The declared navigation model of the device."""
        return Navigation(self.device.down, self.device.right)

    @property
    def first_screen(self) -> formulas.Grid:
        """The cells (p, screen rows, screen columns) that are seen without scrolling."""
        return self.grid[:, : self.device.screen_rows, : self.device.screen_columns]

    @property
    def unrepeatable_cells(self) -> formulas.Grid:
        """The first screen without the rows whose titles may stand elsewhere as well."""
        first_rows = self.kinds[:, : self.device.screen_rows]
        unrepeatable = ~np.isin(first_rows, list(self.repeatable))
        return np.where(unrepeatable[:, :, None], self.first_screen, -1).astype(np.int32)


Metric = Callable[[DevicePages], Values]
METRICS: dict[str, Metric] = {}


def metric(name: str) -> Callable[[Metric], Metric]:
    """The decorator that makes a function the metric of that name."""

    def register(function: Metric) -> Metric:
        """The function itself, now in METRICS."""
        METRICS[name] = function
        return function

    return register


@metric("recall_3x4")
def recall_of_three_rows(pages: DevicePages) -> Values:
    """Share of the titles played in the days after that stand in the first 3 rows x 4 cells."""
    return formulas.page_recall(pages.grid, pages.relevant, 3, 4)


@metric("recall_6x6")
def recall_of_six_rows(pages: DevicePages) -> Values:
    """Share of the titles played in the days after that stand in the first 6 rows x 6 cells."""
    return formulas.page_recall(pages.grid, pages.relevant, 6, 6)


@metric("ndcg_2d")
def ndcg_on_device(pages: DevicePages) -> Values:
    """Chance that titles played in the days after are seen, over that of the best page."""
    return formulas.ndcg_2d(pages.grid, pages.relevant, pages.navigation)


@metric("err_2d")
def err_on_device(pages: DevicePages) -> Values:
    """Chance that a look at the page ends at a title that was played in the days after."""
    return formulas.err_2d(pages.grid, pages.relevant, pages.navigation)


@metric("err_2d_all")
def err_of_all_plays(pages: DevicePages) -> Values:
    """Chance that a look at the page ends at a title played in the days after, new or again."""
    return formulas.err_2d(pages.grid, pages.played, pages.navigation)


@metric("diversity")
def genre_diversity(pages: DevicePages) -> Values:
    """How unlike in genres two titles of the first screen are: 1 - mean cosine."""
    return formulas.diversity(pages.first_screen, pages.genres.astype(np.float64))


@metric("calibration_kl")
def genre_calibration(pages: DevicePages) -> Values:
    """How far the first screen's genres are from those the profile played, in nats; 0 is equal."""
    return formulas.calibration_kl(pages.first_screen, pages.own_genres, pages.genres)


@metric("stability")
def first_screen_stability(pages: DevicePages) -> Values:
    """Titles of the first screen that were there the day before, over titles of either day."""
    title_count = len(pages.new_titles)
    stability = formulas.page_stability(pages.first_screen, pages.day_before, title_count)
    had_page = (pages.day_before >= 0).any(axis=(1, 2))
    return np.where(had_page, stability, np.nan)


@metric("duplicates")
def first_screen_duplicates(pages: DevicePages) -> Values:
    """Cells of the first screen whose title stands there before, though its row may not repeat."""
    return formulas.duplicates(pages.unrepeatable_cells).astype(np.float64)


@metric("new_share")
def new_title_share(pages: DevicePages) -> Values:
    """Share of the cells of the first screen whose titles are new to the service."""
    has_title = pages.first_screen >= 0
    is_new = has_title & pages.new_titles[np.maximum(pages.first_screen, 0)]
    cells = has_title.sum(axis=(1, 2))
    new_cells = is_new.sum(axis=(1, 2))
    return np.where(cells > 0, new_cells / np.maximum(cells, 1), np.nan)


@metric("rows")
def row_count(pages: DevicePages) -> Values:
    """Rows that have a cell."""
    has_cell = (pages.grid >= 0).any(axis=2)
    return has_cell.sum(axis=1).astype(np.float64)


@metric("cells_per_row")
def mean_row_length(pages: DevicePages) -> Values:
    """Cells over the rows that have one; 0 for an empty page."""
    cells = (pages.grid >= 0).sum(axis=(1, 2))
    rows = (pages.grid >= 0).any(axis=2).sum(axis=1)
    return cells / np.maximum(rows, 1)
