"""The rows a profile could have: for each kind and each of its subjects the titles, best first."""
# Tested by tests/models/page/layout/test_template.py.

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.compiled import njit
from conf.pages import Pages
from conf.rows import RowKind, Rows
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.catalogue.eligibility import allowed, played_mask
from models.page.rows.country_orders import FLOAT
from models.page.rows.orders import PoolInputs, Pools, order_of, rankings, sort_descending
from models.page.rows.subjects import NO_SUBJECT, Subjects, subjects
from models.page.rows.tag_offers import tag_rows
from models.ragged import INTS, Ragged

SPARE = 2  # lists are this many times as long as the row, so that titles shown above can give way
MASK = NDArray[np.bool_]


@dataclass(frozen=True)
class Offers(Ragged):
    """Rows that could stand on a page, sorted by profile, kind and preference: a list of titles for
    each.

    Offer k is for `profile[k]`, of the kind with index `kind[k]` in the configuration, about
    `subject[k]`: an anchor's catalogue index, a tag's index, or NO_SUBJECT. Its titles are
    `title[entries_of(k)]`, best first, each with the value it was ordered by. `waits` says that it
    leaves the first position of its kind in the template free: a row of titles to continue for a
    profile that is not expected to continue one.
    """

    profile: INTS
    kind: INTS
    subject: INTS
    waits: MASK
    title: NDArray[np.int32]
    value: FLOAT


class Unfilled(NamedTuple):
    """Offers of one kind before they have titles, each (k,)."""

    owner: INTS  # index of the profile
    pool: INTS  # the pool that it is filled from
    tag: INTS  # that its titles must have, NO_SUBJECT for any
    anchor: INTS  # that it must not show, NO_SUBJECT for none


class PoolLists(NamedTuple):
    """Pools of titles, best first: those of pool p are title[offsets[p]:offsets[p + 1]]."""

    offsets: INTS  # (p + 1,)
    title: NDArray[np.int32]
    value: FLOAT


class TitleTables(NamedTuple):
    """What is asked of a title before it comes into an offer."""

    may_show: MASK  # (m, n) by profile
    standing: FLOAT  # (m, n) see `standing`
    marks: MASK  # (n, t) whether the title has the tag


def offers(
    catalogue: Catalogue,
    profiles: Profiles,
    scores: FLOAT,
    neighbours: Neighbours,
    rows: Rows,
    layout: Pages,
) -> Offers:
    """Every row of every kind that has at least its kind's least number of titles, at most
    `most_rows` of a kind.
    """
    may_show = _masks(catalogue, profiles)
    inputs = PoolInputs(catalogue, profiles, neighbours, rankings(profiles, scores))
    own_standing = standing(inputs.rankings["personal"], profiles, catalogue.size)
    parts = []
    for index, kind in enumerate(rows.kinds.values()):
        about = subjects(kind, catalogue, profiles, neighbours)
        longest = SPARE * min(kind.max_length, layout.columns)
        if kind.by_tag and kind.order in inputs.rankings and kind.personal_weight in (0, 1):
            tags, order = catalogue.tags(kind.per).titles, _tag_order(kind, inputs)
            ends, title, value = tag_rows(about, tags, order, may_show[kind.watched], longest)
        else:
            tables = TitleTables(may_show[kind.watched], own_standing, _marks(kind, catalogue))
            ends, title, value = _fill(kind, about, inputs, tables, longest)
        kinds = np.full(len(about.owner), index)
        waits = _waiting(kind, profiles)[about.owner]
        offers_of_kind = Offers(ends, about.owner, kinds, about.subject, waits, title, value)
        parts.append(_long_enough(kind, offers_of_kind))
    return _in_order(parts)


def _tag_order(kind: RowKind, inputs: PoolInputs) -> Pools:
    """The order of each profile that its rows by facet are cut from."""
    if kind.personal_weight == 0:
        return inputs.rankings[kind.order]
    return inputs.own_first(kind.order)


def _marks(kind: RowKind, catalogue: Catalogue) -> MASK:
    return catalogue.tags(kind.per).marks if kind.by_tag else np.zeros((1, 0), bool)


def _masks(catalogue: Catalogue, profiles: Profiles) -> dict[str, MASK]:
    """What may stand in a row by its policy on what the profile played, each (m, n)."""
    eligible, played = allowed(catalogue, profiles), played_mask(profiles, catalogue.size)
    unfinished = np.zeros_like(played)
    entry = profiles.states.to_continue
    unfinished[profiles.owners[entry], profiles.title[entry]] = True
    return {
        "hide": eligible & ~played,
        "show": eligible,
        "only": eligible & played,
        "begun": eligible & unfinished,
        "finished": eligible & played & ~unfinished,
    }


