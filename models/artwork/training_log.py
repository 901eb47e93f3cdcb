"""From tables to what a policy learns from: each cell with its member as of the day on which it was shown."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.artwork.impressions import Shown
from models.artwork.pictures import INTS, Pictures
from models.artwork.profile_features import F32, Frame, frame_of, traits

_DAYS = 2**20  # more than any day since 1970


@dataclass(frozen=True)
class Lessons:
    """What was shown, and the traits (M, f) of every member as of every day on which it saw something."""

    shown: Shown
    traits: F32
    frame: Frame


def lessons(
    cells: pa.Table,
    first_plays: pa.Table,
    profiles: pa.Table,
    pictures: Pictures,
    title_ids: NDArray[np.object_],
    genres: tuple[str, ...],
    genre_matrix: NDArray[np.bool_],
    prior: float,
) -> Lessons:
    """The lessons of `picture_cells`, `first_plays` and `profiles` (profile_id, country, kids).

    A member's traits on a day count what was known to be played before that day began: what came of a picture cannot
    be among them. Cells of profiles, titles or pictures that are not known are left out.
    """
    ids = profiles["profile_id"].combine_chunks()
    country = np.array(pc.fill_null(profiles["country"], "").to_pylist(), object)
    kids = pc.fill_null(profiles["kids"], False).to_numpy(zero_copy_only=False).astype(bool)
    history = _History(first_plays, ids, title_ids, genre_matrix)
    counts, played = history.before(np.arange(len(ids)), np.full(len(ids), _DAYS - 1))
    frame = frame_of(genres, counts, played, country.tolist(), prior)
    profile, day = _index(cells["profile_id"], ids), _days(cells["shown_on"])
    picture = _index(cells["artwork_id"], pa.array(pictures.artwork_ids, pa.string()))
    title = _index(cells["title_id"], pa.array(title_ids, pa.string()))
    keep = (profile >= 0) & (picture >= 0) & (title >= 0)
    moments, member = np.unique(profile[keep] * _DAYS + day[keep], return_inverse=True)
    who, when = moments // _DAYS, moments % _DAYS
    counts, played = history.before(who, when)
    row, column, seen, taken = (
        cells[name].to_numpy()[keep].astype(np.int64)
        for name in ("row_position", "column_position", "impressions_count", "quality_plays_count")
    )
    shown = Shown(
        member,
        profile[keep],
        title[keep],
        picture[keep],
        row,
        column,
        seen,
        taken,
        np.ones(len(member)),
    )
    return Lessons(_sorted(shown), traits(frame, counts, played, kids[who], country[who]), frame)


class _History:
    """Who had played how much of each genre by when."""

    def __init__(
        self,
        first_plays: pa.Table,
        ids: pa.Array,
        title_ids: NDArray[np.object_],
        genre_matrix: NDArray[np.bool_],
    ) -> None:
        profile, title = (
            _index(first_plays["profile_id"], ids),
            _index(first_plays["title_id"], pa.array(title_ids)),
        )
        known = (profile >= 0) & (title >= 0)
        key = profile[known] * _DAYS + _days(first_plays["first_on"])[known]
        order = np.argsort(key, kind="stable")
        self._key = key[order]
        marks = genre_matrix[title[known][order]].astype(np.int64)
        self._sums = np.vstack(
            [np.zeros((1, genre_matrix.shape[1]), np.int64), np.cumsum(marks, axis=0)]
        )

    def before(self, profile: INTS, day: INTS) -> tuple[INTS, INTS]:
        """Titles of each genre (k, g) and in all (k,) that were known to be played before each day began."""
        first = np.searchsorted(self._key, profile * _DAYS)
        last = np.searchsorted(self._key, profile * _DAYS + day)
        return self._sums[last] - self._sums[first], last - first


def _sorted(shown: Shown) -> Shown:
    """In an order that hangs on the content alone, so that the same log gives the same policy, byte by byte."""
    return shown.where(
        np.lexsort(
            (shown.picture, shown.title, shown.column, shown.row, shown.cluster, shown.member)
        )
    )


def _index(column: pa.ChunkedArray, ids: pa.Array) -> INTS:
    found = pc.index_in(column, value_set=ids).combine_chunks()
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def _days(column: pa.ChunkedArray) -> INTS:
    return column.cast(pa.int32()).to_numpy().astype(np.int64)
