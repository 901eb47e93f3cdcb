"""What titles have in common, by which rows can be made: genre, era, both, cast, directors, keywords."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.rows import FACETS, Facet, Rows

LISTS: dict[Facet, str] = {
    "genre": "genres",
    "cast": "cast",
    "director": "directors",
    "keyword": "keywords",
}


@dataclass(frozen=True)
class Tags:
    """The t values of one facet, sorted, and which titles have them."""

    names: tuple[str, ...]
    marks: NDArray[np.bool_]  # (n, t)


def no_tags(titles: int) -> Tags:
    """A facet without values."""
    return Tags((), np.zeros((titles, 0), bool))


def facets_from(titles: pa.Table, kinds: Rows) -> dict[str, Tags]:
    """The facets that `kinds` make rows of, of titles sorted by title_id.

    Of each facet only values that enough titles have to fill a row, so that a cast of thousands costs nothing.
    """
    least = {kind.per: kind.min_length for kind in kinds.kinds.values()}
    return {facet: tags(_values(facet, titles), least[facet]) for facet in FACETS if facet in least}


def tags(values: Sequence[Iterable[str]], least: int = 1) -> Tags:
    """The values of each title as tags; those that fewer than `least` titles have are left out."""
    pairs = [(value, row) for row, given in enumerate(values) for value in set(given) if value]
    names, of_pair = np.unique(
        np.array([value for value, _ in pairs], dtype=str), return_inverse=True
    )
    kept = np.flatnonzero(np.bincount(of_pair, minlength=len(names)) >= least)
    place = np.full(len(names), -1)
    place[kept] = np.arange(len(kept))
    row, column = np.array([row for _, row in pairs], np.int64), place[of_pair]
    marks = np.zeros((len(values), len(kept)), bool)
    marks[row[column >= 0], column[column >= 0]] = True
    return Tags(tuple(str(name) for name in names[kept]), marks)


def _values(facet: Facet, titles: pa.Table) -> list[list[str]]:
    if facet in LISTS:
        return [list(given or ()) for given in titles[LISTS[facet]].to_pylist()]
    eras = [[] if year is None else [f"{year // 10 * 10}s"] for year in titles["year"].to_pylist()]
    if facet == "era":
        return eras
    genres = titles["genres"].to_pylist()
    return [
        [f"{era} {genre}" for era in era_of for genre in of or ()]
        for era_of, of in zip(eras, genres, strict=True)
    ]