def _waiting(kind: RowKind, profiles: Profiles) -> MASK:
    """Profiles (m,) of which it is not probable enough that the next session continues a title."""
    if profiles.p_continues is None:
        return np.zeros(profiles.size, bool)
    mask: MASK = profiles.p_continues < kind.top_from
    return mask


def standing(own: Pools, profiles: Profiles, size: int) -> FLOAT:
    """Each candidate's standing in the profile's own ranking, from 1 (best) down to above 0; 0 for
    all else (m, size).

    All 0 for a profile without history: its page is not personal, whatever a ranker made of knowing
    nothing.
    """
    owner = own.owners
    table = np.zeros((own.list_count, size), np.float32)
    table[owner, own.title] = 1 - own.index_within / own.counts[owner]
    table[profiles.counts == 0] = 0
    return table


def _fill(
    kind: RowKind, about: Subjects, inputs: PoolInputs, tables: TitleTables, longest: int
) -> tuple[INTS, NDArray[np.int32], FLOAT]:
    """Where the titles of each offer end in flat arrays, and those arrays: titles and values."""
    pools, pool_of_profile = order_of(kind).pools(kind, inputs)
    pool = about.subject if kind.per == "anchor" else pool_of_profile[about.owner]
    nothing = np.full(len(about.owner), NO_SUBJECT, np.int64)
    tag = about.subject if kind.by_tag else nothing
    anchor = about.subject if kind.per == "anchor" else nothing
    unfilled = Unfilled(about.owner, pool, tag, anchor)
    lists = PoolLists(pools.offsets, pools.title, pools.value)
    ends, title, value = _best_titles(unfilled, lists, tables, kind.personal_weight, longest)
    return ends, title[: ends[-1]].copy(), value[: ends[-1]].copy()


@njit()
def _best_titles(
    offers: Unfilled, pools: PoolLists, tables: TitleTables, weight: float, longest: int
) -> tuple[INTS, NDArray[np.int32], FLOAT]:
    """The best `longest` titles of each offer: of its pool, those that may be shown there and have
    its tag.

    With a weight, titles are ordered by (1 - weight) x standing in the pool + weight x standing in
    the profile's ranking. Loops over scalars only: array expressions would take the compiler ten
    times as long.
    """
    widest = 1
    for k in range(len(offers.owner)):
        pool = offers.pool[k]
        widest = max(widest, pools.offsets[pool + 1] - pools.offsets[pool])
    spare_titles, spare_keys = np.empty(widest, np.int32), np.empty(widest, np.float32)
    room = len(offers.owner) * min(longest, widest)
    ends = np.zeros(len(offers.owner) + 1, np.int64)
    titles, values = np.empty(room, np.int32), np.empty(room, np.float32)
    for k in range(len(offers.owner)):
        owner, tag = offers.owner[k], offers.tag[k]
        low, high, count = pools.offsets[offers.pool[k]], pools.offsets[offers.pool[k] + 1], 0
        for j in range(low, high):
            title = pools.title[j]
            if not tables.may_show[owner, title] or title == offers.anchor[k]:
                continue
            if tag >= 0 and not tables.marks[title, tag]:
                continue
            spare_titles[count], spare_keys[count] = title, pools.value[j]
            if weight > 0:
                in_pool = 1 - (j - low) / (high - low)
                spare_keys[count] = (1 - weight) * in_pool + weight * tables.standing[owner, title]
            count += 1
            if weight == 0 and count == longest:
                break
        if weight > 0:
            sort_descending(spare_keys[:count], spare_titles[:count])
        for j in range(min(count, longest)):
            titles[ends[k] + j], values[ends[k] + j] = spare_titles[j], spare_keys[j]
        ends[k + 1] = ends[k] + min(count, longest)
    return ends, titles, values


def _long_enough(kind: RowKind, offers: Offers) -> Offers:
    """Without the offers that are too short, and then at most `most_rows` for each profile."""
    long_enough = np.flatnonzero(offers.counts >= kind.min_length)
    index_of_profile = Ragged.from_runs(offers.profile[long_enough]).index_within
    return _selected([offers], long_enough[index_of_profile < kind.most_rows])


def _in_order(parts: list[Offers]) -> Offers:
    """All offers by profile and kind, those of a kind in the order they come in."""
    profile = np.concatenate([part.profile for part in parts])
    kind = np.concatenate([part.kind for part in parts])
    return _selected(parts, np.lexsort((np.arange(len(profile)), kind, profile)))


def _selected(parts: list[Offers], selection: INTS) -> Offers:
    """The selected offers of all parts together, in the order of the selection."""
    counts = np.concatenate([part.counts for part in parts])
    lists, entries = Ragged.from_counts(counts).take(selection)

    def _joined(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    return Offers(
        lists.offsets,
        profile=_joined("profile")[selection],
        kind=_joined("kind")[selection],
        subject=_joined("subject")[selection],
        waits=_joined("waits")[selection],
        title=_joined("title")[entries],
        value=_joined("value")[entries],
    )
