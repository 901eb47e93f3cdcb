"""How a row gives way to the rows above it."""

import numpy as np
import pytest

from models.page.layout.dedupe import (
    RowLimits,
    count_tail,
    mark_lead,
    mark_tails,
    tails_of,
    too_alike,
    without_repeats,
)


def chosen(
    titles: str,
    above: str,
    strict: int,
    least: int = 1,
    most: int = 9,
    may_repeat: bool = False,
    often: str = "",
) -> str:
    """Titles are letters, the lead is three cells; returns the row, and after / what is marked as shown then."""
    shown = np.full(26, -1)
    shown[[ord(t) - 97 for t in above]] = 7
    out = np.zeros(20, np.int64)
    row = np.array([ord(t) - 97 for t in titles], np.int32)
    limits = RowLimits(3, strict, least, most, may_repeat, 2)
    tails = np.full(26, -1)
    for t in often:
        count_tail(tails, ord(t) - 97, 7)
    count = without_repeats(row, shown, tails, 7, limits, out)
    before = [tails_of(tails, t, 7) for t in range(26)]
    mark_tails(row, out[:count], shown, tails, 7, limits)
    counted = [t for t in range(26) if tails_of(tails, t, 7) > before[t]]
    assert [t for t in range(26) if tails_of(tails, t, 8)] == [], "of another page"
    in_tail = {ord(t) - 97 for t in titles} & (
        {ord(t) - 97 for t in above} | set(row[out[3:count]])
    )
    assert set(counted) == (set() if may_repeat else in_tail & set(row[out[:count]].tolist()))
    mark_lead(row, out[:count], shown, 7, limits)
    marked = "".join(chr(97 + t) for t in np.flatnonzero(shown == 7) if chr(97 + t) not in above)
    return "".join(titles[place] for place in out[:count]) + "/" + marked


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (("abcde", "", 3), "abcde/abc"),  # nothing above
        (("abcde", "b", 3), "acdbe/acd"),  # b waits until after the lead
        (("abcd", "abc", 0), "dabc/d"),  # below the screen one new title is enough
        (("abcd", "abc", 3), "d/d"),  # in the screen repeats cannot fill up
        (("abcd", "bc", 2), "adbc/ad"),  # two new ones fill a screen of two
        (("abc", "abc", 0), "/"),  # nothing new: no row
        (("abcd", "bc", 3, 3), "/"),  # two new ones are below the least of three
        (("abcde", "", 3, 1, 4), "abcd/abc"),
        (
            ("abcd", "abc", 3, 1, 9, True),
            "abcd/",
        ),  # a kind that may repeat neither gives way nor is marked
        (("abcdef", "b", 3, 1, 9, False, "bbeea"), "acdf/acd"),  # b and e stand in two rows
        (("abcde", "", 3, 1, 9, False, "aa"), "abcde/abc"),  # a leads none, and may lead one
        (("abcd", "abc", 3, 1, 9, True, "aabb"), "abcd/"),
    ],
)
def test_row_gives_way(case: tuple[str, str, int], expected: str) -> None:
    assert chosen(*case) == expected


@pytest.mark.parametrize(
    ("row", "above", "expected"),
    [
        ("abcd", "abcd", True),
        ("abcd", "abce", True),
        ("abcd", "abef", False),
        ("ab", "abcdef", False),
        ("ab", "", False),
    ],
)
def test_rows_are_too_alike_where_most_titles_of_both_stand_in_both(
    row: str, above: str, expected: bool
) -> None:
    before = np.full(26, -1)
    before[[ord(t) - 97 for t in above]] = 3
    titles = np.array([ord(t) - 97 for t in row], np.int32)
    assert too_alike(titles, np.arange(len(row)), before, 3, len(above), 0.5) is expected
