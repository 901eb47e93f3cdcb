"""Choices that only the world can make, since it knows what each artwork truly evokes."""

# Tested by tests/benchmarks/artwork/test_population.py.

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from benchmarks.artwork.population import Population
from models.artwork.choice import ArtworkSlots
from models.artwork.pools import INTS

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


class TrueArtwork(NamedTuple):
    """The p artworks of n titles as the world made them."""

    offsets: INTS  # (n + 1,) title t has the artworks offsets[t]:offsets[t + 1]
    theme: NDArray[np.integer]  # (p,)
    weight: F64  # (p,) log-odds per unit of what the theme is liked
    shared: F64  # (p,) log-odds that it evokes in everybody


def best_artwork(population: Population, slots: ArtworkSlots) -> INTS:
    """The artwork (d,) that truly evokes most: an oracle's choice."""
    return most_evoking(population, slots, population.members.theme_likes)


def true_artwork(population: Population) -> TrueArtwork:
    """What every artwork truly evokes, by how much its theme is liked."""
    titles = population.truth.titles
    weight = population.settings.appeal.picture * titles.artwork_represents.astype(np.float64)
    shared = titles.artwork_shared.astype(np.float64)
    return TrueArtwork(population.pools.offsets, titles.artwork_theme, weight, shared)


def most_evoking(
    population: Population, slots: ArtworkSlots, theme_likes: F32 | F64, shared: F64 | None = None
) -> INTS:
    """The artwork (d,) that evokes most where profiles like themes so much (m, themes).

    What artworks evoke in everybody (p,) is true unless it is given.
    """
    artwork = true_artwork(population)
    if shared is not None:
        artwork = artwork._replace(shared=shared)
    choice = np.empty(len(slots.title), np.int64)
    likes = np.asarray(theme_likes, np.float64)
    _fill_most_evoking(slots.profile, slots.title, artwork, likes, choice)
    return choice


@numba.njit
def _fill_most_evoking(
    profile: INTS, title: INTS, artwork: TrueArtwork, theme_likes: F64, choice: INTS
) -> None:
    """Fill `choice` (d,) for slots with a profile (d,) and a title (d,); of equals the first."""
    for slot in range(len(title)):
        most = -np.inf
        for index in range(artwork.offsets[title[slot]], artwork.offsets[title[slot] + 1]):
            liking = theme_likes[profile[slot], artwork.theme[index]]
            evoked = liking * artwork.weight[index] + artwork.shared[index]
            if evoked > most:
                most = evoked
                choice[slot] = index
