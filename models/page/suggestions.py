"""What a member is offered before a letter is typed into the search: titles of the page as it may be read now.

They come from the page alone, so whatever may not be seen there is not offered here either: what rises now, what the
profile's tastes say, and what the page holds in reserve, in turn; nothing that the first screen shows.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any, NamedTuple

from conf.pages import Pages
from conf.rows import Rows

TASTE_ORDERS = ("personal", "pvr", "similar")


class Suggestion(NamedTuple):
    """A cell of the page, both counted from 0."""

    row: int
    column: int


def suggestions(
    rows: Sequence[Mapping[str, Any]], kinds: Rows, layout: Pages, most: int
) -> list[Suggestion]:
    """At most so many cells of a page's rows, each of another title; `rows` have row_kind and cells in order.

    Rows that may repeat are left out: what was begun or put on the list needs no search.
    """
    known = [(place, row) for place, row in enumerate(rows) if row["row_kind"] in kinds.kinds]
    offered = [(place, row) for place, row in known if not kinds.kinds[row["row_kind"]].may_repeat]
    orders = {place: kinds.kinds[row["row_kind"]].order for place, row in offered}
    trends = [(place, row) for place, row in offered if orders[place] == "trend"]
    tastes = [(place, row) for place, row in offered if orders[place] in TASTE_ORDERS]
    sources = [list(_behind_the_screen(source, layout)) for source in (trends, tastes, offered)]
    seen = {_title(rows, cell) for cell in _in_view(rows, layout)}
    chosen: list[Suggestion] = []
    for cell in chain.from_iterable(zip_longest(*sources)):
        if cell is not None and len(chosen) < most and _title(rows, cell) not in seen:
            seen.add(_title(rows, cell))
            chosen.append(cell)
    return chosen


def _behind_the_screen(
    source: Sequence[tuple[int, Mapping[str, Any]]], layout: Pages
) -> Iterator[Suggestion]:
    """The cells of some rows that the first screen does not show, the first of each row before any second."""
    width = dict(enumerate(layout.screen))
    cells = [
        [Suggestion(place, column) for column in range(width.get(place, 0), len(row["cells"]))]
        for place, row in source
    ]
    for of_rank in zip_longest(*cells):
        yield from (cell for cell in of_rank if cell is not None)


def _in_view(rows: Sequence[Mapping[str, Any]], layout: Pages) -> Iterator[Suggestion]:
    """The cells of the first screens of all devices."""
    for place, (row, width) in enumerate(zip(rows, layout.screen, strict=False)):
        yield from (Suggestion(place, column) for column in range(min(width, len(row["cells"]))))


def _title(rows: Sequence[Mapping[str, Any]], cell: Suggestion) -> str:
    title: str = rows[cell.row]["cells"][cell.column]["title_id"]
    return title
