"""What a page of two arms' rows has to keep as it is drawn: each row once, no title twice in view."""

from collections.abc import Callable, Sequence
from typing import NamedTuple


class PageRow(NamedTuple):
    """A row as an arm would show it; two arms agree on it where all of it is the same."""

    key: str  # what it is about: of two rows with one key a page has one
    titles: tuple[str, ...]
    may_repeat: bool = False  # its titles may stand in other rows of the first screens


def first_screens_kept(screen: Sequence[int]) -> Callable[[list[PageRow], PageRow], bool]:
    """The rule that keeps the first screens: `screen` has the cells in view of each of their rows.

    A row may follow where its key is new, and none of its cells in view shows a title of the rows
    above.
    """

    def allowed(taken: list[PageRow], row: PageRow) -> bool:
        if any(other.key == row.key for other in taken):
            return False
        position = len(taken)
        if position >= len(screen) or row.may_repeat:
            return True
        above = {
            title
            for width, other in zip(screen, taken, strict=False)
            if not other.may_repeat
            for title in other.titles[:width]
        }
        return above.isdisjoint(row.titles[: screen[position]])

    return allowed
