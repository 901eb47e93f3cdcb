"""The rows a profile could have: for each kind and each of its subjects the titles, best first."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from conf.pages import Pages
from conf.rows import RowKind, Rows
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.catalogue.eligibility import allowed, played_mask
from models.page.rows.orders import FLOAT, Pools, pools, rankings, sort_descending
from models.page.rows.subjects import NO_SUBJECT, subjects
from models.ragged import INTS, Ragged

SPARE = 2  # lists are this many times as long as the row, so that titles shown above can give way


@dataclass(frozen=True)
class Offers(Ragged):
    """Rows that could stand on a page, sorted by profile, kind and preference: one list of titles for each.

    Offer k is for `profile[k]`, of the kind with place `kind[k]` in the configuration, about `subject[k]`: an anchor's
    catalogue index, a genre's index, or -1. Its titles are `title[entries_of(k)]`, best first, each with
    the value it was ordered by. `waits` says that it lets the first place of its kind in the template pass: a row for
    those who go on with something, and the profile is not expected to.
    """

    profile: INTS
    kind: INTS
    subject: INTS
    waits: NDArray[np.bool_]
    title: NDArray[np.int32]
    value: FLOAT


def offers(
    catalogue: Catalogue,
    profiles: Profiles,
    scores: FLOAT,
    neighbours: Neighbours,
    rows: Rows,
    layout: Pages,
) -> Offers:
    """Every row of every kind that has at least its kind's least number of titles, at most `most_rows` of a kind."""
    masks = _masks(catalogue, profiles)
    own = rankings(profiles, scores)
    ranking = standing(own["personal"], profiles, catalogue.size)
    parts = []
    for place, kind in enumerate(rows.kinds.values()):
        owner, subject = subjects(kind, catalogue, profiles, neighbours)
        pool, of_profile = pools(kind, catalogue, profiles, own, neighbours)
        which = subject if kind.per == "anchor" else of_profile[owner]
        filled = _fill(
            kind, catalogue, pool, which, owner, subject, masks[kind.watched], ranking, layout
        )
        waits = _waiting(kind, profiles)[owner]
        ends, title, value = filled
        kinds = np.full(len(owner), place)
        parts.append(_enough(kind, Offers(ends, owner, kinds, subject, waits, title, value)))
    return _in_order(parts)


def _masks(catalogue: Catalogue, profiles: Profiles) -> dict[str, NDArray[np.bool_]]:
    """What may stand in a row by its policy on what the profile played, each (m, n)."""
    legal, seen = allowed(catalogue, profiles), played_mask(profiles, catalogue.size)
    begun = np.zeros_like(seen)
    left = profiles.states.to_continue
    begun[profiles.owners[left], profiles.title[left]] = True
    return {
        "hide": legal & ~seen,
        "show": legal,
        "only": legal & seen,
        "begun": legal & begun,
        "finished": legal & seen & ~begun,
    }


def _waiting(kind: RowKind, profiles: Profiles) -> NDArray[np.bool_]:
    """Profiles (m,) of which it is not probable enough that the next session goes on with something (N-041)."""
    if profiles.p_continues is None:
        return np.zeros(profiles.size, bool)
    mask: NDArray[np.bool_] = profiles.p_continues < kind.top_from
    return mask


def standing(own: Pools, profiles: Profiles, size: int) -> FLOAT:
    """Each candidate's place in the profile's own ranking, from 1 (best) down to above 0; 0 for all else (m, size).

    All 0 for a profile without history: its page is not personal, whatever a ranker made of knowing nothing.
    """
    owner = own.owners
    table = np.zeros((own.list_count, size), np.float32)
    table[owner, own.title] = 1 - own.index_within / own.counts[owner]
    table[profiles.counts == 0] = 0
    return table


def _fill(
    kind: RowKind,
    catalogue: Catalogue,
    pool: Pools,
    which: INTS,
    owner: INTS,
    subject: INTS,
    mask: NDArray[np.bool_],
    ranking: FLOAT,
    layout: Pages,
) -> tuple[INTS, NDArray[np.int32], FLOAT]:
    none = np.full(len(owner), NO_SUBJECT, np.int64)
    tag = subject if kind.by_tag else none
    marks = catalogue.tags(kind.per).marks if kind.by_tag else np.zeros((1, 0), bool)
    exclude = subject if kind.per == "anchor" else none
    longest = SPARE * min(kind.max_length, layout.columns)
    ends, title, value = _lists(
        owner,
        which,
        tag,
        exclude,
        pool.offsets,
        pool.title,
        pool.value,
        mask,
        ranking,
        marks,
        kind.personal_weight,
        longest,
    )
    return ends, title[: ends[-1]].copy(), value[: ends[-1]].copy()


@numba.njit(cache=True)
def _lists(
    owner, which, tag, exclude, offsets, pool, values, mask, ranking, marks, weight, longest
):  # type: ignore[no-untyped-def]
    """The best `longest` titles of each offer: its pool without what the mask hides, other tags or the anchor.

    With a weight, titles are ordered by (1 - weight) x place in the pool + weight x place in the profile's ranking.
    Loops over scalars only: array expressions would take the compiler ten times as long.
    """
    widest = 1
    for k in range(len(owner)):
        widest = max(widest, offsets[which[k] + 1] - offsets[which[k]])
    kept, keys = np.empty(widest, np.int32), np.empty(widest, np.float32)
    ends = np.zeros(len(owner) + 1, np.int64)
    titles = np.empty(len(owner) * min(longest, widest), np.int32)
    numbers = np.empty(len(owner) * min(longest, widest), np.float32)
    for k in range(len(owner)):
        low, high, count = offsets[which[k]], offsets[which[k] + 1], 0
        for j in range(low, high):
            title = pool[j]
            if not mask[owner[k], title] or title == exclude[k]:
                continue
            if tag[k] >= 0 and not marks[title, tag[k]]:
                continue
            kept[count], keys[count] = title, values[j]
            if weight > 0:
                keys[count] = (1 - weight) * (1 - (j - low) / (high - low)) + weight * ranking[
                    owner[k], title
                ]
            count += 1
            if weight == 0 and count == longest:
                break
        if weight > 0:
            sort_descending(keys[:count], kept[:count])
        for j in range(min(count, longest)):
            titles[ends[k] + j], numbers[ends[k] + j] = kept[j], keys[j]
        ends[k + 1] = ends[k] + min(count, longest)
    return ends, titles, numbers


def _enough(kind: RowKind, found: Offers) -> Offers:
    """Without the offers that are too short, and then at most `most_rows` for each profile."""
    full = np.flatnonzero(found.counts >= kind.min_length)
    rank = Ragged.from_runs(found.profile[full]).index_within
    return _take([found], full[rank < kind.most_rows])


def _in_order(parts: list[Offers]) -> Offers:
    profile = np.concatenate([part.profile for part in parts])
    kind = np.concatenate([part.kind for part in parts])
    return _take(parts, np.lexsort((np.arange(len(profile)), kind, profile)))


def _take(parts: list[Offers], chosen: INTS) -> Offers:
    """The chosen offers of all parts together, in the order asked for."""
    every = Ragged.from_counts(np.concatenate([part.counts for part in parts]))
    lists, source = every.take(chosen)
    columns = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("profile", "kind", "subject", "waits")
    )
    flat = (
        np.concatenate([getattr(part, name) for part in parts])[source]
        for name in ("title", "value")
    )
    profile, kind, subject, waits = (column[chosen] for column in columns)
    title, value = flat
    return Offers(lists.offsets, profile, kind, subject, waits, title, value)
