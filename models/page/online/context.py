"""What this moment is for: heads of rows and the first rows of a page lean towards it."""

import numpy as np
from numpy.typing import NDArray

from conf.nearline import nearline_settings
from conf.pages import Worth
from models.page.online.catalogue_view import Shelf
from models.page.online.lifts import moment_at
from models.page.online.stored_page import I64, Line, Lines

MADE_FOR = "visit_at"  # the column of updates


def leaned(page: Lines, country: str, shelf: Shelf, at_s: float, device: str | None) -> list[Line]:
    """Heads of rows, and the first rows, in the order of the log odds of their places plus their lift at this moment.

    A place's odds fall as (place + shift)^-power (`worth` of conf/pages.yaml). Titles do not leave the head of their
    row, so no title comes twice that did not before. Rows in which a title was drawn stay as they were drawn, and a row
    that goes on with something stays where it is.
    """
    settings, worth = nearline_settings().context, shelf.layout.choice.worth
    if not shelf.lifts or not settings.strength:
        return page.lines
    lift = settings.strength * _lift(page, country, shelf, at_s, device)
    drawn = page.cells.field("title_propensity").to_numpy(zero_copy_only=False) < 1
    odds = _odds(np.arange(settings.cells), worth)
    lines = [
        (row, cells if drawn[cells].any() else _by_lift(cells, lift, odds))
        for row, cells in page.lines
    ]
    free = [
        place for place, (row, _) in enumerate(lines[: settings.rows]) if _moves(page, shelf, row)
    ]
    said = np.array(
        [
            lift[lines[place][1][: settings.cells]].mean() if len(lines[place][1]) else 0
            for place in free
        ]
    )
    if not free:
        return lines
    moved, order = list(lines), np.argsort(-(_odds(np.array(free), worth) + said), kind="stable")
    for place, other in zip(free, order, strict=True):
        moved[place] = lines[free[other]]
    return moved


def _lift(
    page: Lines, country: str, shelf: Shelf, at_s: float, device: str | None
) -> NDArray[np.float32]:
    """Of each cell; what an update leans to already, since it was made for a visit, is taken off."""
    titles = np.maximum(page.title, 0)
    lift = shelf.lift_of(titles, country, moment_at(at_s, device))
    if MADE_FOR in page.rows.column_names and page.rows.num_rows:
        lift -= shelf.lift_of(
            titles, country, moment_at(page.rows[MADE_FOR][0].as_py().timestamp())
        )
    return lift


def _moves(page: Lines, shelf: Shelf, row: int) -> bool:
    return shelf.kinds.kinds[page.kind[row]].order != "resume"


def _by_lift(cells: I64, lift: NDArray[np.float32], odds: NDArray[np.float64]) -> I64:
    """The cells with those of the head, as many as there are `odds`, in another order."""
    head = cells[: len(odds)]
    order = (-odds[: len(head)] - lift[head]).argsort(kind="stable")
    return np.concatenate([head[order], cells[len(odds) :]])


def _odds(place: NDArray[np.integer], worth: Worth) -> NDArray[np.float64]:
    """Log of how much a place from 0 is worth."""
    odds: NDArray[np.float64] = -worth.power * np.log(place + 1 + worth.shift)
    return odds
