"""No title twice where a member looks first: how a row gives way to the rows above it (N-605)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.compiled import njit

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]


COUNTS = 64  # more than a page has rows: a count of rows and the page that it is of in one number


class RowLimits(NamedTuple):
    """What holds for the cells of one row."""

    lead: int  # cells at the head of the row that give way to the heads above
    strict: int  # cells of the row on the first screen, in which no repeat is ever put
    least: int  # cells that the row needs
    most: int  # cells that the row may have
    may_repeat: bool  # whether nothing is compared with the rows above
    tails: int  # rows that a title may stand in beside the one that it leads


@njit()
def without_repeats(
    titles: I32, shown: I64, tails: I64, mark: int, limits: RowLimits, selection: I64
) -> int:
    """Number of cells of a row of `titles` (best first), whose indices are written to `selection`.

    `shown[t] == mark` says that title t stands in the lead of a row above. Titles that do not come
    first, up to `lead` of them; after those the rest in their order, but for titles that stand in
    `limits.tails` rows already (`count_tail`). A row that cannot fill its `strict` cells without
    repeats ends there.

    Returns 0 where the row would bring fewer than `least` titles (or less than its lead) that are
    not above.
    """
    lead = limits.lead
    fresh = 0
    for j in range(len(titles)):
        if fresh < lead and (limits.may_repeat or shown[titles[j]] != mark):
            selection[fresh] = j
            fresh += 1
    if fresh < min(limits.least, lead):
        return 0
    count = fresh
    if fresh >= min(limits.strict, lead):
        count = _append_rest(titles, fresh, tails, mark, limits, selection)
    count = min(count, limits.most)
    return count if count >= limits.least else 0


@njit()
def mark_lead(titles: I32, selection: I64, shown: I64, mark: int, limits: RowLimits) -> None:
    """Mark the titles in the lead of a row that was placed; one that may repeat marks nothing."""
    if limits.may_repeat:
        return
    for index in selection[: limits.lead]:
        shown[titles[index]] = mark


@njit()
def too_alike(
    titles: I32, selection: I64, last_row: I64, row: int, row_size: int, most_alike: float
) -> bool:
    """Whether this row and the one just above it have too many titles in common.

    That is, more than `most_alike` of all titles of the two (Jaccard). The titles of the row above
    are those with last_row[t] == row, `row_size` of them; 0 where none may be compared.
    """
    both = 0
    for index in selection:
        both += last_row[titles[index]] == row
    return both > most_alike * (row_size + len(selection) - both) if row_size else False


@njit()
def _append_rest(
    titles: I32, fresh: int, tails: I64, mark: int, limits: RowLimits, selection: I64
) -> int:
    """Append the indices of titles that are not among the first `fresh`, which ascend."""
    count, passed = fresh, 0
    for j in range(len(titles)):
        if passed < fresh and selection[passed] == j:
            passed += 1
        elif count < limits.most and (
            limits.may_repeat or tails_of(tails, titles[j], mark) < limits.tails
        ):
            selection[count] = j
            count += 1
    return count


@njit()
def tails_of(tails: I64, title: int, mark: int) -> int:
    """How many rows of the page `mark` the title stands in without leading them."""
    count = tails[title] - mark * COUNTS
    return count if 0 <= count < COUNTS else 0


@njit()
def count_tail(tails: I64, title: int, mark: int) -> None:
    """Count one more such row."""
    tails[title] = mark * COUNTS + tails_of(tails, title, mark) + 1


@njit()
def mark_tails(
    titles: I32, selection: I64, shown: I64, tails: I64, mark: int, limits: RowLimits
) -> None:
    """Count a row for the titles that it does not bring to a lead, before its lead is marked; a row
    that may repeat was counted before the first one was placed (`count_repeats`).
    """
    if limits.may_repeat:
        return
    for place in range(len(selection)):
        title = titles[selection[place]]
        if place >= limits.lead or shown[title] == mark:
            count_tail(tails, title, mark)
