"""The figures of pages that builders made: from their records to the metrics of `experiments/metrics/page.py`."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.pages import Pages, pages
from conf.rows import Rows, rows
from experiments.metrics import page as metrics
from experiments.metrics.navigation import Navigation
from experiments.metrics.rates import Rate, rate_lift
from models.catalogue.arrays import Catalogue, Profiles
from models.page.layout.offer_batch import genre_mix, own_mix
from models.page.layout.row_model import RowModel

TEMPLATE, INDEPENDENT, STAGEWISE, ORACLE = "template", "independent", "stagewise", "oracle"
BUILDERS = (TEMPLATE, INDEPENDENT, STAGEWISE)
WORTH = RowModel("worth", None)
Values = dict[str, NDArray[np.float64]]  # by metric, one value for each page


@dataclass(frozen=True)
class Judged:
    """Pages of the profiles of one moment, what each played in the time held out, and pages of a day before."""

    catalogue: Catalogue
    profiles: Profiles
    relevant: NDArray[np.bool_]  # (m, n)
    made: pa.Table  # records of `drafts`
    before: pa.Table | None = None  # of the profiles that did nothing in between


def measured(judged: Judged) -> Values:
    """Each metric of each profile's page, nan where it cannot be told; a profile without a page has an empty one."""
    layout, eye = pages(), Navigation(*pages().eye)
    whole = grid_of(judged.made, judged.profiles, judged.catalogue, layout.rows, layout.columns)
    m, n = len(layout.screen), layout.lead
    mix = genre_mix(judged.catalogue).astype(np.float64)
    own = own_mix(judged.profiles, genre_mix(judged.catalogue)).astype(np.float64)
    found = {
        "recall_3x4": metrics.page_recall(whole, judged.relevant, 3, 4),
        "recall_6x6": metrics.page_recall(whole, judged.relevant, 6, 6),
        "ndcg_2d": metrics.ndcg_2d(whole, judged.relevant, eye),
        "err_2d": metrics.err_2d(whole, judged.relevant, eye),
        "diversity": metrics.diversity(whole[:, :m, :n], mix),
        "calibration_kl": metrics.calibration_kl(
            whole[:, :m, :n], own, judged.catalogue.genre_matrix
        ),
        "duplicates_first_screens": in_view_repeats(judged, layout, rows()),
    }
    if judged.before is not None:
        then = grid_of(judged.before, judged.profiles, judged.catalogue, m, n)
        told = metrics.page_stability(whole[:, :m, :n], then, judged.catalogue.size)
        found["stability"] = np.where((then >= 0).any(axis=(1, 2)), told, np.nan)
    return found


def grid_of(
    made: pa.Table, profiles: Profiles, catalogue: Catalogue, m: int, n: int
) -> metrics.Grid:
    """Records of `drafts` as a grid (p, m, n) of catalogue indices in the order of the profiles."""
    place = pc.index_in(
        made["profile_id"].combine_chunks(), pa.array(profiles.profile_ids, pa.string())
    ).to_numpy()
    position, cells = made["row_position"].to_numpy(), made["cells"].combine_chunks()
    length = np.diff(cells.offsets.to_numpy())
    title = pc.index_in(
        cells.flatten().field("title_id"), pa.array(catalogue.title_ids, pa.string())
    ).to_numpy()
    row, column = (
        np.repeat(position, length) - 1,
        np.arange(len(title)) - np.repeat(np.cumsum(length) - length, length),
    )
    inside = (row < m) & (column < n)
    grid = np.full((profiles.size, m, n), -1, np.int32)
    grid[np.repeat(place, length)[inside], row[inside], column[inside]] = title[inside]
    return grid


def in_view_repeats(judged: Judged, layout: Pages, kinds: Rows) -> NDArray[np.float64]:
    """Repeats in the union of the devices' first screens of each page, rows that may repeat left out."""
    free = [name for name, kind in kinds.kinds.items() if kind.may_repeat]
    bound = judged.made.filter(
        pc.invert(pc.is_in(judged.made["row_kind"], pa.array(free, pa.string())))
    )
    view = grid_of(bound, judged.profiles, judged.catalogue, len(layout.screen), layout.lead)
    for row, width in enumerate(layout.screen):
        view[:, row, width:] = -1
    return metrics.duplicates(view).astype(np.float64)


def means(values: Values) -> dict[str, float]:
    """The mean of each metric over the pages that have one; repeats are summed."""
    found = {name: metrics.mean_over_pages(each).mean for name, each in values.items()}
    return found | {"duplicates_first_screens": float(values["duplicates_first_screens"].sum())}


def gain(
    name: str, ours: NDArray[np.float64], theirs: NDArray[np.float64], cluster: NDArray[np.str_]
) -> dict[str, float]:
    """Relative gain of the mean of `ours` over that of `theirs` for the same pages, clustered, with its interval."""
    known = ~np.isnan(ours) & ~np.isnan(theirs)
    both = np.concatenate([ours[known], theirs[known]])
    arm = np.repeat(["ours", "theirs"], known.sum())
    found: Rate = rate_lift(
        both, np.ones(len(both)), np.tile(cluster[known], 2), arm, "ours", "theirs"
    )
    return found.named(name)
