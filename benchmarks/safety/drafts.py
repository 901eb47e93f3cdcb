"""A day of drafts as records that defects are planted in, and what is known of its titles."""
# Tested by tests/benchmarks/safety/test_defects.py.

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from conf.pages import pages

Record = dict[str, Any]
Test = Callable[[Record], bool]


@dataclass(frozen=True)
class DayDrafts:
    """The rows of a day's drafts, which defects change in place, and the facts to change them by.

    `titles` are by title_id, `pictures` lists of records by title_id, `profiles` the settings and
    histories by profile_id.
    """

    rows: list[Record]
    yesterday: list[Record]  # the rows of the day before
    titles: dict[str, Record]
    pictures: dict[str, list[Record]]
    profiles: dict[str, Record]

    @property
    def children(self) -> list[str]:
        """Profiles with a page that are held to no more than the children's limit."""
        limit = pages().legality.kids_maturity_limit
        return [
            profile_id
            for profile_id in self.page_owners
            if (found := self.profiles[profile_id])["kids"]
            or (found["maturity_limit"] is not None and found["maturity_limit"] <= limit)
        ]

    @property
    def page_owners(self) -> list[str]:
        """Profiles with a page, by name."""
        return sorted({row["profile_id"] for row in self.rows})

    def page(self, profile_id: str) -> list[Record]:
        """The rows of one profile, in order."""
        own = [row for row in self.rows if row["profile_id"] == profile_id]
        return sorted(own, key=lambda row: row["row_position"])

    def some_row(self, *kinds: str, test: Test = lambda row: True) -> Record:
        """The first row of a page that is of one of the kinds, if any are named."""
        return next(
            row for row in self.in_order() if (not kinds or row["row_kind"] in kinds) and test(row)
        )

    def some_cell(self, kind: str, test: Test = lambda cell: True) -> Record:
        """The first cell that gives a reason of a kind, with its own payload."""
        return next(
            cell
            for row in self.in_order()
            for cell in row["cells"]
            if cell["evidence_type"] == kind and not is_rows_own(cell) and test(cell)
        )

    def in_order(self) -> Iterator[Record]:
        """All rows, page by page."""
        return iter(sorted(self.rows, key=lambda row: (row["profile_id"], row["row_position"])))

    def cells(self) -> Iterator[Record]:
        """All cells, page by page."""
        for row in self.in_order():
            yield from row["cells"]

    def history(self, profile_id: str) -> set[str]:
        """The titles that a profile played."""
        return {entry["title_id"] for entry in self.profiles[profile_id]["history"] or ()}

    def some_title(self, test: Callable[[str, Record], bool]) -> str:
        """The first title of which something is true."""
        return next(
            title_id for title_id, facts in sorted(self.titles.items()) if test(title_id, facts)
        )

    def suits(self, profile_id: str, title_id: str) -> bool:
        """Whether a title is within a profile's limit."""
        own = self.profiles[profile_id]
        limits = [
            own["maturity_limit"],
            pages().legality.kids_maturity_limit if own["kids"] else None,
        ]
        age = self.titles[title_id]["maturity"]
        return age is not None and all(limit is None or age <= limit for limit in limits)

    def of_profiles(self, profile_ids: list[str]) -> "DayDrafts":
        """The same day with the pages of some profiles alone; their rows are shared."""
        own = [row for row in self.rows if row["profile_id"] in profile_ids]
        return replace(self, rows=own)

    def countries(self) -> list[str]:
        """The countries of the pages, the one with most pages first."""
        owners = [self.profiles[profile_id]["country"] or "" for profile_id in self.page_owners]
        return sorted(set(owners), key=lambda country: (-owners.count(country), country))


def is_rows_own(cell: Record) -> bool:
    """Whether the cell has its row's own sentence, without a payload."""
    payload = cell["evidence_payload"]
    return payload["subject"] is None and not payload["count"] and not payload["days"]


def renumbered(rows: list[Record]) -> None:
    """Give the rows of a page positions 1, 2, 3 and so on in the order of the list."""
    for position, row in enumerate(rows, 1):
        row["row_position"] = position


def recolumned(row: Record) -> None:
    """Give the cells of a row positions 1, 2, 3 and so on."""
    for column, cell in enumerate(row["cells"], 1):
        cell["column_position"] = column
