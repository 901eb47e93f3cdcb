"""Rows by facet in the profile's own order: the titles of each tag, all rows of a profile in one pass.

Each profile has one order: its candidates, best first, then all others that its ranker orders. A row is that order
without the titles that do not have the tag. The titles of a tag are marked in a bitmap over the places of the order,
and read from it: sorted without a comparison.
"""

import numpy as np
from numpy.typing import NDArray

from conf.compiled import njit
from models.bits import lowest_bit
from models.catalogue.facets import TagTitles
from models.page.rows.country_orders import FLOAT
from models.page.rows.orders import Pools
from models.page.rows.subjects import Subjects
from models.ragged import INTS

I32 = NDArray[np.int32]
MASK = NDArray[np.bool_]
WORD = 64  # bits


def tag_rows(
    about: Subjects, tags: TagTitles, order: Pools, may_show: MASK, longest: int
) -> tuple[INTS, I32, FLOAT]:
    """Where the titles of each offer end in flat arrays, and those arrays: titles and values.

    At most `longest` titles of `about.subject`, in the order of the pool of `about.owner`, that
    `may_show` (m, n) lets the profile see.
    """
    lists = (tags.offsets, tags.title)
    ends, title, value = _tag_rows(
        (about.owner, about.subject),
        lists,
        (order.offsets, order.title, order.value),
        may_show,
        longest,
    )
    return ends, title[: ends[-1]].copy(), value[: ends[-1]].copy()


@njit()
def _tag_rows(
    about: tuple[INTS, INTS],
    tags: tuple[INTS, I32],
    order: tuple[INTS, I32, FLOAT],
    may_show: MASK,
    longest: int,
) -> tuple[INTS, I32, FLOAT]:
    owner, subject = about
    offers, room = len(owner), 0
    for k in range(offers):
        room += min(longest, tags[0][subject[k] + 1] - tags[0][subject[k]])
    ends = np.zeros(offers + 1, np.int64)
    titles, values = np.empty(room, np.int32), np.empty(room, np.float32)
    place = np.full(may_show.shape[1], -1, np.int64)
    marks = np.zeros(may_show.shape[1] // WORD + 1, np.uint64)
    k = 0
    while k < offers:
        p = owner[k]
        first, last = order[0][p], order[0][p + 1]
        for j in range(first, last):
            if may_show[p, order[1][j]]:
                place[order[1][j]] = j - first
        while k < offers and owner[k] == p:
            for j in range(tags[0][subject[k]], tags[0][subject[k] + 1]):
                at = place[tags[1][j]]
                if at >= 0:
                    marks[at // WORD] |= np.uint64(1) << np.uint64(at % WORD)
            end = ends[k]
            limit = end + longest
            for word in range((last - first) // WORD + 1):
                while marks[word] and end < limit:
                    at = first + word * WORD + np.int64(lowest_bit(marks[word]))  # type: ignore[call-arg]
                    titles[end], values[end] = order[1][at], order[2][at]
                    marks[word] &= marks[word] - np.uint64(1)
                    end += 1
                marks[word] = 0
            k += 1
            ends[k] = end
        for j in range(first, last):
            place[order[1][j]] = -1
    return ends, titles, values
