"""What titles have in common, as rows can be made of it: genre, era, cast, keywords and so on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.rows import FACETS, Facet, Rows

COLUMNS: dict[Facet, str] = {  # of `titles`, each a list of values
    "genre": "genres",
    "cast": "cast",
    "director": "directors",
    "keyword": "keywords",
}


@dataclass(frozen=True)
class Tags:
    """The t values of one facet, sorted, and the titles that have them."""

    names: tuple[str, ...]
    marks: NDArray[np.bool_]  # (n, t)


def no_tags(titles: int) -> Tags:
    """A facet without values, of a catalogue of `titles` titles."""
    return Tags((), np.zeros((titles, 0), bool))


def facets_from(titles: pa.Table, kinds: Rows) -> dict[str, Tags]:
    """The facets that `kinds` make rows of, of titles sorted by title_id.

    A value needs enough titles to fill a row, so that a cast of thousands costs nothing.
    """
    least_titles = {kind.per: kind.min_length for kind in kinds.kinds.values()}
    facets: dict[str, Tags] = {}
    for facet in FACETS:
        if facet in least_titles:
            facets[facet] = tags(_values(facet, titles), least_titles[facet])
    return facets


def tags(values: Sequence[Iterable[str]], least_titles: int = 1) -> Tags:
    """The values of each title as tags.

    Values that fewer than `least_titles` titles have are left out.
    """
    pairs = [
        (row, value) for row, of_title in enumerate(values) for value in set(of_title) if value
    ]
    title = np.array([row for row, _ in pairs], np.int64)
    names, tag = np.unique(np.array([value for _, value in pairs], dtype=str), return_inverse=True)
    counts = np.bincount(tag, minlength=len(names))
    frequent = np.flatnonzero(counts >= least_titles)
    column_of_tag = np.full(len(names), -1)
    column_of_tag[frequent] = np.arange(len(frequent))
    column = column_of_tag[tag]
    marks = np.zeros((len(values), len(frequent)), bool)
    marks[title[column >= 0], column[column >= 0]] = True
    return Tags(tuple(str(name) for name in names[frequent]), marks)


def _values(facet: Facet, titles: pa.Table) -> list[list[str]]:
    """The values of a facet by title."""
    if facet in COLUMNS:
        return [list(values or ()) for values in titles[COLUMNS[facet]].to_pylist()]
    eras = [_eras(year) for year in titles["year"].to_pylist()]
    if facet == "era":
        return eras
    genres = titles["genres"].to_pylist()
    return [
        [f"{era} {genre}" for era in title_eras for genre in title_genres or ()]
        for title_eras, title_genres in zip(eras, genres, strict=True)
    ]


def _eras(year: int | None) -> list[str]:
    """The decade of a year, such as 1990s; none of an unknown year."""
    return [] if year is None else [f"{year // 10 * 10}s"]
