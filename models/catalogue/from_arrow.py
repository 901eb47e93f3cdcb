"""Arrow tables to the arrays that models work on."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.artwork import artwork_settings
from conf.evidence import evidence
from conf.rows import rows
from models.artwork.gallery import Gallery
from models.artwork.pools import LEVELS, ArtworkPools
from models.catalogue.arrays import EVERYBODY, Catalogue, Neighbours, Profiles
from models.catalogue.availability import Windows, windows_at
from models.catalogue.columns import filled, floats, index_in, seconds, texts
from models.catalogue.credits import credits_from
from models.catalogue.facets import facets_from
from models.catalogue.watch_state import Listed, viewing_from
from models.ragged import Ragged

NO_LIMIT = 99  # maturity limit of a profile that has none, in years


def catalogue_from(
    features: pa.Table, titles: pa.Table, windows: pa.Table, artwork: pa.Table, as_of_s: float
) -> Catalogue:
    """The catalogue from `title_features`, the newest `titles`, `availability` and `artwork` known at one moment.

    Titles are sorted by title_id and must be the same in both tables. A title without any window in `windows` is
    available everywhere; one that has windows is available only inside them.
    """
    features, titles = features.sort_by("title_id"), titles.sort_by("title_id")
    ids = texts(titles["title_id"])
    if not np.array_equal(ids, texts(features["title_id"])):
        raise ValueError("title_features and titles name different titles")
    genres = tuple(
        sorted(set(titles["genres"].combine_chunks().flatten().drop_null().to_pylist()) - {""})
    )
    found = _availability(windows, ids, as_of_s)
    maturity = filled(titles["maturity"], -1).astype(np.int16)
    return Catalogue(
        title_ids=ids,
        names=texts(titles["name"]),
        genres=genres,
        genre_matrix=_memberships(titles["genres"], genres),
        maturity=maturity,
        features={
            name: floats(features[name])
            for name in features.column_names
            if name.startswith("title_") and name != "title_id"
        },
        available=found.open,
        ends_s=found.ends_s,
        gallery=Gallery(artwork_pools(artwork, ids), ids, maturity, genres),
        as_of_s=as_of_s,
        since_s=found.since_s,
        back=found.back,
        country_plays=_country_plays(features["country_plays"].combine_chunks(), len(ids)),
        facets=facets_from(titles, rows()),
        credits=credits_from(titles),
        audio=_audio(titles["languages"].combine_chunks()),
    )


def profiles_from(batch: pa.RecordBatch | pa.Table, catalogue: Catalogue) -> Profiles:
    """A batch of `profile_features` rows as arrays; history entries of titles not in the catalogue are dropped."""
    table = pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
    lists = table["history"].combine_chunks()
    flat = lists.flatten()
    title = index_in(flat.field("title_id"), catalogue.title_ids)
    known = title >= 0
    owner = Ragged.from_arrow(lists).owners[known]
    return Profiles(
        profile_ids=texts(table["profile_id"]),
        offsets=Ragged.from_owners(owner, len(lists)).offsets,
        title=title[known].astype(np.int32),
        last_at_s=seconds(flat.field("last_at"))[known],
        plays=flat.field("plays_count").to_numpy(zero_copy_only=False)[known].astype(np.int32),
        stars=floats(flat.field("stars"))[known],
        features={
            n: floats(table[n])
            for n in table.column_names
            if n.startswith("profile_") and n != "profile_id"
        },
        country=texts(table["country"]),
        maturity_limit=filled(table["maturity_limit"], NO_LIMIT).astype(np.int16),
        kids=pc.fill_null(table["kids"], False).to_numpy(zero_copy_only=False).astype(bool),
        blocked=_ragged(table["blocked_titles"], catalogue.title_ids),
        viewing=viewing_from(flat, known),
        listed=_listed(table["my_list"].combine_chunks(), catalogue.title_ids),
        language=_spoken(table["languages"]),
        understands=tuple(
            frozenset(map(main_language, some or ())) for some in table["languages"].to_pylist()
        ),
    )


def neighbours_from(similars: pa.Table, method: str, catalogue: Catalogue) -> Neighbours:
    """The rows of one method of `similars` as ragged arrays over the catalogue's titles."""
    table = similars.filter(pc.equal(similars["method"], method))
    lists = table["neighbours"].combine_chunks()
    source = index_in(table["title_id"].combine_chunks(), catalogue.title_ids)
    repeated = source[Ragged.from_arrow(lists).owners]
    target = index_in(lists.flatten().field("title_id"), catalogue.title_ids)
    weight = floats(lists.flatten().field("weight"))
    keep = np.flatnonzero((repeated >= 0) & (target >= 0))
    keep = keep[np.argsort(repeated[keep], kind="stable")]
    offsets = Ragged.from_owners(repeated[keep], catalogue.size).offsets
    return Neighbours(offsets, target[keep].astype(np.int32), weight[keep])


