"""The rows of pages, placed, before they are records."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.ragged import INTS


@dataclass(frozen=True)
class Page:
    """The rows of a batch's pages: which offer, at which position from 1, and which places of the offers' flat lists.

    The cells of row r are `cell[offsets[r]:offsets[r+1]]`; `propensity` is the probability of each cell's title there.
    """

    offer: INTS
    position: NDArray[np.int32]
    offsets: INTS
    cell: INTS
    propensity: NDArray[np.float64]
