"""Choices of pictures that only the world can make: by what each picture truly evokes."""

import numba
import numpy as np
from numpy.typing import NDArray

from benchmarks.artwork.population import Town
from models.artwork.choice import Places
from models.artwork.pictures import INTS


def best_pictures(town: Town, places: Places) -> INTS:
    """The picture that truly evokes most: what an oracle would choose."""
    return _evoking(town, places, town.members.theme_likes)


def likeliest_pictures(town: Town, places: Places) -> INTS:
    """The picture that would evoke most if nothing were a whim: the best choice of who knew all likings for genres.

    What a theme evokes beyond the liking for its genre leaves no trace but in what comes of the pictures themselves.
    """
    known, names = np.zeros_like(town.members.theme_likes), town.truth.genre_names
    for theme, genre in town.settings.catalogue.theme_genres.items():
        if genre in names:
            share = np.sqrt(town.settings.tastes.theme_share)
            known[:, town.settings.themes.index(theme)] = (
                share * town.members.genre_likes[:, names.index(genre)]
            )
    return _evoking(town, places, known)


def _evoking(town: Town, places: Places, likes: NDArray[np.float32]) -> INTS:
    out, titles = np.empty(len(places.title), np.int64), town.truth.titles
    _best(
        places.profile,
        places.title,
        town.pictures.offsets,
        titles.picture_theme,
        titles.picture_represents,
        likes,
        out,
    )
    return out


@numba.njit
def _best(profile, title, offsets, theme, represents, likes, out):  # type: ignore[no-untyped-def]
    for d in range(len(title)):
        best = -np.inf
        for p in range(offsets[title[d]], offsets[title[d] + 1]):
            value = likes[profile[d], theme[p]] * represents[p]
            if value > best:
                best = value
                out[d] = p
