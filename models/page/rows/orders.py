"""The orders that rows are filled from: for each its pools of titles, best first, and the sentence
of its cells.

What an order gives as evidence and what it claims stands under the same name in `conf/rows.yaml`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.compiled import njit
from conf.days import DAY_S
from conf.errors import UserMistake
from conf.rows import RowKind
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.catalogue.eligibility import continuing, liked
from models.page.evidence import sentences
from models.page.evidence.sentences import CellSentence
from models.page.rows import country_orders
from models.page.rows.country_orders import FLOAT, SortKeys, sorted_titles
from models.ragged import INTS, Ragged

DIGIT = 11  # bits of a key that one pass of a sort goes by
MOST = (1 << DIGIT) - 1
PASSES = 3  # for 32 bits


class RadixSpare(NamedTuple):
    """Room for the keys and titles of one list while they are sorted."""

    keys: NDArray[np.uint32]
    other_keys: NDArray[np.uint32]
    titles: NDArray[np.int32]
    ends: INTS  # (1 << DIGIT,)


@dataclass(frozen=True)
class Pools(Ragged):
    """Lists of titles, best first, each title with its value.

    There is one pool for each country, each profile or each anchor title.
    """

    title: NDArray[np.int32]
    value: FLOAT


@dataclass(frozen=True)
class PoolInputs:
    """A batch of profiles, and what pools are made of for it."""

    catalogue: Catalogue
    profiles: Profiles
    neighbours: Neighbours
    rankings: dict[str, Pools]  # the profiles' own rankings by order, see `rankings`
    orders: dict[str, Pools] = field(default_factory=dict)  # what `own_first` has made

    def own_first(self, order: str) -> Pools:
        """The ranking of an order with each profile's candidates first, see `own_order`."""
        if order not in self.orders:
            own, whole = self.rankings["personal"], self.rankings[order]
            has_history = self.profiles.counts > 0
            self.orders[order] = own_order(own, whole, has_history, self.catalogue.size)
        return self.orders[order]


@dataclass(frozen=True)
class CountryOrder:
    """An order that is the same for everybody in a country."""

    sort_keys: Callable[[RowKind, Catalogue, str], SortKeys]
    sentence: CellSentence
    # The kind of reason of conf/evidence.yaml that says the same, where that is not the evidence.
    reason: str | None = None

    def pools(self, kind: RowKind, inputs: PoolInputs) -> tuple[Pools, INTS]:
        """One pool for each country, and (m,) the index of each profile's."""
        countries, pool = np.unique(inputs.profiles.country.astype(str), return_inverse=True)
        keys = [self.sort_keys(kind, inputs.catalogue, str(country)) for country in countries]
        lists = [sorted_titles(of_country) for of_country in keys]
        counts = np.array([len(titles) for titles, _ in lists], np.int64)
        titles = np.concatenate([np.zeros(0, np.int32), *(titles for titles, _ in lists)])
        values = np.concatenate([np.zeros(0, np.float32), *(values for _, values in lists)])
        return Pools(Ragged.from_counts(counts).offsets, titles, values), pool


@dataclass(frozen=True)
class ProfileOrder:
    """An order that each profile, or each anchor, has its own pool of."""

    pool_maker: Callable[[RowKind, PoolInputs], Pools]
    sentence: CellSentence
    reason: str | None = None  # as of a CountryOrder

    def pools(self, kind: RowKind, inputs: PoolInputs) -> tuple[Pools, INTS]:
        """One pool for each profile or anchor, and (m,) the index of each profile's."""
        return self.pool_maker(kind, inputs), np.arange(inputs.profiles.size)


def rankings(profiles: Profiles, scores: FLOAT) -> dict[str, Pools]:
    """The profiles' own rankings by order: of the candidates, by `scores`, and of all they may be
    selected, by PVR.

    Where PVR does not serve, its rows are in the order of the candidates.
    """
    of_candidates = pools_by_score(scores)
    of_all = of_candidates if profiles.pvr is None else pools_by_score(profiles.pvr.scores)
    return {"personal": of_candidates, "pvr": of_all}


def pools_by_score(scores: FLOAT) -> Pools:
    """The candidates of each profile, highest score first; `scores` (m, n) is -inf where a title is
    no candidate.
    """
    return Pools(*_sorted_pools(np.ascontiguousarray(scores, np.float32)))


