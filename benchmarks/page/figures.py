"""Figures of built pages: from their records to the metrics of `experiments/metrics/page.py`."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.pages import Pages, pages
from conf.rows import Rows, rows
from experiments.metrics import page as metrics
from experiments.metrics.navigation import Navigation
from experiments.metrics.rates import rate_lift
from models.catalogue.arrays import Catalogue, Profiles
from models.page.layout.offer_batch import genre_mix, own_mix
from models.page.layout.row_model import RowModel

TEMPLATE, INDEPENDENT, STAGEWISE, ORACLE = "template", "independent", "stagewise", "oracle"
BUILDERS = (TEMPLATE, INDEPENDENT, STAGEWISE)
WORTH = RowModel("worth", None)
REPEATS = "duplicates_first_screens"
Ids = NDArray[np.object_] | tuple[str, ...]
MetricValues = dict[str, NDArray[np.float64]]  # by metric, one value for each page


@dataclass(frozen=True)
class BuiltPages:
    """Pages of the m profiles of one moment, and what they are evaluated by."""

    catalogue: Catalogue
    profiles: Profiles
    relevant: NDArray[np.bool_]  # (m, n) what each profile played in the held-out time
    rows: pa.Table  # records of `drafts`
    rows_before: pa.Table | None = None  # a day earlier, of profiles without plays in between

    def grid(self, page_rows: pa.Table, height: int, width: int) -> metrics.Grid:
        """Records of `drafts` as catalogue indices (m, height, width), -1 without a cell."""
        profile_ids, title_ids = self.profiles.profile_ids, self.catalogue.title_ids
        return page_grid(page_rows, profile_ids, title_ids, height, width)


def page_grid(
    page_rows: pa.Table, profile_ids: Ids, title_ids: Ids, height: int, width: int
) -> metrics.Grid:
    """Records of `drafts` as indices of titles (m, height, width) by profile, -1 without a cell."""
    cells = page_rows["cells"].combine_chunks()
    lengths = np.diff(cells.offsets.to_numpy())
    profile = _index_in(page_rows["profile_id"].combine_chunks(), profile_ids)
    title = _index_in(cells.flatten().field("title_id"), title_ids)
    profile_of_cell = np.repeat(profile, lengths)
    row = np.repeat(page_rows["row_position"].to_numpy(), lengths) - 1
    first_cell = np.repeat(np.cumsum(lengths) - lengths, lengths)
    column = np.arange(len(title)) - first_cell
    inside = (row < height) & (column < width)
    grid = np.full((len(profile_ids), height, width), -1, np.int32)
    grid[profile_of_cell[inside], row[inside], column[inside]] = title[inside]
    return grid


def page_metrics(built: BuiltPages) -> MetricValues:
    """Each metric of each profile's page, NaN where it is undefined.

    A profile without a page has an empty one.
    """
    layout, navigation = pages(), Navigation(*pages().attention)
    catalogue, relevant = built.catalogue, built.relevant
    grid = built.grid(built.rows, layout.rows, layout.columns)
    height, width = len(layout.screen), layout.lead
    screen = grid[:, :height, :width]
    genres = genre_mix(catalogue)
    taste = own_mix(built.profiles, genres).astype(np.float64)
    values = {
        "recall_3x4": metrics.page_recall(grid, relevant, 3, 4),
        "recall_6x6": metrics.page_recall(grid, relevant, 6, 6),
        "ndcg_2d": metrics.ndcg_2d(grid, relevant, navigation),
        "err_2d": metrics.err_2d(grid, relevant, navigation),
        "diversity": metrics.diversity(screen, genres.astype(np.float64)),
        "calibration_kl": metrics.calibration_kl(screen, taste, catalogue.genre_matrix),
        REPEATS: first_screen_repeats(built, layout, rows()),
    }
    if built.rows_before is not None:
        screen_before = built.grid(built.rows_before, height, width)
        stability = metrics.page_stability(screen, screen_before, catalogue.size)
        had_page = (screen_before >= 0).any(axis=(1, 2))
        values["stability"] = np.where(had_page, stability, np.nan)
    return values


def first_screen_repeats(built: BuiltPages, layout: Pages, kinds: Rows) -> NDArray[np.float64]:
    """Repeats in the union of the devices' first screens (m,), without rows that may repeat."""
    repeating = [name for name, kind in kinds.kinds.items() if kind.may_repeat]
    may_repeat = pc.is_in(built.rows["row_kind"], pa.array(repeating, pa.string()))
    page_rows = built.rows.filter(pc.invert(may_repeat))
    screen = built.grid(page_rows, len(layout.screen), layout.lead)
    for row, width in enumerate(layout.screen):
        screen[:, row, width:] = -1
    return metrics.duplicates(screen).astype(np.float64)


def metric_means(values: MetricValues) -> dict[str, float]:
    """The mean of each metric over the pages that have one; repeats are summed."""
    means = {name: metrics.mean_over_pages(of_pages).mean for name, of_pages in values.items()}
    means[REPEATS] = float(values[REPEATS].sum())
    return means


def relative_gain(
    name: str,
    values: NDArray[np.float64],
    baseline: NDArray[np.float64],
    cluster: NDArray[np.str_],
) -> dict[str, float]:
    """Gain of the mean of `values` (m,) over that of `baseline` (m,), both of the same pages.

    The interval is clustered by `cluster` (m,).
    """
    is_known = ~np.isnan(values) & ~np.isnan(baseline)
    both = np.concatenate([values[is_known], baseline[is_known]])
    arm = np.repeat(["ours", "theirs"], is_known.sum())
    clusters = np.tile(cluster[is_known], 2)
    gain = rate_lift(both, np.ones(len(both)), clusters, arm, "ours", "theirs")
    return gain.named(name)


def _index_in(values: pa.Array, ids: Ids) -> NDArray[np.integer]:
    return pc.index_in(values, pa.array(ids, pa.string())).to_numpy()
