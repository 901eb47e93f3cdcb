"""How a page is looked at: the chance that each cell is seen, assumed or fitted from what came into view."""

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

        A member reaches the rows in order and looks at a row's cells from the left, stopping anywhere by the same
        chance, whatever is shown there.
        """
        return np.outer(self.down ** np.arange(rows), self.right ** np.arange(columns))


def fitted_down(deepest: ArrayLike, played: ArrayLike) -> float:
    """`down` from n looks at pages: `deepest` is the last row in view, from 1, `played` whether a play ended the look.

    The maximum likelihood of a geometric law where a play cuts a look off and does not count as stopping:
    steps down / (steps down + stops), steps being deepest - 1. The end of a page counts as a stop. nan without looks.
    """
    return going_on(
        float((np.asarray(deepest) - 1).sum()), float((~np.asarray(played, bool)).sum())
    )


def fitted_right(furthest: ArrayLike, in_view: ArrayLike, played: ArrayLike) -> float:
    """`right` from n rows: `furthest` is the last cell in view, `in_view` how many came into view with the row.

    Cells that come with the row tell nothing of the eye, so that only rows scrolled beyond them do: in those each
    further cell is a step, and each row left without a play a stop. nan where no row was scrolled.
    """
    beyond = np.asarray(furthest) - np.asarray(in_view)
    scrolled = beyond > 0
    stops = float((scrolled & ~np.asarray(played, bool)).sum())
    return going_on(float((beyond[scrolled] - 1).sum()), stops)


def going_on(steps: float, stops: float) -> float:
    """The chance of a step that is most likely where so many were taken and so often none was; nan without either."""
    return steps / (steps + stops) if steps + stops > 0 else np.nan
