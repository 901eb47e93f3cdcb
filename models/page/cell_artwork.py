"""The artwork of each cell: one for each title of a page, wherever it stands on it."""
# Tested by tests/models/page/layout/test_template.py.

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.pages import pages
from models.artwork.choice import ArtworkSlots
from models.artwork.gallery import ArtworkProfiles
from models.artwork.pools import INTS
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import limits
from models.page.rows.subjects import genre_counts


def cell_artwork(
    catalogue: Catalogue,
    profiles: Profiles,
    owner: INTS,
    title: NDArray[np.integer],
    row: NDArray[np.integer],
    column: INTS,
) -> tuple[pa.Array, NDArray[np.float64]]:
    """The artwork_id of each cell (c,) and the probability of its choice; cells come in reading order.

    `row` and `column` are positions from 1. The first screen is the union of all devices' screens;
    its titles choose first.
    """
    on_screen = _on_screen(row, column)
    slots, slot_of_cell = _slots(owner, title, on_screen, catalogue.size)
    inputs = artwork_profiles(catalogue, profiles)
    artwork, probability = catalogue.gallery.choices(inputs, slots, sum(pages().screen))
    artwork_ids = catalogue.gallery.artwork_ids(artwork[slot_of_cell])
    return artwork_ids, probability[slot_of_cell]


def artwork_profiles(catalogue: Catalogue, profiles: Profiles) -> ArtworkProfiles:
    """What a policy may know of the profiles."""
    return ArtworkProfiles(
        profiles.profile_ids,
        genre_counts(catalogue, profiles),
        profiles.counts,
        profiles.kids,
        profiles.country,
        limits(profiles),
    )


def _on_screen(row: NDArray[np.integer], column: INTS) -> NDArray[np.bool_]:
    widths = np.array([*pages().screen, 0])
    below_screen = len(widths) - 1
    width = widths[np.minimum(row - 1, below_screen)]
    return np.asarray(column <= width)


def _slots(
    owner: INTS, title: NDArray[np.integer], on_screen: NDArray[np.bool_], size: int
) -> tuple[ArtworkSlots, NDArray[np.intp]]:
    """One slot for each title of a page, and for each cell the index of its title's slot.

    Slots are in the order of their first cell on the screen, else of their first cell at all.
    """
    key = owner.astype(np.int64) * size + title
    pairs, which = np.unique(key, return_inverse=True)
    reading = np.arange(len(key)) + np.where(on_screen, 0, len(key))
    first = np.full(len(pairs), 2 * len(key))
    np.minimum.at(first, which, reading)
    profile = pairs // size
    order = np.lexsort((first, profile))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return ArtworkSlots(profile[order], pairs[order] % size, first[order] < len(key)), rank[which]