def own_order(own: Pools, whole: Pools, has_history: NDArray[np.bool_], size: int) -> Pools:
    """One pool for each profile: the titles of `whole`, those of its `own` ranking first and in its order.

    The value is the standing in the own ranking, from 1 (best) down to above 0, and 0 for all else.
    A profile without history has no ranking of its own.
    """
    title, value = np.empty(len(whole.title), np.int32), np.empty(len(whole.title), np.float32)
    _fill_own_order(
        (own.offsets, own.title), (whole.offsets, whole.title), has_history, size, (title, value)
    )
    return Pools(whole.offsets, title, value)


@njit()
def _fill_own_order(
    own: tuple[INTS, NDArray[np.int32]],
    whole: tuple[INTS, NDArray[np.int32]],
    has_history: NDArray[np.bool_],
    size: int,
    out: tuple[NDArray[np.int32], FLOAT],
) -> None:
    """Write the titles and values of `own_order`, of a catalogue of `size` titles."""
    remaining = np.zeros(size, np.bool_)
    for p in range(len(has_history)):
        first, last = whole[0][p], whole[0][p + 1]
        for j in range(first, last):
            remaining[whole[1][j]] = True
        low, high, at = own[0][p], own[0][p + 1], first
        if has_history[p]:
            for j in range(low, high):
                title = own[1][j]
                if remaining[title]:
                    out[0][at], out[1][at] = title, 1 - (j - low) / (high - low)
                    remaining[title] = False
                    at += 1
        for j in range(first, last):
            title = whole[1][j]
            if remaining[title]:
                out[0][at], out[1][at] = title, 0.0
                remaining[title] = False
                at += 1


def pools_by_ranker(kind: RowKind, inputs: PoolInputs) -> Pools:
    """The ranking of the kind's order."""
    return inputs.rankings[kind.order]


def similar_titles(_kind: RowKind, inputs: PoolInputs) -> Pools:
    """What each title speaks for, strongest first as it comes; weights of zero and below speak
    against.
    """
    neighbours = inputs.neighbours
    speaks_for = neighbours.weight > 0
    lists = Ragged.from_owners(neighbours.owners[speaks_for], neighbours.list_count)
    return Pools(lists.offsets, neighbours.title[speaks_for], neighbours.weight[speaks_for])


def play_history(kind: RowKind, inputs: PoolInputs) -> Pools:
    """What each profile played and did not dislike: most played first, then by its stars, then
    newest.

    A kind that shows finished titles only leaves out what the profile would continue.
    """
    profiles = inputs.profiles
    is_unfinished = profiles.states.to_continue & (kind.watched == "finished")
    selected = liked(profiles) & ~is_unfinished
    owner, title, plays = (
        profiles.owners[selected],
        profiles.title[selected],
        profiles.plays[selected],
    )
    stars = np.nan_to_num(profiles.stars[selected], nan=0.0)
    order = np.lexsort((title, -profiles.last_at_s[selected], -stars, -plays, owner))
    lists = Ragged.from_owners(owner, profiles.size)
    return Pools(lists.offsets, title[order], plays[order].astype(np.float32))


def titles_to_continue(kind: RowKind, inputs: PoolInputs) -> Pools:
    """What each profile can continue: most wanted first where a ranker says so, else the newest."""
    profiles, as_of_s = inputs.profiles, inputs.catalogue.as_of_s
    selected = continuing(profiles, inputs.catalogue, kind.window_days)
    owner, title = profiles.owners[selected], profiles.title[selected]
    newest_s = profiles.last_at_s[selected]
    value = (newest_s - as_of_s) / DAY_S if profiles.wish is None else profiles.wish[selected]
    order = np.lexsort((title, -newest_s, -value, owner))
    lists = Ragged.from_owners(owner, profiles.size)
    return Pools(lists.offsets, title[order], value[order].astype(np.float32))


def own_list(_kind: RowKind, inputs: PoolInputs) -> Pools:
    """What each profile put on its list, newest first."""
    lists = inputs.profiles.my_lists
    if lists is None:
        no_entries = np.zeros(inputs.profiles.size + 1, np.int64)
        return Pools(no_entries, np.zeros(0, np.int32), np.zeros(0, np.float32))
    return Pools(lists.offsets, lists.title, -lists.index_within.astype(np.float32))


