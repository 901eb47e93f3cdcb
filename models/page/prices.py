"""Prices: what is added to each profile's own score of a promised title in a country (Amazon, KDD 2019).

A promise asks that a title is seen by n profiles of a country. Of all ways to keep it the one that
costs least of what profiles want is found by one number: with the sum of own scores to be as great
as it can, the promise's Lagrange multiplier is a price that every profile's score is raised by.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from conf.promises import Price
from models.catalogue.arrays import Catalogue, Profiles

FLOAT = NDArray[np.float32]


def promised(
    catalogue: Catalogue, profiles: Profiles, prices: Sequence[Price]
) -> NDArray[np.bool_] | None:
    """The titles (m, n) that are candidates of a profile because they are promised; None for none."""
    if not prices:
        return None
    mask = np.zeros((profiles.size, catalogue.size), bool)
    for _, places in _places(catalogue, profiles, prices):
        mask[places] = True
    return mask


def raised(
    catalogue: Catalogue, profiles: Profiles, scores: FLOAT, prices: Sequence[Price]
) -> FLOAT:
    """The own scores of a batch (m, n) with the prices on them; what is no candidate stays -inf."""
    if not prices:
        return scores
    with_prices = scores.copy()
    for price, places in _places(catalogue, profiles, prices):
        with_prices[places] += price
    return with_prices


def _places(
    catalogue: Catalogue, profiles: Profiles, prices: Sequence[Price]
) -> Iterator[tuple[float, tuple[NDArray[np.bool_], int]]]:
    """Each price on a title of the catalogue, and where scores have it: the profiles (m,) and the title.

    A price of no country is on the scores of all.
    """
    for price in prices:
        title = catalogue.title_index.get(price.title_id)
        if title is not None:
            is_here = np.full(profiles.size, not price.country) | (
                profiles.country == price.country
            )
            yield price.price, (is_here, title)
