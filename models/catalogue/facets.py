"""What titles have in common, as rows can be made of it: genre, era, cast, keywords and so on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.rows import FACETS, Facet, Rows
from models.ragged import Ragged

if TYPE_CHECKING:
    from scipy import sparse

I32 = NDArray[np.int32]

COLUMNS: dict[Facet, str] = {  # of `titles`, each a list of values
    "genre": "genres",
    "cast": "cast",
    "director": "directors",
    "keyword": "keywords",
}


@dataclass(frozen=True)
class Tags(Ragged):
    """The t values of one facet, sorted, and for each of n titles a list of those that it has, ascending."""

    names: tuple[str, ...]
    tag: I32  # (N,) indices into `names`

    @property
    def marks(self) -> NDArray[np.bool_]:
        """Whether each title has each tag (n, t)."""
        mask = np.zeros((self.list_count, len(self.names)), bool)
        mask[self.owners, self.tag] = True
        return mask

    @cached_property
    def matrix(self) -> "sparse.csr_matrix":
        """The marks as 0 and 1 (n, t), sparse."""
        from scipy import sparse

        ones = np.ones(len(self.tag), np.float32)
        shape = (self.list_count, len(self.names))
        return sparse.csr_matrix((ones, self.tag, self.offsets), shape=shape)

    @cached_property
    def titles(self) -> "TagTitles":
        """The titles of each tag."""
        order = np.argsort(self.tag, kind="stable")
        lists = Ragged.from_counts(np.bincount(self.tag, minlength=len(self.names)))
        return TagTitles(lists.offsets, self.owners[order].astype(np.int32))


@dataclass(frozen=True)
class TagTitles(Ragged):
    """For each tag of a facet a list of the titles that have it, ascending."""

    title: I32


def no_tags(titles: int) -> Tags:
    """A facet without values, of a catalogue of `titles` titles."""
    return Tags(np.zeros(titles + 1, np.int64), (), np.zeros(0, np.int32))


def tags_of(names: tuple[str, ...], marks: NDArray[np.bool_]) -> Tags:
    """The tags of titles whose marks (n, t) are given."""
    title, tag = np.nonzero(marks)
    return Tags(Ragged.from_owners(title, len(marks)).offsets, names, tag.astype(np.int32))


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
    order = np.lexsort((column, title))
    kept = order[column[order] >= 0]
    return Tags(
        Ragged.from_owners(title[kept], len(values)).offsets,
        tuple(str(name) for name in names[frequent]),
        column[kept].astype(np.int32),
    )


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