def main_language(tag: str) -> str:
    """The language of a BCP 47 tag without its region: pt for pt-BR."""
    return tag.split("-")[0].lower()


def _audio(lists: pa.ListArray) -> dict[str, NDArray[np.bool_]]:
    """Each main language with the mask of the titles that are spoken in it."""
    row = Ragged.from_arrow(lists).owners
    spoken = np.array([main_language(tag) for tag in lists.flatten().to_pylist()], object)
    found = {name: np.zeros(len(lists), bool) for name in sorted(set(spoken))}
    for name, mask in found.items():
        mask[row[spoken == name]] = True
    return found


def _availability(windows: pa.Table, ids: NDArray[np.object_], as_of_s: float) -> Windows:
    title = index_in(windows["title_id"].combine_chunks(), ids)
    start, end = (
        seconds(windows["from_at"]),
        np.nan_to_num(seconds(windows["until_at"]), nan=np.inf),
    )
    return windows_at(title, texts(windows["country"]), start, end, as_of_s, len(ids))


def _country_plays(lists: pa.ListArray, size: int) -> dict[str, dict[str, NDArray[np.float32]]]:
    """The structs of `country_plays` by country and column, with their sums as EVERYBODY."""
    row = Ragged.from_arrow(lists).owners
    flat, country = lists.flatten(), texts(lists.flatten().field("country"))
    columns = [field.name for field in flat.type if field.name != "country"]
    found = {
        name: {c: np.zeros(size, np.float32) for c in columns}
        for name in (EVERYBODY, *sorted(set(country)))
    }
    for column in columns:
        values = floats(flat.field(column))
        np.add.at(found[EVERYBODY][column], row, values)
        for name in found.keys() - {EVERYBODY}:
            here = country == name
            found[name][column][row[here]] = values[here]
    return found


def _listed(lists: pa.ListArray, ids: NDArray[np.object_]) -> Listed:
    owner = Ragged.from_arrow(lists).owners
    title, at_s = (
        index_in(lists.flatten().field("title_id"), ids),
        seconds(lists.flatten().field("listed_at")),
    )
    known = title >= 0
    return Listed(
        Ragged.from_owners(owner[known], len(lists)).offsets,
        title[known].astype(np.int32),
        at_s[known],
    )


def artwork_pools(artwork: pa.Table, title_ids: NDArray[np.object_]) -> ArtworkPools:
    """The newest `artwork` of the titles `title_ids`, in their order; that of other titles is left out."""
    by_id = artwork.sort_by("artwork_id")
    title = index_in(by_id["title_id"].combine_chunks(), title_ids)
    others = np.count_nonzero(title < 0)
    order = np.argsort(title, kind="stable")[others:]
    rows, title = by_id.take(pa.array(order)), title[order]
    theme = texts(rows["theme"])
    themes = tuple(sorted(set(theme.tolist())))
    theme_index = {name: index for index, name in enumerate(themes)}
    default = artwork_settings().unknown_representativeness
    representativeness = floats(pc.fill_null(rows["representativeness"], default))
    return ArtworkPools(
        offsets=Ragged.from_owners(title, len(title_ids)).offsets,
        artwork_ids=texts(rows["artwork_id"]),
        themes=themes,
        theme=np.array([theme_index[name] for name in theme], np.int32),
        level=np.rint(representativeness * (LEVELS - 1)).astype(np.int32),
        maturity=filled(rows["maturity"], -1).astype(np.int16),
    )


def _memberships(lists: pa.ChunkedArray, names: Sequence[str]) -> NDArray[np.bool_]:
    flat = lists.combine_chunks()
    row = Ragged.from_arrow(flat).owners
    column = index_in(flat.flatten(), np.array(names, object))
    matrix = np.zeros((len(flat), len(names)), bool)
    matrix[row[column >= 0], column[column >= 0]] = True
    return matrix


def _spoken(languages: pa.ChunkedArray) -> NDArray[np.object_]:
    """The first language understood in which anything can be said."""
    return np.array(
        [evidence().language_of(understood) for understood in languages.to_pylist()], object
    )


def _ragged(lists: pa.ChunkedArray, ids: NDArray[np.object_]) -> tuple[NDArray[np.int32], ...]:
    at: Mapping[str, int] = (
        {} if lists.null_count == len(lists) else {t: i for i, t in enumerate(ids)}
    )
    return tuple(
        np.array([at[t] for t in (entry or ()) if t in at], np.int32) for entry in lists.to_pylist()
    )
