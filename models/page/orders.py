"""The orders that rows are filled from: for each, pools of titles, best first."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from conf.rows import RowKind
from models.catalogue import Catalogue, Neighbours, Profiles
from models.page.rules import liked, owners

FLOAT = NDArray[np.float32]


@dataclass(frozen=True)
class Pools:
    """Ragged lists of titles, best first: pool p is `title[offsets[p]:offsets[p+1]]`, each with its value.

    There is one pool for everybody, or one for each profile, or (similar) one for each anchor title.
    """

    offsets: NDArray[np.int64]
    title: NDArray[np.int32]
    value: FLOAT

    @property
    def size(self) -> int:
        """Number of pools."""
        return len(self.offsets) - 1


def pools(kind: RowKind, catalogue: Catalogue, profiles: Profiles, own: Pools, neighbours: Neighbours) -> Pools:
    """The pools of a kind of row; `own` are the profiles' own rankings.

    Ties are broken by the title's index, so that a page is the same every time.
    """
    if kind.order == "personal":
        return own
    if kind.order == "similar":
        return similar(neighbours)
    if kind.order == "history":
        return history(profiles)
    return general(kind, catalogue)


def personal(scores: FLOAT) -> Pools:
    """The candidates of each profile, highest score first; `scores` (m, n) is -inf where a title is no candidate."""
    row, title = np.nonzero(np.isfinite(scores))
    found = Pools(_offsets(row, len(scores)), title.astype(np.int32), scores[row, title].astype(np.float32))
    _sort_each(found.offsets, found.value, found.title)
    return found


def similar(neighbours: Neighbours) -> Pools:
    """What each title speaks for, strongest first as it comes; weights of zero and below speak against."""
    source = np.repeat(np.arange(len(neighbours.offsets) - 1), np.diff(neighbours.offsets))
    keep = neighbours.weight > 0
    offsets = _offsets(source[keep], len(neighbours.offsets) - 1)
    return Pools(offsets, neighbours.title[keep], neighbours.weight[keep])


def history(profiles: Profiles) -> Pools:
    """What each profile played and did not dislike: most played first, then by its stars, then newest."""
    keep = liked(profiles)
    owner, plays, stars = owners(profiles)[keep], profiles.plays[keep], np.nan_to_num(profiles.stars[keep], nan=0.0)
    order = np.lexsort((profiles.title[keep], -profiles.last_at_s[keep], -stars, -plays, owner))
    value = plays[order].astype(np.float32)
    return Pools(_offsets(owner, profiles.size), profiles.title[keep][order], value)


def general(kind: RowKind, catalogue: Catalogue) -> Pools:
    """One pool for everybody: by popularity, trend or newness, only of titles for which the row's claim is true."""
    keys = {"popularity": _popularity, "trend": _trend, "newness": _newness}[kind.order](kind, catalogue)
    value, *ties = keys
    title = np.flatnonzero(~np.isnan(value))
    order = title[np.lexsort((title, *(-tie[title] for tie in reversed(ties)), -value[title]))]
    return Pools(np.array([0, len(order)]), order.astype(np.int32), value[order])


def _popularity(kind: RowKind, catalogue: Catalogue) -> tuple[FLOAT, ...]:
    """Plays in the window, then in a year, then ever; a title that was never played is not popular."""
    features = catalogue.features
    ever = features["title_plays_count_all"]
    recent = features[f"title_plays_count_{kind.window_days}d"]
    return np.where(ever > 0, recent, np.float32(np.nan)), features["title_plays_count_365d"], ever


def _trend(kind: RowKind, catalogue: Catalogue) -> tuple[FLOAT, ...]:
    """The trend itself, where it rises and enough plays carry it."""
    rising, plays = trending(kind, catalogue), catalogue.features[f"title_plays_count_{kind.window_days}d"]
    return np.where(rising, catalogue.features[f"title_trend_{kind.window_days}d"], np.float32(np.nan)), plays


def trending(kind: RowKind, catalogue: Catalogue) -> NDArray[np.bool_]:
    """Mask (n,) of the titles that may be called trending."""
    plays = catalogue.features[f"title_plays_count_{kind.window_days}d"]
    mask: NDArray[np.bool_] = (catalogue.features[f"title_trend_{kind.window_days}d"] > 0) & (plays >= kind.least_plays)
    return mask


def _newness(kind: RowKind, catalogue: Catalogue) -> tuple[FLOAT, ...]:
    """Minus the age, where it lies within the window."""
    age = age_days(catalogue)
    new = (age >= 0) & (age <= kind.window_days)
    return np.where(new, -age, np.float32(np.nan)), catalogue.features["title_plays_count_7d"]


def age_days(catalogue: Catalogue) -> FLOAT:
    """Days since launch, or since the first play where no launch is known; NaN where neither is (n,)."""
    launch = catalogue.features["title_launch_age_days"]
    return np.where(np.isnan(launch), catalogue.features["title_first_play_age_days"], launch)


def _offsets(sorted_row: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.bincount(sorted_row, minlength=rows))]).astype(np.int64)


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
