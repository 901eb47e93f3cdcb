"""What a member is offered before a letter is typed into the search: titles of the page as it may be read now.

They come from the page alone, so whatever may not be seen there is not offered here either: what rises now, what the
profile's tastes say, and what the page holds in reserve, in turn; nothing that the first screen shows.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any, NamedTuple

from conf.pages import Pages
from conf.rows import Rows

TASTE_ORDERS = ("personal", "pvr", "similar")
SOURCES = ("trend", "taste", "reserve")  # in whose turn they come
Titles = Sequence[Sequence[Hashable]]  # of each row of a page, in order


class Suggestion(NamedTuple):
    """A cell of the page, row and column counted from 0, and which of SOURCES gave it."""

    row: int
    column: int
    source: str


def suggestions(
    rows: Sequence[Mapping[str, Any]], kinds: Rows, layout: Pages, most: int
) -> list[Suggestion]:
    """At most so many cells of a page's rows, each of another title; `rows` have row_kind and cells in order."""
    titles = [[cell["title_id"] for cell in row["cells"]] for row in rows]
    return offered([row["row_kind"] for row in rows], titles, kinds, layout, most)


def offered(
    row_kinds: Sequence[str], titles: Titles, kinds: Rows, layout: Pages, most: int
) -> list[Suggestion]:
    """The same of the kinds of a page's rows and the titles of each.

    Rows that may repeat are left out: what was begun or put on the list needs no search.
    """
    known = [(place, kinds.kinds.get(name)) for place, name in enumerate(row_kinds)]
    orders = {place: kind.order for place, kind in known if kind and not kind.may_repeat}
    trends = [place for place, order in orders.items() if order == "trend"]
    tastes = [place for place, order in orders.items() if order in TASTE_ORDERS]
    screen = layout.screen
    seen = {title for row, width in zip(titles, screen, strict=False) for title in row[:width]}
    sources = [
        _behind_the_screen(source, places, titles, screen)
        for source, places in zip(SOURCES, (trends, tastes, list(orders)), strict=True)
    ]
    chosen: list[Suggestion] = []
    for cell in chain.from_iterable(zip_longest(*sources)):
        if len(chosen) == most:
            break
        if cell is not None and titles[cell.row][cell.column] not in seen:
            seen.add(titles[cell.row][cell.column])
            chosen.append(cell)
    return chosen


def _behind_the_screen(
    source: str, places: Sequence[int], titles: Titles, screen: Sequence[int]
) -> Iterator[Suggestion]:
    """The cells of some rows that the first screen does not show, the first of each row before any second."""
    first = {place: screen[place] if place < len(screen) else 0 for place in places}
    longest = max((len(titles[place]) - first[place] for place in places), default=0)
    for rank in range(longest):
        for place in places:
            if first[place] + rank < len(titles[place]):
                yield Suggestion(place, first[place] + rank, source)
