"""What a moment favours: heads of rows and the first rows of a page in the order of their odds at
this moment.
"""
# Tested by tests/models/page/online/test_assemble.py.

import numpy as np
from numpy.typing import NDArray

from conf.nearline import Place, nearline_settings
from models.page.online.catalogue_view import CatalogueView
from models.page.online.lifts import context_moments
from models.page.online.stored_page import I64, StoredPage, StoredRow

VISIT_AT = "visit_at"  # the column of updates: the moment of the visit that a page was built for
ORDER_SAID = "popularity"  # the order whose rows say which titles come first
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


def rows_in_context(
    page: StoredPage, country: str, view: CatalogueView, at_s: float, device: str | None
) -> list[StoredRow]:
    """Heads of rows, and the first rows, in the order of the log odds of their positions plus their
    lift.

    The odds of a position fall as (position + shift)^-power (`place` of conf/nearline.yaml). Titles do
    not leave the head of their row, so no title comes twice that did not before. Rows in which a
    title was drawn stay as they were drawn, rows that say in which order they are keep it, and a
    row of titles to continue stays where it is.
    """
    settings = nearline_settings().context
    if not view.lifts or not settings.strength:
        return page.rows
    lift = settings.strength * _lift_of_cells(page, country, view, at_s, device)
    propensity = page.cells.field("title_propensity").to_numpy(zero_copy_only=False)
    is_drawn = propensity < 1

    def keeps(record: int, cells: I64) -> bool:
        """Whether the cells of a row stay in their order."""
        return page.order_of(record, view) == ORDER_SAID or bool(is_drawn[cells].any())

    odds = _log_odds(np.arange(settings.cells), settings.place)
    rows = [
        (record, cells if keeps(record, cells) else _by_lift(cells, lift, odds))
        for record, cells in page.rows
    ]
    movable = [
        index
        for index, (record, _) in enumerate(rows[: settings.rows])
        if page.order_of(record, view) != "resume"
    ]
    if not movable:
        return rows
    row_lift = np.array([_mean(lift[rows[index][1][: settings.cells]]) for index in movable])
    order = np.argsort(-(_log_odds(np.array(movable), settings.place) + row_lift), kind="stable")
    reordered = list(rows)
    for index, best in zip(movable, order, strict=True):
        reordered[index] = rows[movable[best]]
    return reordered


def _lift_of_cells(
    page: StoredPage, country: str, view: CatalogueView, at_s: float, device: str | None
) -> F32:
    """The log lift of each cell (c,), less what an update has of it already for the visit that it
    was built for.
    """
    titles = np.maximum(page.title, 0)
    lift = view.log_lifts(titles, country, context_moments(at_s, device))
    if VISIT_AT in page.records.column_names and page.records.num_rows:
        visit_at_s = page.records[VISIT_AT][0].as_py().timestamp()
        lift -= view.log_lifts(titles, country, context_moments(visit_at_s))
    return lift


def _by_lift(cells: I64, lift: F32, odds: F64) -> I64:
    """The cells, with the first ones, as many as there are `odds`, in the order of odds plus lift."""
    head, tail = cells[: len(odds)], cells[len(odds) :]
    order = (-odds[: len(head)] - lift[head]).argsort(kind="stable")
    return np.concatenate([head[order], tail])


def _mean(lift: F32) -> float | np.float32:
    return lift.mean() if len(lift) else 0


def _log_odds(position: NDArray[np.integer], place: Place) -> F64:
    """Log of how much a position, from 0, is worth."""
    odds: F64 = -place.power * np.log(position + 1 + place.shift)
    return odds
