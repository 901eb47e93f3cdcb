"""Arrow tables to the arrays that models work on."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.artwork import artwork as choice
from conf.evidence import evidence
from models.artwork.gallery import Gallery
from models.artwork.pictures import LEVELS, Pictures
from models.catalogue import Catalogue, Neighbours, Profiles
from models.credits import credits_from

NO_LIMIT = 99  # maturity limit of a profile that has none, in years


def catalogue_from(
    features: pa.Table, titles: pa.Table, windows: pa.Table, artwork: pa.Table, as_of_s: float
) -> Catalogue:
    """The catalogue from `title_features`, the newest `titles`, `availability` and `artwork` known at one moment.

    Titles are sorted by title_id and must be the same in both tables. A title without any window in `windows` is
    available everywhere; one that has windows is available only inside them.
    """
    features, titles = features.sort_by("title_id"), titles.sort_by("title_id")
    ids = _texts(titles["title_id"])
    if not np.array_equal(ids, _texts(features["title_id"])):
        raise ValueError("title_features and titles name different titles")
    genres = tuple(sorted(set(titles["genres"].combine_chunks().flatten().drop_null().to_pylist()) - {""}))
    available, ends = _availability(windows, ids, as_of_s)
    maturity = _filled(titles["maturity"], -1).astype(np.int16)
    return Catalogue(
        title_ids=ids,
        names=_texts(titles["name"]),
        genres=genres,
        genre_matrix=_memberships(titles["genres"], genres),
        maturity=maturity,
        features={
            name: _floats(features[name])
            for name in features.column_names
            if name.startswith("title_") and name != "title_id"
        },
        available=available,
        ends_s=ends,
        gallery=Gallery(pictures_from(artwork, ids), ids, maturity, genres),
        as_of_s=as_of_s,
        credits=credits_from(titles),
    )


def profiles_from(batch: pa.RecordBatch | pa.Table, catalogue: Catalogue) -> Profiles:
    """A batch of `profile_features` rows as arrays; history entries of titles not in the catalogue are dropped."""
    table = pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
    lists = table["history"].combine_chunks()
    flat = lists.flatten()
    lengths = pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False)
    title = _index_in(flat.field("title_id"), catalogue.title_ids)
    known = title >= 0
    offsets = _offsets(np.bincount(np.repeat(np.arange(len(lists)), lengths)[known], minlength=len(lists)))
    return Profiles(
        profile_ids=_texts(table["profile_id"]),
        offsets=offsets,
        title=title[known].astype(np.int32),
        last_at_s=_seconds(flat.field("last_at"))[known],
        plays=flat.field("plays_count").to_numpy(zero_copy_only=False)[known].astype(np.int32),
        stars=_floats(flat.field("stars"))[known],
        features={n: _floats(table[n]) for n in table.column_names if n.startswith("profile_") and n != "profile_id"},
        country=_texts(table["country"]),
        maturity_limit=_filled(table["maturity_limit"], NO_LIMIT).astype(np.int16),
        kids=pc.fill_null(table["kids"], False).to_numpy(zero_copy_only=False).astype(bool),
        blocked=_ragged(table["blocked_titles"], catalogue.title_ids),
        language=_spoken(table["languages"]),
    )


def neighbours_from(similars: pa.Table, method: str, catalogue: Catalogue) -> Neighbours:
    """The rows of one method of `similars` as ragged arrays over the catalogue's titles."""
    table = similars.filter(pc.equal(similars["method"], method))
    lists = table["neighbours"].combine_chunks()
    source = _index_in(table["title_id"].combine_chunks(), catalogue.title_ids)
    repeated = np.repeat(source, pc.list_value_length(lists).to_numpy(zero_copy_only=False))
    target = _index_in(lists.flatten().field("title_id"), catalogue.title_ids)
    weight = _floats(lists.flatten().field("weight"))
    keep = np.flatnonzero((repeated >= 0) & (target >= 0))
    keep = keep[np.argsort(repeated[keep], kind="stable")]
    counts = np.bincount(repeated[keep], minlength=catalogue.size)
    return Neighbours(_offsets(counts), target[keep].astype(np.int32), weight[keep])


