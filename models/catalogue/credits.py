"""Who made a title and what it won, as arrays."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.ragged import INTS, Ragged


@dataclass(frozen=True)
class Credits(Ragged):
    """People of n titles: for each title a list of persons, directors first."""

    names: tuple[str, ...]
    person: INTS
    directs: NDArray[np.bool_]  # (credits,) as director, else in the cast
    award: NDArray[np.object_]  # (n,) the first award, "" for none


def no_credits(titles: int) -> Credits:
    """Nobody known of so many titles."""
    none = np.zeros(0, np.int64)
    return Credits(
        np.zeros(titles + 1, np.int64), (), none, none.astype(bool), np.full(titles, "", object)
    )


def credits_from(titles: pa.Table) -> Credits:
    """The credits of `titles` (directors, cast and awards, each a list or null), in their order."""
    made, played = titles["directors"].to_pylist(), titles["cast"].to_pylist()
    told = [
        [*((name, True) for name in d or () if name), *((name, False) for name in c or () if name)]
        for d, c in zip(made, played, strict=True)
    ]
    names = tuple(sorted({name for one in told for name, _ in one}))
    at = {name: place for place, name in enumerate(names)}
    awards = [
        next((award for award in given or () if award), "")
        for given in titles["awards"].to_pylist()
    ]
    return Credits(
        Ragged.from_counts(np.array([len(one) for one in told], np.int64)).offsets,
        names,
        np.array([at[name] for one in told for name, _ in one], np.int64),
        np.array([directs for one in told for _, directs in one], bool),
        np.array(awards, object),
    )
