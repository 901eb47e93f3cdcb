"""Arrow tables to the arrays that models work on."""

from collections.abc import Sequence

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
from models.catalogue.columns import filled, flags, floats, index_in, seconds, texts
from models.catalogue.credits import credits_from
from models.catalogue.facets import facets_from
from models.catalogue.watch_state import MyLists, viewing_from
from models.ragged import Ragged

NO_LIMIT = 99  # maturity limit of a profile that has none, in years


def catalogue_from(
    features: pa.Table, titles: pa.Table, windows: pa.Table, artwork: pa.Table, as_of_s: float
) -> Catalogue:
    """The catalogue at one moment, from `title_features` and the newest versions of the dimensions.

    These are `titles`, `availability` and `artwork`. Titles are sorted by title_id. A title without
    any window in `windows` is available everywhere; one that has windows is available only inside
    them.

    Raises:
        ValueError: where `features` and `titles` name different titles.
    """
    features, titles = features.sort_by("title_id"), titles.sort_by("title_id")
    title_ids = texts(titles["title_id"])
    if not np.array_equal(title_ids, texts(features["title_id"])):
        raise ValueError("title_features and titles name different titles")
    genres = _genres(titles["genres"].combine_chunks())
    availability = _availability(windows, title_ids, as_of_s)
    maturity = filled(titles["maturity"], -1).astype(np.int16)
    pools = artwork_pools(artwork, title_ids)
    country_plays = features["country_plays"].combine_chunks()
    return Catalogue(
        title_ids=title_ids,
        names=texts(titles["name"]),
        genres=genres,
        genre_matrix=_memberships(titles["genres"].combine_chunks(), genres),
        maturity=maturity,
        features=_features(features, "title_"),
        available=availability.open,
        ends_s=availability.ends_s,
        gallery=Gallery(pools, title_ids, maturity, genres),
        as_of_s=as_of_s,
        since_s=availability.since_s,
        back=availability.back,
        country_plays=_country_plays(country_plays, len(title_ids)),
        facets=facets_from(titles, rows()),
        credits=credits_from(titles),
        audio=_audio(titles["languages"].combine_chunks()),
    )


def profiles_from(batch: pa.RecordBatch | pa.Table, catalogue: Catalogue) -> Profiles:
    """A batch of `profile_features` rows as arrays; history entries of other titles are dropped."""
    table = pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
    histories = table["history"].combine_chunks()
    entries = histories.flatten()
    title = index_in(entries.field("title_id"), catalogue.title_ids)
    keep = title >= 0
    owner = Ragged.from_arrow(histories).owners[keep]
    plays = entries.field("plays_count").to_numpy(zero_copy_only=False)
    languages = table["languages"].to_pylist()
    return Profiles(
        profile_ids=texts(table["profile_id"]),
        offsets=Ragged.from_owners(owner, len(histories)).offsets,
        title=title[keep].astype(np.int32),
        last_at_s=seconds(entries.field("last_at"))[keep],
        plays=plays[keep].astype(np.int32),
        stars=floats(entries.field("stars"))[keep],
        features=_features(table, "profile_"),
        country=texts(table["country"]),
        maturity_limit=filled(table["maturity_limit"], NO_LIMIT).astype(np.int16),
        kids=flags(table["kids"]),
        blocked=_blocked(table["blocked_titles"], catalogue.title_ids),
        viewing=viewing_from(entries, keep),
        my_lists=_my_lists(table["my_list"].combine_chunks(), catalogue.title_ids),
        language=np.array([evidence().language_of(tags) for tags in languages], object),
        understands=tuple(frozenset(map(main_language, tags or ())) for tags in languages),
    )


def neighbours_from(similars: pa.Table, method: str, catalogue: Catalogue) -> Neighbours:
    """The rows of one method of `similars` as lists over the catalogue's titles."""
    table = similars.filter(pc.equal(similars["method"], method))
    lists = table["neighbours"].combine_chunks()
    entries = lists.flatten()
    source = index_in(table["title_id"].combine_chunks(), catalogue.title_ids)
    owner = source[Ragged.from_arrow(lists).owners]
    target = index_in(entries.field("title_id"), catalogue.title_ids)
    keep = np.flatnonzero((owner >= 0) & (target >= 0))
    in_order = keep[np.argsort(owner[keep], kind="stable")]
    offsets = Ragged.from_owners(owner[in_order], catalogue.size).offsets
    weight = floats(entries.field("weight"))
    return Neighbours(offsets, target[in_order].astype(np.int32), weight[in_order])


