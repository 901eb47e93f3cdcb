"""What is known of a member when a picture is chosen: one function for learning and for choosing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Frame:
    """What traits are measured against: everybody's shares of genres among titles played, and countries that count."""

    genres: tuple[str, ...]
    shares: tuple[float, ...]  # of titles played that have the genre; a title may have several
    countries: tuple[str, ...]
    prior: float  # titles of everybody's mix that a history is mixed with

    @property
    def names(self) -> tuple[str, ...]:
        """What each trait is."""
        return (
            "always",
            "kids",
            *(f"country {c}" for c in self.countries),
            *(f"genre {g}" for g in self.genres),
        )


def frame_of(
    genres: Sequence[str],
    counts: NDArray[np.integer],
    played: NDArray[np.integer],
    countries: Sequence[str],
    prior: float,
) -> Frame:
    """The frame of all members: `counts` (m, g) titles of each genre that each played, `played` (m,) titles in all."""
    total = max(int(played.sum()), 1)
    shares = tuple(float(s) for s in np.maximum(counts.sum(axis=0), 0.5) / total)
    return Frame(tuple(genres), shares, tuple(sorted(set(countries) - {""})), prior)


def traits(
    frame: Frame,
    counts: NDArray[np.integer],
    played: NDArray[np.integer],
    kids: NDArray[np.bool_],
    country: NDArray[np.object_],
) -> F32:
    """Traits (m, f) of members, in the order of `frame.names`.

    Of a genre: log((c + k s) / ((n + k) s)), c of n titles played having it, s everybody's share, k the prior: by how
    much it is played more than by others, 0 for a member who played nothing.
    """
    share, prior = np.array(frame.shares), frame.prior
    leaning = np.log((counts + prior * share) / ((played[:, None] + prior) * share))
    here = np.array([[c == name for name in frame.countries] for c in country], bool)
    here = here.reshape(len(counts), len(frame.countries))
    return np.column_stack([np.ones(len(counts)), kids, here, leaning]).astype(np.float32)


def associations(
    themes: Sequence[str],
    theme: NDArray[np.integer],
    named: Sequence[str],
    genres: NDArray[np.bool_],
    prior: float,
) -> F32:
    """(themes + 1, g) which genres a theme goes with, from the catalogue alone; the last row, of unknown themes, is 0.

    log((pictures of the theme on titles of the genre + k) / (as many as if themes and genres had nothing to do with
    each other + k)), k the prior: a theme that stands on titles of a genre more often than others do says that genre.
    `theme` (p,) are places in `named`, `genres` (p, g) marks the genres of each picture's title.
    """
    share = genres.mean(axis=0) if len(genres) else np.zeros(genres.shape[1])
    out = np.zeros((len(themes) + 1, genres.shape[1]), np.float32)
    for place, name in enumerate(themes):
        mine = theme == list(named).index(name)
        out[place] = np.log((genres[mine].sum(axis=0) + prior) / (mine.sum() * share + prior))
    return out
