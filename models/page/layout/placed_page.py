"""The rows of pages, placed, before they are records."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.ragged import INTS, Ragged


@dataclass(frozen=True)
class Page(Ragged):
    """The rows of a batch's pages: which offer, at which position from 1, and for each a list of cells.

    A cell is an index into the offers' flat titles; `propensity` is the probability of each cell's title there.
    """

    offer: INTS
    position: NDArray[np.int32]
    cell: INTS
    propensity: NDArray[np.float64]
