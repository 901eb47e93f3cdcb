"""Prices: what is added to each profile's own score of a promised title in a country (Amazon, KDD 2019).

A promise asks that a title is seen by n profiles of a country. Of all ways to keep it the one that
costs least of what profiles want is found by one number: with the sum of own scores to be as great
as it can, the promise's Lagrange multiplier is a price that every profile's score is raised by.
"""

from collections.abc import Sequence

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
    for price in prices:
        title = catalogue.title_index.get(price.title_id)
        if title is not None:
            mask[lives_in(profiles, price.country), title] = True
    return mask


def raised(
    catalogue: Catalogue, profiles: Profiles, scores: FLOAT, prices: Sequence[Price]
) -> FLOAT:
    """The own scores of a batch (m, n) with the prices on them; what is no candidate stays -inf."""
    if not prices:
        return scores
    with_prices = scores.copy()
    for price in prices:
        title = catalogue.title_index.get(price.title_id)
        if title is not None:
            with_prices[lives_in(profiles, price.country), title] += price.price
    return with_prices


def lives_in(profiles: Profiles, country: str) -> NDArray[np.bool_]:
    """The profiles (m,) of a country; all of them for every country, which has no name."""
    return np.full(profiles.size, not country) | (profiles.country == country)