def _availability(
    windows: pa.Table, ids: NDArray[np.object_], as_of_s: float
) -> tuple[dict[str, NDArray[np.bool_]], dict[str, NDArray[np.float64]]]:
    title = _index_in(windows["title_id"].combine_chunks(), ids)
    country = _texts(windows["country"])
    start, end = _seconds(windows["from_at"]), np.nan_to_num(_seconds(windows["until_at"]), nan=np.inf)
    limited = np.zeros(len(ids), bool)
    limited[title[title >= 0]] = True
    available, ends = {"": ~limited}, {"": np.full(len(ids), np.inf)}
    for name in sorted(set(country)):
        now = (country == name) & (title >= 0) & (start <= as_of_s) & (as_of_s < end)
        mask, until = ~limited, np.full(len(ids), np.inf)
        mask[title[now]] = True
        until[title[now]] = -np.inf
        np.maximum.at(until, title[now], end[now])
        available[name], ends[name] = mask, until
    return available, ends


def pictures_from(artwork: pa.Table, ids: NDArray[np.object_]) -> Pictures:
    """The newest `artwork` of the titles `ids`, in their order; pictures of other titles are left out."""
    ranked = artwork.sort_by("artwork_id")
    title = _index_in(ranked["title_id"].combine_chunks(), ids)
    order = np.argsort(title, kind="stable")[np.count_nonzero(title < 0) :]
    ranked, title = ranked.take(pa.array(order)), title[order]
    theme = _texts(ranked["theme"])
    themes = tuple(sorted(set(theme.tolist())))
    place = {name: at for at, name in enumerate(themes)}
    stands_for = _floats(pc.fill_null(ranked["representativeness"], choice().unknown_representativeness))
    return Pictures(
        offsets=_offsets(np.bincount(title, minlength=len(ids))),
        artwork_ids=_texts(ranked["artwork_id"]),
        themes=themes,
        theme=np.array([place[name] for name in theme], np.int32),
        level=np.rint(stands_for * (LEVELS - 1)).astype(np.int32),
        maturity=_filled(ranked["maturity"], -1).astype(np.int16),
    )


def _memberships(lists: pa.ChunkedArray, names: Sequence[str]) -> NDArray[np.bool_]:
    flat = lists.combine_chunks()
    row = np.repeat(np.arange(len(flat)), pc.list_value_length(flat).fill_null(0).to_numpy(zero_copy_only=False))
    column = _index_in(flat.flatten(), np.array(names, object))
    matrix = np.zeros((len(flat), len(names)), bool)
    matrix[row[column >= 0], column[column >= 0]] = True
    return matrix


def _spoken(languages: pa.ChunkedArray) -> NDArray[np.object_]:
    """The first language understood in which anything can be said."""
    return np.array([evidence().language_of(understood) for understood in languages.to_pylist()], object)


def _ragged(lists: pa.ChunkedArray, ids: NDArray[np.object_]) -> tuple[NDArray[np.int32], ...]:
    at: Mapping[str, int] = {} if lists.null_count == len(lists) else {t: i for i, t in enumerate(ids)}
    return tuple(np.array([at[t] for t in (entry or ()) if t in at], np.int32) for entry in lists.to_pylist())


def _index_in(values: pa.Array, ids: NDArray[np.object_]) -> NDArray[np.int64]:
    found = pc.index_in(values, pa.array(ids, pa.string())).fill_null(-1)
    return found.to_numpy(zero_copy_only=False).astype(np.int64)


def _offsets(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _texts(column: pa.Array | pa.ChunkedArray) -> NDArray[np.object_]:
    return np.array(pc.fill_null(column, "").to_pylist(), dtype=object)


def _floats(column: pa.Array | pa.ChunkedArray) -> NDArray[np.float32]:
    return (
        column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float32)
        if isinstance(column, pa.Array)
        else column.cast(pa.float64()).to_numpy().astype(np.float32)
    )


def _filled(column: pa.ChunkedArray, value: int) -> NDArray[np.int64]:
    return pc.fill_null(column, value).to_numpy()


def _seconds(column: pa.Array | pa.ChunkedArray) -> NDArray[np.float64]:
    micros = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).cast(pa.float64())
    values = micros.to_numpy(zero_copy_only=False) if isinstance(micros, pa.Array) else micros.to_numpy()
    return values / 1e6