def artwork_pools(artwork: pa.Table, title_ids: NDArray[np.object_]) -> ArtworkPools:
    """The newest `artwork` of the titles `title_ids`, in their order.

    That of other titles is left out.
    """
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


def main_language(tag: str) -> str:
    """The language of a BCP 47 tag without its region: pt for pt-BR."""
    return tag.split("-")[0].lower()


def _features(table: pa.Table, prefix: str) -> dict[str, NDArray[np.float32]]:
    """The numeric columns whose names begin so, without the id."""
    names = [name for name in table.column_names if name.startswith(prefix)]
    return {name: floats(table[name]) for name in names if name != f"{prefix}id"}


def _genres(lists: pa.ListArray) -> tuple[str, ...]:
    """All genres of the titles, sorted."""
    genres = set(lists.flatten().drop_null().to_pylist())
    return tuple(sorted(genres - {""}))


def _memberships(lists: pa.ListArray, names: Sequence[str]) -> NDArray[np.bool_]:
    """Mask (lists, names) of the names that each list holds."""
    row = Ragged.from_arrow(lists).owners
    column = index_in(lists.flatten(), np.array(names, object))
    is_name = column >= 0
    mask = np.zeros((len(lists), len(names)), bool)
    mask[row[is_name], column[is_name]] = True
    return mask


def _audio(lists: pa.ListArray) -> dict[str, NDArray[np.bool_]]:
    """Mask (n,) of the titles that are spoken in each main language."""
    row = Ragged.from_arrow(lists).owners
    language = np.array([main_language(tag) for tag in lists.flatten().to_pylist()], object)
    audio = {}
    for name in sorted(set(language)):
        mask = np.zeros(len(lists), bool)
        mask[row[language == name]] = True
        audio[name] = mask
    return audio


def _availability(windows: pa.Table, title_ids: NDArray[np.object_], as_of_s: float) -> Windows:
    title = index_in(windows["title_id"].combine_chunks(), title_ids)
    start_s = seconds(windows["from_at"])
    end_s = np.nan_to_num(seconds(windows["until_at"]), nan=np.inf)
    return windows_at(title, texts(windows["country"]), start_s, end_s, as_of_s, len(title_ids))


def _country_plays(lists: pa.ListArray, size: int) -> dict[str, dict[str, NDArray[np.float32]]]:
    """The structs of `country_plays` by country and column (n,), with their sums as EVERYBODY."""
    row = Ragged.from_arrow(lists).owners
    entries = lists.flatten()
    country = texts(entries.field("country"))
    countries = sorted(set(country))
    columns = [field.name for field in entries.type if field.name != "country"]
    plays = {
        name: {column: np.zeros(size, np.float32) for column in columns}
        for name in (EVERYBODY, *countries)
    }
    for column in columns:
        values = floats(entries.field(column))
        np.add.at(plays[EVERYBODY][column], row, values)
        for name in countries:
            in_country = country == name
            plays[name][column][row[in_country]] = values[in_country]
    return plays


def _my_lists(lists: pa.ListArray, title_ids: NDArray[np.object_]) -> MyLists:
    owner, entries = Ragged.from_arrow(lists).owners, lists.flatten()
    title = index_in(entries.field("title_id"), title_ids)
    keep = title >= 0
    offsets = Ragged.from_owners(owner[keep], len(lists)).offsets
    at_s = seconds(entries.field("listed_at"))[keep]
    return MyLists(offsets, title[keep].astype(np.int32), at_s)


def _blocked(
    lists: pa.ChunkedArray, title_ids: NDArray[np.object_]
) -> tuple[NDArray[np.int32], ...]:
    """The catalogue indices of each list of title ids."""
    if lists.null_count == len(lists):
        return (np.zeros(0, np.int32),) * len(lists)
    index = {title_id: number for number, title_id in enumerate(title_ids)}
    blocked = []
    for ids in lists.to_pylist():
        titles = [index[title_id] for title_id in ids or () if title_id in index]
        blocked.append(np.array(titles, np.int32))
    return tuple(blocked)
