"""What ties a title to a profile's own history: the liked play that speaks most for it, and people it likes."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.catalogue.credits import Credits
from models.catalogue.eligibility import liked, suitable
from models.ragged import INTS

NONE = -1


@dataclass(frozen=True)
class Ties:
    """Of each cell (c,); NONE where there is no such tie."""

    anchor: INTS  # the liked play that speaks most for the title
    weight: NDArray[
        np.float32
    ]  # how much, as a share of what that play says for the title it speaks most for
    person: NDArray[np.int64]  # (2, c) the liked director and the liked actor of the title
    titles: NDArray[np.int64]  # (2, c) liked titles with that person


def ties(
    catalogue: Catalogue,
    profiles: Profiles,
    neighbours: Neighbours,
    credits: Credits,
    owner: INTS,
    title: INTS,
    least_titles: int,
) -> Ties:
    """The ties of cells sorted by profile. Anchors are liked plays that the profile may still meet (N-606); a person is
    liked who is in at least `least_titles` liked titles, other than the cell's own. Ties go to the newest play, and to
    the first person by name.
    """
    good = liked(profiles)
    row = profiles.owners
    meets = good & suitable(catalogue, profiles)[row, profiles.title]
    anchor, weight = np.full(len(title), NONE, np.int64), np.zeros(len(title), np.float32)
    person, titles = np.full((2, len(title)), NONE, np.int64), np.zeros((2, len(title)), np.int64)
    ends = np.searchsorted(owner, np.arange(profiles.size + 1))
    similar = neighbours.offsets, neighbours.title, neighbours.weight
    _anchors(
        ends,
        title,
        profiles.offsets,
        profiles.title,
        meets,
        similar,
        catalogue.size,
        anchor,
        weight,
    )
    made = credits.offsets, credits.person, credits.directs, len(credits.names)
    _people(ends, title, profiles.offsets, profiles.title, good, made, least_titles, person, titles)
    return Ties(anchor, weight, person, titles)


@numba.njit(cache=True)
def _anchors(ends, title, offsets, history, meets, similar, size, anchor, weight):  # type: ignore[no-untyped-def]
    starts, other, weights = similar
    best, by = np.zeros(size, np.float32), np.full(size, -1, np.int64)
    for p in range(len(ends) - 1):
        if ends[p] == ends[p + 1]:
            continue
        for h in range(offsets[p], offsets[p + 1]):
            first, last = starts[history[h]], starts[history[h] + 1]
            if not meets[h] or first == last or weights[first] <= 0:
                continue
            for k in range(first, last):
                share = weights[k] / weights[first]
                if share > best[other[k]]:
                    best[other[k]], by[other[k]] = share, history[h]
        for c in range(ends[p], ends[p + 1]):
            if by[title[c]] >= 0 and by[title[c]] != title[c]:
                anchor[c], weight[c] = by[title[c]], best[title[c]]
        for h in range(offsets[p], offsets[p + 1]):
            for k in range(starts[history[h]], starts[history[h] + 1]):
                best[other[k]], by[other[k]] = 0.0, -1


@numba.njit(cache=True)
def _people(ends, title, offsets, history, good, made, least, person, titles):  # type: ignore[no-untyped-def]
    starts, who, directs, size = made
    count = np.zeros((2, size), np.int64)
    for p in range(len(ends) - 1):
        if ends[p] == ends[p + 1] or size == 0:
            continue
        for h in range(offsets[p], offsets[p + 1]):
            for k in range(starts[history[h]], starts[history[h] + 1]):
                count[0 if directs[k] else 1, who[k]] += good[h]
        for c in range(ends[p], ends[p + 1]):
            for k in range(starts[title[c]], starts[title[c] + 1]):
                role = 0 if directs[k] else 1
                known = count[role, who[k]]
                better = known > titles[role, c] or (
                    known == titles[role, c] and who[k] < person[role, c]
                )
                if known >= least and better:
                    person[role, c], titles[role, c] = who[k], known
        for h in range(offsets[p], offsets[p + 1]):
            for k in range(starts[history[h]], starts[history[h] + 1]):
                count[0 if directs[k] else 1, who[k]] = 0
