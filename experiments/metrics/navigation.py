"""How a page is looked at: the chance that each cell is seen, assumed or fitted from views."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]


class Navigation(NamedTuple):
    """The chances of going on to the next row and to the next cell of a row; both in (0, 1]."""

    down: float
    right: float

    def seen(self, rows: int, columns: int) -> Values:
        """P(cell is seen), (rows, columns): down^(i - 1) * right^(j - 1), i and j from 1.

        A person reaches the rows in order and looks at a row's cells from the left, stopping
        anywhere by the same chance, whatever is shown there.
        """
        reach_row = self.down ** np.arange(rows)
        reach_column = self.right ** np.arange(columns)
        return np.outer(reach_row, reach_column)


def fitted_down(deepest: ArrayLike, ends_in_play: ArrayLike) -> float:
    """`down` from n looks at pages: the last row in view of each, from 1, and its end.

    The maximum likelihood of a geometric law where a play cuts a look off and does not count as
    stopping: steps down / (steps down + stops), steps being deepest - 1. The end of a page counts
    as a stop. nan without looks.
    """
    steps = (np.asarray(deepest) - 1).sum()
    stops = (~np.asarray(ends_in_play, bool)).sum()
    return going_on(float(steps), float(stops))


def fitted_right(furthest: ArrayLike, in_view: ArrayLike, ends_in_play: ArrayLike) -> float:
    """`right` from n rows: the last cell in view of each, and how many came into view with the row.

    Cells that come with the row say nothing of how people look, so only rows that were scrolled
    count: in those each further cell is a step, and each row left without a play a stop. nan where
    no row was scrolled.
    """
    beyond = np.asarray(furthest) - np.asarray(in_view)
    is_scrolled = beyond > 0
    stops = (is_scrolled & ~np.asarray(ends_in_play, bool)).sum()
    steps = (beyond[is_scrolled] - 1).sum()
    return going_on(float(steps), float(stops))


def going_on(steps: float, stops: float) -> float:
    """The most likely chance of a step, after so many steps and stops; nan without either."""
    return steps / (steps + stops) if steps + stops > 0 else np.nan