# One entry for each order of conf/rows.yaml.
ORDERS: dict[str, CountryOrder | ProfileOrder] = {
    "personal": ProfileOrder(pools_by_ranker, sentences.taste_sentence),
    "pvr": ProfileOrder(pools_by_ranker, sentences.taste_sentence),
    "popularity": CountryOrder(country_orders.popularity_keys, sentences.popularity_sentence),
    "trend": CountryOrder(country_orders.trend_keys, sentences.trend_sentence),
    "newness": CountryOrder(country_orders.newness_keys, sentences.arrival_sentence),
    "return": CountryOrder(country_orders.return_keys, sentences.return_sentence),
    "season": CountryOrder(country_orders.season_keys, sentences.season_sentence),
    "acclaim": CountryOrder(country_orders.acclaim_keys, sentences.acclaim_sentence),
    "similar": ProfileOrder(similar_titles, sentences.similar_sentence),
    "history": ProfileOrder(play_history, sentences.replay_sentence, reason="again"),
    "resume": ProfileOrder(titles_to_continue, sentences.resume_sentence),
    "list": ProfileOrder(own_list, sentences.list_sentence),
}


def order_of(kind: RowKind) -> CountryOrder | ProfileOrder:
    """The order of a kind of row; without an entry in ORDERS there is no such row."""
    if kind.order not in ORDERS:
        place = "ORDERS of models/page/rows/orders.py"
        raise UserMistake(f"order {kind.order} of conf/rows.yaml has no entry in {place}")
    return ORDERS[kind.order]


@njit()
def sort_descending(keys: FLOAT, titles: NDArray[np.int32]) -> None:
    """Sort both by key, highest first, equal keys left in their order: a merge sort in place."""
    count = len(keys)
    spare_keys, spare_titles = np.empty(count, np.float32), np.empty(count, np.int32)
    width = 1
    while width < count:
        for start in range(0, count, 2 * width):
            middle, end = min(start + width, count), min(start + 2 * width, count)
            low, high = start, middle
            for out in range(start, end):
                take_low = high >= end or (low < middle and keys[low] >= keys[high])
                source = low if take_low else high
                spare_keys[out], spare_titles[out] = keys[source], titles[source]
                low, high = (low + 1, high) if take_low else (low, high + 1)
        for j in range(count):
            keys[j], titles[j] = spare_keys[j], spare_titles[j]
        width *= 2


@njit()
def _sorted_pools(scores: FLOAT) -> tuple[INTS, NDArray[np.int32], FLOAT]:
    """Offsets, titles and values of the finite scores (m, n) of each profile, highest first, equal ones by title."""
    profiles, size = scores.shape
    offsets = np.zeros(profiles + 1, np.int64)
    for p in range(profiles):
        count = 0
        for title in range(size):
            count += np.isfinite(scores[p, title])
        offsets[p + 1] = offsets[p] + count
    titles, values = np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.float32)
    spare = RadixSpare(
        np.empty(size, np.uint32),
        np.empty(size, np.uint32),
        np.empty(size, np.int32),
        np.empty(1 << DIGIT, np.int64),
    )
    for p in range(profiles):
        at = offsets[p]
        for title in range(size):
            if np.isfinite(scores[p, title]):
                titles[at], values[at] = title, scores[p, title]
                at += 1
        radix_sort(values[offsets[p] : at], titles[offsets[p] : at], spare)
        for j in range(offsets[p], at):
            values[j] = scores[p, titles[j]]
    return offsets, titles, values


@njit()
def radix_sort(values: FLOAT, titles: NDArray[np.int32], spare: RadixSpare) -> None:
    """Sort titles by value, highest first, equal ones left in their order; the values stay as they are."""
    count, bits = len(values), (values + np.float32(0)).view(np.uint32)  # +0 for -0
    for j in range(count):
        negative = bits[j] >> np.uint32(31)
        spare.keys[j] = bits[j] if negative else bits[j] ^ np.uint32(0x7FFFFFFF)
    keys, other_keys = spare.keys[:count], spare.other_keys[:count]
    order, other_order = titles, spare.titles[:count]
    for shift in range(0, 32, DIGIT):
        ends = spare.ends
        ends[:] = 0
        for j in range(count):
            ends[(keys[j] >> np.uint32(shift)) & np.uint32(MOST)] += 1
        total = 0
        for digit in range(len(ends)):
            begin = total
            total += ends[digit]
            ends[digit] = begin
        for j in range(count):
            digit = (keys[j] >> np.uint32(shift)) & np.uint32(MOST)
            other_keys[ends[digit]], other_order[ends[digit]] = keys[j], order[j]
            ends[digit] += 1
        keys, other_keys = other_keys, keys
        order, other_order = other_order, order
    if PASSES % 2:
        titles[:] = order
