"""Titles new to the service, shown to some where another one would be, each with its exact probability.

So launches are seen, and what was shown before does not alone decide what is shown next (N-627).

In the row of new titles one cell, the slot, is drawn: with the probability `share` any of the row's titles evenly that
may stand there, which then changes places with the one that would have; else none. With K titles to draw from,

    P(slot holds the title that the order gives) = 1 - share + share / K,  any other of them: share / K
    P(another's place holds it)                  = 1 - share / K,          the slot's title: share / K
"""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from conf.keys import text_uniform
from conf.pages import Pages
from conf.rows import Rows
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import countries_of
from models.page.layout.placed_page import Page
from models.page.rows.country_orders import age_days
from models.page.rows.offers import Offers


def explored(
    catalogue: Catalogue, profiles: Profiles, found: Offers, page: Page, kinds: Rows, layout: Pages
) -> Page:
    """The pages with a new title drawn into the slot of some; cells that nothing is drawn for keep probability 1.

    Titles that lead another row of the page are not drawn, nor are older ones than `days`. The draw depends on the
    profile and the day alone.
    """
    slot, share = layout.exploration.column - 1, layout.exploration.share
    cells, chance = page.cell.copy(), page.propensity.copy()
    draws = _draws(catalogue, profiles)
    drawable = _drawable(catalogue, profiles, found, page, layout)
    for row in _rows_of_new(found, page, kinds):
        first, end = page.offsets[row], page.offsets[row + 1]
        pool = first + np.flatnonzero(drawable[first:end])
        pool = pool[pool >= first + slot]
        if len(pool) < 2 or pool[0] != first + slot:
            continue
        draw, which = draws[found.profile[page.offer[row]]]
        chance[pool] = 1 - share / len(pool)
        chance[pool[0]] = 1 - share + share / len(pool)
        other = pool[int(which * len(pool))]
        if draw < share and other != pool[0]:
            cells[[pool[0], other]] = cells[[other, pool[0]]]
            chance[[pool[0], other]] = share / len(pool)
    return replace(page, cell=cells, propensity=chance)


def _rows_of_new(found: Offers, page: Page, kinds: Rows) -> NDArray[np.int64]:
    """The first row by newness of each page."""
    newness = np.array([kind.order == "newness" for kind in kinds.kinds.values()])
    rows = np.flatnonzero(newness[found.kind[page.offer]])
    _, first = np.unique(found.profile[page.offer[rows]], return_index=True)
    return rows[first]


def _drawable(
    catalogue: Catalogue, profiles: Profiles, found: Offers, page: Page, layout: Pages
) -> NDArray[np.bool_]:
    """For each cell: its title is new in the profile's country, and the title leads no other row of the page."""
    owner = found.profile[page.offer][page.owners]
    index = page.index_within
    key = owner * catalogue.size + found.title[page.cell]
    leads, count = np.unique(key[index < layout.lead], return_counts=True)
    at = np.searchsorted(leads, key)
    at[at == len(leads)] = 0
    leading = (
        np.where(leads[at] == key, count[at], 0) if len(leads) else np.zeros(len(key), np.int64)
    )
    countries, country = np.unique(countries_of(catalogue, profiles), return_inverse=True)
    is_new = np.array(
        [age_days(catalogue, name) <= layout.exploration.days for name in countries], bool
    )
    new_here = is_new.reshape(len(countries), -1)[country[owner], found.title[page.cell]]
    mask: NDArray[np.bool_] = new_here & (leading - (index < layout.lead) == 0)
    return mask


def _draws(catalogue: Catalogue, profiles: Profiles) -> list[tuple[float, float]]:
    """Two even numbers in [0, 1) for each profile, others on each day."""
    day = datetime.fromtimestamp(catalogue.as_of_s, UTC).date()
    return [
        (text_uniform(name, f"whether {day}"), text_uniform(name, f"which {day}"))
        for name in profiles.profile_ids
    ]
