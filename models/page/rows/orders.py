"""The orders that rows are filled from: for each, pools of titles, best first."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from conf.days import DAY_S
from conf.rows import RowKind
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.catalogue.eligibility import continuing, liked
from models.page.rows.country_orders import FLOAT, general
from models.ragged import INTS, Ragged

OF_PROFILES = (
    "personal",
    "pvr",
    "history",
    "resume",
    "list",
)  # orders that have a pool for each profile


@dataclass(frozen=True)
class Pools(Ragged):
    """Lists of titles, best first, each title with its value.

    There is one pool for each country of the batch, or one for each profile, or (similar) one for each anchor title.
    """

    title: NDArray[np.int32]
    value: FLOAT


def pools(
    kind: RowKind,
    catalogue: Catalogue,
    profiles: Profiles,
    own: dict[str, Pools],
    neighbours: Neighbours,
) -> tuple[Pools, INTS]:
    """The pools of a kind of row, and for each profile the one that is its (m,), where they are not by anchor.

    `own` are the profiles' own rankings by order. Ties are broken by the title's index: a page is the same every time.
    """
    if kind.order == "similar":
        return similar(neighbours), np.arange(profiles.size)
    if kind.order in OF_PROFILES:
        return _of_profiles(kind, catalogue, profiles, own), np.arange(profiles.size)
    countries, place = np.unique(profiles.country.astype(str), return_inverse=True)
    return _joined([general(kind, catalogue, str(country)) for country in countries]), place


def _of_profiles(
    kind: RowKind, catalogue: Catalogue, profiles: Profiles, own: dict[str, Pools]
) -> Pools:
    if kind.order in own:
        return own[kind.order]
    if kind.order == "history":
        return history(kind, profiles)
    return resuming(kind, profiles, catalogue) if kind.order == "resume" else listed(profiles)


def rankings(profiles: Profiles, scores: FLOAT) -> dict[str, Pools]:
    """The profiles' own rankings by order: of the candidates, by `scores`, and of all they may be shown, by PVR.

    Where PVR does not serve, its rows are in the order of the candidates.
    """
    head = personal(scores)
    return {
        "personal": head,
        "pvr": head if profiles.pvr is None else personal(profiles.pvr.scores),
    }


def personal(scores: FLOAT) -> Pools:
    """The candidates of each profile, highest score first; `scores` (m, n) is -inf where a title is no candidate."""
    row, title = np.nonzero(np.isfinite(scores))
    found = Pools(
        Ragged.from_owners(row, len(scores)).offsets,
        title.astype(np.int32),
        scores[row, title].astype(np.float32),
    )
    _sort_each(found.offsets, found.value, found.title)
    return found


def similar(neighbours: Neighbours) -> Pools:
    """What each title speaks for, strongest first as it comes; weights of zero and below speak against."""
    keep = neighbours.weight > 0
    lists = Ragged.from_owners(neighbours.owners[keep], neighbours.list_count)
    return Pools(lists.offsets, neighbours.title[keep], neighbours.weight[keep])


def history(kind: RowKind, profiles: Profiles) -> Pools:
    """What each profile played and did not dislike: most played first, then by its stars, then newest.

    A kind that shows finished titles only leaves out what the profile would go on with.
    """
    keep = liked(profiles) & ~(profiles.states.to_continue & (kind.watched == "finished"))
    owner, plays, stars = (
        profiles.owners[keep],
        profiles.plays[keep],
        np.nan_to_num(profiles.stars[keep], nan=0.0),
    )
    order = np.lexsort((profiles.title[keep], -profiles.last_at_s[keep], -stars, -plays, owner))
    value = plays[order].astype(np.float32)
    lists = Ragged.from_owners(owner, profiles.size)
    return Pools(lists.offsets, profiles.title[keep][order], value)


def resuming(kind: RowKind, profiles: Profiles, catalogue: Catalogue) -> Pools:
    """What each profile can go on with: most wanted first where a ranker says so, else the newest (N-040, N-043)."""
    keep = continuing(profiles, catalogue, kind.window_days)
    owner, newest = profiles.owners[keep], profiles.last_at_s[keep]
    value = (newest - catalogue.as_of_s) / DAY_S if profiles.wish is None else profiles.wish[keep]
    order = np.lexsort((profiles.title[keep], -newest, -value, owner))
    lists = Ragged.from_owners(owner, profiles.size)
    return Pools(lists.offsets, profiles.title[keep][order], value[order].astype(np.float32))


def listed(profiles: Profiles) -> Pools:
    """What each profile put on its list, newest first."""
    if profiles.my_lists is None:
        return Pools(
            np.zeros(profiles.size + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32)
        )
    lists = profiles.my_lists
    return Pools(lists.offsets, lists.title, -lists.index_within.astype(np.float32))


def _joined(found: list[tuple[NDArray[np.int32], FLOAT]]) -> Pools:
    """Lists of titles and values as one ragged list."""
    none = (np.zeros(0, np.int32), np.zeros(0, np.float32))
    title, value = (np.concatenate(part) for part in zip(none, *found, strict=True))
    counts = np.array([len(titles) for titles, _ in found], np.int64)
    return Pools(Ragged.from_counts(counts).offsets, title, value)


@numba.njit(cache=True)
def sort_descending(keys, titles):  # type: ignore[no-untyped-def]
    """Sort both by key, highest first, equal keys left in their order: a merge sort in place."""
    count = len(keys)
    spare_keys, spare_titles = np.empty(count, np.float32), np.empty(count, np.int32)
    width = 1
    while width < count:
        for start in range(0, count, 2 * width):
            middle, end = min(start + width, count), min(start + 2 * width, count)
            left, right = start, middle
            for out in range(start, end):
                take_left = right >= end or (left < middle and keys[left] >= keys[right])
                source = left if take_left else right
                spare_keys[out], spare_titles[out] = keys[source], titles[source]
                left, right = (left + 1, right) if take_left else (left, right + 1)
        for j in range(count):
            keys[j], titles[j] = spare_keys[j], spare_titles[j]
        width *= 2


@numba.njit(cache=True)
def _sort_each(offsets, keys, titles):  # type: ignore[no-untyped-def]
    for p in range(len(offsets) - 1):
        sort_descending(keys[offsets[p] : offsets[p + 1]], titles[offsets[p] : offsets[p + 1]])
