"""People who made a title and the award it won, as arrays."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.ragged import INTS, Ragged


@dataclass(frozen=True)
class Credits(Ragged):
    """People of n titles: for each title a list of N persons in all, directors first."""

    names: tuple[str, ...]
    person: INTS  # (N,) index into `names`
    directs: NDArray[np.bool_]  # (N,) as director, else in the cast
    award: NDArray[np.object_]  # (n,) the first award, "" for none


def no_credits(titles: int) -> Credits:
    """The credits of `titles` titles of which nobody is known."""
    nobody = np.zeros(0, np.int64)
    return Credits(
        offsets=np.zeros(titles + 1, np.int64),
        names=(),
        person=nobody,
        directs=nobody.astype(bool),
        award=np.full(titles, "", object),
    )


def credits_from(titles: pa.Table) -> Credits:
    """The credits of `titles` (directors, cast and awards, each a list or null), in their order."""
    directors, cast = titles["directors"].to_pylist(), titles["cast"].to_pylist()
    people: list[str] = []
    directs: list[bool] = []
    counts = []
    for title_directors, title_cast in zip(directors, cast, strict=True):
        director_names = [name for name in title_directors or () if name]
        cast_names = [name for name in title_cast or () if name]
        people += director_names + cast_names
        directs += [True] * len(director_names) + [False] * len(cast_names)
        counts.append(len(director_names) + len(cast_names))
    names = sorted(set(people))
    index = {name: number for number, name in enumerate(names)}
    return Credits(
        offsets=Ragged.from_counts(np.array(counts, np.int64)).offsets,
        names=tuple(names),
        person=np.array([index[name] for name in people], np.int64),
        directs=np.array(directs, bool),
        award=np.array([_first_award(awards) for awards in titles["awards"].to_pylist()], object),
    )


def _first_award(awards: list[str | None] | None) -> str:
    for award in awards or ():
        if award:
            return award
    return ""
