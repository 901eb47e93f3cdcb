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


class TrueArtwork(NamedTuple):
    """The p artworks of n titles as the world made them."""

    offsets: INTS  # (n + 1,) title t has the artworks offsets[t]:offsets[t + 1]
    theme: NDArray[np.integer]  # (p,)
    representativeness: F32  # (p,) 0..1


def best_artwork(population: Population, slots: ArtworkSlots) -> INTS:
    """The artwork (d,) that truly evokes most: an oracle's choice."""
    return _most_evoking(population, slots, population.members.theme_likes)


def likeliest_artwork(population: Population, slots: ArtworkSlots) -> INTS:
    """The artwork (d,) that would evoke most if nothing were a whim.

    This is the best choice for somebody who knows every liking for a genre. What a theme evokes
    beyond that leaves no trace except in reactions to the artwork itself.
    """
    settings, genres = population.settings, population.truth.genre_names
    members = population.members
    predictable = np.zeros_like(members.theme_likes)
    for theme, genre in settings.catalogue.theme_genres.items():
        if genre in genres:
            share = np.sqrt(settings.tastes.theme_share)
            genre_likes = members.genre_likes[:, genres.index(genre)]
            predictable[:, settings.themes.index(theme)] = share * genre_likes
    return _most_evoking(population, slots, predictable)


def _most_evoking(population: Population, slots: ArtworkSlots, theme_likes: F32) -> INTS:
    """The artwork (d,) that evokes most where profiles like themes so much (m, themes)."""
    titles = population.truth.titles
    artwork = TrueArtwork(population.pools.offsets, titles.artwork_theme, titles.artwork_represents)
    choice = np.empty(len(slots.title), np.int64)
    _fill_most_evoking(slots.profile, slots.title, artwork, theme_likes, choice)
    return choice


@numba.njit
def _fill_most_evoking(
    profile: INTS, title: INTS, artwork: TrueArtwork, theme_likes: F32, choice: INTS
) -> None:
    """Fill `choice` (d,) for slots with a profile (d,) and a title (d,); of equals the first."""
    for slot in range(len(title)):
        most = -np.inf
        for index in range(artwork.offsets[title[slot]], artwork.offsets[title[slot] + 1]):
            liking = theme_likes[profile[slot], artwork.theme[index]]
            evoked = liking * artwork.representativeness[index]
            if evoked > most:
                most = evoked
                choice[slot] = index
