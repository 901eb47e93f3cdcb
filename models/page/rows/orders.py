"""The orders that rows are filled from: for each its pools of titles, best first, and the sentence
of its cells.

What an order gives as evidence and what it claims stands under the same name in `conf/rows.yaml`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

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
    profile, title = np.nonzero(np.isfinite(scores))
    lists = Ragged.from_owners(profile, len(scores))
    value = scores[profile, title].astype(np.float32)
    pools = Pools(lists.offsets, title.astype(np.int32), value)
    _sort_each(pools.offsets, pools.value, pools.title)
    return pools


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


@numba.njit(cache=True)
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


@numba.njit(cache=True)
def _sort_each(offsets: INTS, keys: FLOAT, titles: NDArray[np.int32]) -> None:
    """Sort each list of flat arrays by key, highest first."""
    for index in range(len(offsets) - 1):
        first, last = offsets[index], offsets[index + 1]
        sort_descending(keys[first:last], titles[first:last])
