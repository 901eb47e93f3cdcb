"""The log that a policy learns from: cells that came into view, with their profiles as of then."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.artwork.gallery import Gallery
from models.artwork.impressions import Impressions
from models.artwork.pools import INTS
from models.artwork.profile_features import F32, FeatureFrame, feature_frame, profile_features

_DAYS = 2**20  # more than any day since 1970


class LogTables(NamedTuple):
    """The tables behind a training log."""

    cells: pa.Table  # features.artwork.picture_cells
    first_plays: pa.Table  # features.artwork.first_plays
    profiles: pa.Table  # profile_id, country, kids


@dataclass(frozen=True)
class TrainingLog:
    """Impressions, and the features (M, f) of each profile as of each of their days."""

    impressions: Impressions
    features: F32
    frame: FeatureFrame

    @property
    def genre_features(self) -> F32:
        """Features of genres (M, g): by how much each profile leans to them."""
        return self.features[:, self.frame.first_genre :]


def training_log(
    tables: LogTables, gallery: Gallery, genre_matrix: NDArray[np.bool_], prior: float
) -> TrainingLog:
    """The log of some tables; `genre_matrix` (n, g) marks the genres of the gallery's titles.

    The features of a profile on a day count the plays that were known before that day began, so
    that they cannot contain what an artwork led to. Cells of unknown profiles, titles or artworks
    are left out.
    """
    profile_ids = tables.profiles["profile_id"].combine_chunks()
    country = np.array(pc.fill_null(tables.profiles["country"], "").to_pylist(), object)
    kids = pc.fill_null(tables.profiles["kids"], False)
    kids = kids.to_numpy(zero_copy_only=False).astype(bool)
    plays = _GenrePlays(tables.first_plays, profile_ids, gallery.title_ids, genre_matrix)
    all_days = np.full(len(profile_ids), _DAYS - 1)
    counts, played = plays.before(np.arange(len(profile_ids)), all_days)
    frame = feature_frame(gallery.genres, counts, played, country.tolist(), prior)
    impressions, profile, day = _known_impressions(tables.cells, profile_ids, gallery)
    counts, played = plays.before(profile, day)
    features = profile_features(frame, counts, played, kids[profile], country[profile])
    return TrainingLog(_sorted_by_content(impressions), features, frame)


def _known_impressions(
    cells: pa.Table, profile_ids: pa.Array, gallery: Gallery
) -> tuple[Impressions, INTS, INTS]:
    """Impressions of known profiles, titles and artworks.

    Profile and day of each of their feature rows.
    """
    profile = _index_in(cells["profile_id"], profile_ids)
    title = _index_in(cells["title_id"], pa.array(gallery.title_ids, pa.string()))
    artwork = _index_in(cells["artwork_id"], pa.array(gallery.pools.artwork_ids, pa.string()))
    is_known = (profile >= 0) & (artwork >= 0) & (title >= 0)
    profile_and_day = profile * _DAYS + _days(cells["shown_on"])
    rows, feature_row = np.unique(profile_and_day[is_known], return_inverse=True)
    impressions = Impressions(
        feature_row=feature_row,
        profile=profile[is_known],
        title=title[is_known],
        artwork=artwork[is_known],
        row_position=_integers(cells["row_position"])[is_known],
        column_position=_integers(cells["column_position"])[is_known],
        impressions=_integers(cells["impressions_count"])[is_known],
        quality_plays=_integers(cells["quality_plays_count"])[is_known],
        weight=np.ones(len(feature_row)),
    )
    return impressions, rows // _DAYS, rows % _DAYS


class _GenrePlays:
    """Cumulative counts of the titles of each genre that profiles played, by day."""

    def __init__(
        self,
        first_plays: pa.Table,
        profile_ids: pa.Array,
        title_ids: NDArray[np.object_],
        genre_matrix: NDArray[np.bool_],
    ) -> None:
        profile = _index_in(first_plays["profile_id"], profile_ids)
        title = _index_in(first_plays["title_id"], pa.array(title_ids))
        is_known = (profile >= 0) & (title >= 0)
        profile_and_day = profile * _DAYS + _days(first_plays["first_on"])
        order = np.argsort(profile_and_day[is_known], kind="stable")
        self._profile_and_day = profile_and_day[is_known][order]
        genres = genre_matrix[title[is_known][order]].astype(np.int64)
        nothing = np.zeros((1, genre_matrix.shape[1]), np.int64)
        self._counts = np.vstack([nothing, np.cumsum(genres, axis=0)])

    def before(self, profile: INTS, day: INTS) -> tuple[INTS, INTS]:
        """Titles of each genre (k, g), and all titles (k,), that were played before each day."""
        first = np.searchsorted(self._profile_and_day, profile * _DAYS)
        last = np.searchsorted(self._profile_and_day, profile * _DAYS + day)
        return self._counts[last] - self._counts[first], last - first


def _sorted_by_content(impressions: Impressions) -> Impressions:
    """The same cells in an order of their content, so that one log gives one policy."""
    keys = (
        impressions.artwork,
        impressions.title,
        impressions.column_position,
        impressions.row_position,
        impressions.profile,
        impressions.feature_row,
    )
    return impressions.where(np.lexsort(keys))


def _index_in(column: pa.ChunkedArray, ids: pa.Array) -> INTS:
    """Index of each value in `ids`, -1 where it is not there."""
    indices = pc.index_in(column, value_set=ids).combine_chunks()
    return pc.fill_null(indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def _integers(column: pa.ChunkedArray) -> INTS:
    return column.to_numpy().astype(np.int64)


def _days(column: pa.ChunkedArray) -> INTS:
    """Days since 1970 of a column of dates."""
    return column.cast(pa.int32()).to_numpy().astype(np.int64)
