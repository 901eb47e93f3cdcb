"""A promise beside the builders: the stagewise page with one title promised, what it keeps and what it costs.

The title is the newest of the catalogue, which few would see by themselves; it is promised to a
share of all profiles. A silly winner would show it to everybody: what it takes from the play rate
stands beside it, and how many more than were promised.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from benchmarks.page.figures import STAGEWISE
from benchmarks.page.world_day import WorldDay
from conf.promises import Promise, promises
from conf.rankers import ROW_MODEL
from experiments.metrics.arms import ArmSums
from models.page.layout.row_model import RowModel
from models.page.maker import PageMaker
from models.page.price_search import PricedPromise, priced_promises, sample_of
from models.rankers.package import ServingRanker

PROMISED = "promised"
SHARE = 0.25  # of all profiles, to which the title is promised
SCREEN = 3  # rows, and cells of each, that every device shows first


class PromisedDay(NamedTuple):
    """The pages of a day with a promise, and to how many profiles they and those without show the title."""

    page_rows: pa.Table
    priced: PricedPromise
    reach: int
    reach_without: int


def promised_day(today: WorldDay, model: RowModel, stagewise: pa.Table) -> PromisedDay:
    """The day's stagewise pages made again with the promise; `stagewise` are those without it."""
    features = today.stage.features
    promise = Promise(
        title_id=_newest_title(today),
        profiles=int(np.ceil(SHARE * features.num_rows)),
        from_ds=date.min,
        until_ds=date.max,
    )
    maker = _with_model(today.stage.maker, model)
    sample = sample_of(maker, features, features.num_rows, {PROMISED: promise})
    (priced,) = priced_promises(sample, {PROMISED: promise}, promises())
    priced_maker = maker.priced([priced.as_price])
    parts = [priced_maker.pages(*batch) for batch in priced_maker.asked([features])]
    page_rows = pa.concat_tables(parts)
    reach, without = (_reach(rows, promise.title_id) for rows in (page_rows, stagewise))
    return PromisedDay(page_rows, priced, reach, without)


def promise_figures(days: Sequence[PromisedDay], sums: dict[str, ArmSums]) -> dict[str, float]:
    """The share of days on which the promise was kept, its reach, and what each measure lost by it."""
    figures: dict[str, float] = {
        "kept_share": float(np.mean([day.reach >= day.priced.promise.profiles for day in days])),
        "promised": sum(day.priced.promise.profiles for day in days),
        "reach": sum(day.reach for day in days),
        "reach_without": sum(day.reach_without for day in days),
        "price": float(np.mean([day.priced.price for day in days])),
    }
    for measure, of_measure in sums.items():
        figures |= of_measure.rate(PROMISED).named(measure)
        figures |= of_measure.gain(PROMISED, STAGEWISE).named(f"{measure}_gain")
    return figures


def _newest_title(today: WorldDay) -> str:
    """The title that was launched last, of equal ones the first."""
    ages = np.nan_to_num(today.catalogue.features["title_launch_age_days"], nan=np.inf)
    return str(today.catalogue.title_ids[np.argmin(np.where(ages < 0, np.inf, ages))])


def _with_model(maker: PageMaker, model: RowModel) -> PageMaker:
    """The maker with the row model of the bench."""
    own = ServingRanker(model.package, model.name)
    return replace(maker, rankers={**maker.rankers, ROW_MODEL: own})


def _reach(page_rows: pa.Table, title_id: str) -> int:
    """How many profiles have the title on the screen that every device shows first, read off the pages."""
    columns = ("profile_id", "row_position", "cells")
    return len(
        {
            profile_id
            for profile_id, position, cells in zip(
                *(page_rows[name].to_pylist() for name in columns), strict=True
            )
            if position <= SCREEN and title_id in [cell["title_id"] for cell in cells[:SCREEN]]
        }
    )
