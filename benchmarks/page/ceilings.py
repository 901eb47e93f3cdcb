"""The best order of the rows that a day offers, by the world's true means: a ceiling for each measure.

Offers, rules and the code that places rows are those of every builder; only the worth of a title
is not the ranker's but what a look at it is truly worth for the measure. A greedy order by means is
not the best that there is, but no builder knows as much.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.page.world_day import WorldDay
from conf.pages import pages
from conf.rows import rows
from models.page.build import allowed_kinds, placed_by_worth
from models.page.layout.offer_batch import offer_batch
from models.page.records import PageOrigin, page_records
from models.page.rows.offers import offers
from simulator.worths import Worths, expected_worths

CEILING = "ceiling"
MEASURES = Worths._fields


def ceiling_pages(today: WorldDay) -> dict[str, pa.Table]:
    """By measure, the pages of all profiles in the best order for it, as records of `drafts`."""
    stage = today.stage
    states = stage.states.sort_by("index")
    worths = expected_worths(
        stage.world, stage.settings, stage.day, states.select(["index", "state"])
    )
    profile_ids = states["profile_id"].to_numpy()
    row_of_profile = {name: row for row, name in enumerate(profile_ids)}
    column = _columns(today, stage.world.title_ids)
    parts: dict[str, list[pa.Table]] = {measure: [] for measure in MEASURES}
    for number, (profiles, _) in enumerate(today.batches):
        row = [row_of_profile[name] for name in profiles.profile_ids]
        for measure, worth in zip(MEASURES, worths, strict=True):
            of_batch = np.ascontiguousarray(worth[row][:, column])
            parts[measure].append(_best_order(today, number, of_batch))
    return {measure: pa.concat_tables(of_measure) for measure, of_measure in parts.items()}


def _columns(today: WorldDay, title_ids: tuple[str, ...]) -> NDArray[np.int64]:
    """(n,) the world's index of each title of the catalogue."""
    index = {title_id: number for number, title_id in enumerate(title_ids)}
    return np.array([index[title_id] for title_id in today.catalogue.title_ids], np.int64)


def _best_order(today: WorldDay, batch: int, worth: NDArray[np.float32]) -> pa.Table:
    """The pages of one batch of profiles by the worth (m, n) of titles."""
    (profiles, scores), maker, layout = today.batches[batch], today.stage.maker, pages()
    catalogue, kinds = today.catalogue, allowed_kinds(rows(), layout, maker.ranker_id)
    candidates = offers(catalogue, profiles, scores, maker.near, kinds, layout)
    found = offer_batch(catalogue, profiles, scores, candidates, kinds, layout)
    found.offers["competes"] = True
    page = placed_by_worth(found._replace(worth=worth), kinds, layout)
    return page_records(catalogue, profiles, candidates, page, kinds, PageOrigin("truth", CEILING))
