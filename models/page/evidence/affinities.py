"""How a title is close to a profile's own history: the liked play most like it, and the people it
likes in it.
"""
# Tested by tests/models/page/evidence/test_cell_reasons.py.

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.compiled import njit
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.catalogue.credits import Credits
from models.catalogue.eligibility import liked, suitable
from models.ragged import INTS

NONE = -1
DIRECTOR, ACTOR = 0, 1  # the rows of arrays by role
F32 = NDArray[np.float32]
I32 = NDArray[np.int32]


@dataclass(frozen=True)
class Affinities:
    """What is close about each cell (c,); NONE where there is nothing."""

    anchor: INTS  # (c,) the liked play that speaks most for the title
    weight: F32  # (c,) how much, as a share of what that play says for the title most like it
    person: INTS  # (2, c) the liked director and the liked actor of the title
    liked_titles: INTS  # (2, c) liked titles with that person


class CellTitles(NamedTuple):
    """The cells of each profile: the titles of profile p are title[ends[p]:ends[p + 1]]."""

    ends: INTS  # (m + 1,)
    title: NDArray[np.integer]  # (c,)


class Histories(NamedTuple):
    """The histories of m profiles of N plays, and which of the plays count."""

    offsets: INTS  # (m + 1,)
    title: I32  # (N,)
    counts: NDArray[np.bool_]  # (N,)


class Likeness(NamedTuple):
    """The titles that each of n titles speaks for, strongest first."""

    offsets: INTS  # (n + 1,)
    title: I32
    weight: F32


class TitlePeople(NamedTuple):
    """The people of each of n titles."""

    offsets: INTS  # (n + 1,)
    person: INTS
    directs: NDArray[np.bool_]  # as director, else in the cast
    person_count: int  # of all titles


def affinities(
    catalogue: Catalogue,
    profiles: Profiles,
    neighbours: Neighbours,
    credits: Credits,
    cells: tuple[INTS, INTS],
    least_titles: int,
) -> Affinities:
    """The affinities of cells, given as (owner, title), each (c,), in ascending order of the owner.

    Anchors are liked plays that the profile may still meet; a person is liked who is in at least
    `least_titles` liked titles. Of equal anchors the newest play counts, of equal people the first
    by name.
    """
    owner, title = cells
    cell_count = len(title)
    is_liked = liked(profiles)
    may_meet = suitable(catalogue, profiles)[profiles.owners, profiles.title]
    titles = CellTitles(np.searchsorted(owner, np.arange(profiles.size + 1)), title)
    anchors = Histories(profiles.offsets, profiles.title, is_liked & may_meet)
    liked_plays = Histories(profiles.offsets, profiles.title, is_liked)
    likeness = Likeness(neighbours.offsets, neighbours.title, neighbours.weight)
    people = TitlePeople(credits.offsets, credits.person, credits.directs, len(credits.names))
    result = Affinities(
        np.full(cell_count, NONE, np.int64),
        np.zeros(cell_count, np.float32),
        np.full((2, cell_count), NONE, np.int64),
        np.zeros((2, cell_count), np.int64),
    )
    best = np.zeros(catalogue.size, np.float32)
    _find_anchors(titles, anchors, likeness, best, result.anchor, result.weight)
    _find_people(titles, liked_plays, people, least_titles, result.person, result.liked_titles)
    return result


@njit()
def _find_anchors(
    cells: CellTitles, history: Histories, likeness: Likeness, best: F32, anchor: INTS, weight: F32
) -> None:
    """Write `anchor` and `weight` (c,); `best` (n,) is scratch, all 0 before and after."""
    best_anchor = np.full(len(best), -1, np.int64)
    for p in range(len(cells.ends) - 1):
        if cells.ends[p] == cells.ends[p + 1]:
            continue
        for h in range(history.offsets[p], history.offsets[p + 1]):
            played = history.title[h]
            first, last = likeness.offsets[played], likeness.offsets[played + 1]
            if not history.counts[h] or first == last or likeness.weight[first] <= 0:
                continue
            for k in range(first, last):
                share = likeness.weight[k] / likeness.weight[first]
                title = likeness.title[k]
                if share > best[title]:
                    best[title] = share
                    best_anchor[title] = played
        for c in range(cells.ends[p], cells.ends[p + 1]):
            title = cells.title[c]
            if best_anchor[title] >= 0 and best_anchor[title] != title:
                anchor[c] = best_anchor[title]
                weight[c] = best[title]
        for h in range(history.offsets[p], history.offsets[p + 1]):
            played = history.title[h]
            for k in range(likeness.offsets[played], likeness.offsets[played + 1]):
                best[likeness.title[k]] = 0.0
                best_anchor[likeness.title[k]] = -1


@njit()
def _find_people(
    cells: CellTitles,
    history: Histories,
    people: TitlePeople,
    least: int,
    person: INTS,
    liked_titles: INTS,
) -> None:
    """Write `person` and `liked_titles` (2, c): of each role who is in most liked titles, at least
    `least`.
    """
    count = np.zeros((2, people.person_count), np.int64)
    for p in range(len(cells.ends) - 1):
        if cells.ends[p] == cells.ends[p + 1] or people.person_count == 0:
            continue
        for h in range(history.offsets[p], history.offsets[p + 1]):
            title = history.title[h]
            for k in range(people.offsets[title], people.offsets[title + 1]):
                role = DIRECTOR if people.directs[k] else ACTOR
                count[role, people.person[k]] += history.counts[h]
        for c in range(cells.ends[p], cells.ends[p + 1]):
            title = cells.title[c]
            for k in range(people.offsets[title], people.offsets[title + 1]):
                role = DIRECTOR if people.directs[k] else ACTOR
                who = people.person[k]
                titles = count[role, who]
                more = titles > liked_titles[role, c]
                first_by_name = titles == liked_titles[role, c] and who < person[role, c]
                if titles >= least and (more or first_by_name):
                    person[role, c] = who
                    liked_titles[role, c] = titles
        for h in range(history.offsets[p], history.offsets[p + 1]):
            title = history.title[h]
            for k in range(people.offsets[title], people.offsets[title + 1]):
                role = DIRECTOR if people.directs[k] else ACTOR
                count[role, people.person[k]] = 0
