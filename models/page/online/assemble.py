"""The online step: a page that was made before, as it is right at this moment (N-200, N-202). Pure; no clock, no disk.

What has to hold comes first and is never left out: what the profile may not see (any more) goes, and what it finished
since. The rest is done while time is left: going on with what was begun, and what this hour, weekday and device are
for. At last every row is laid again by the rules of `placing`, so gaps are filled from the row's reserve, the cells
beyond what the device shows, and rows that became too short make room for those below.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from models.catalogue.arrays import Profiles
from models.catalogue.eligibility import EXCLUSION_REASONS
from models.page.online.catalogue_view import UNAVAILABLE, Shelf
from models.page.online.context import leaned
from models.page.online.stored_page import I64, UNKNOWN, Line, Lines, closed, opened

CONTINUING, LEANING = "continue watching", "context"


@dataclass(frozen=True)
class Visit:
    """The moment a page is asked for, and what is known of the session so far that no page was made of yet."""

    at_s: float  # epoch seconds UTC
    device: str | None = None  # None: the page as it is stored, at the largest geometry
    begun: tuple[str, ...] = ()  # titles begun, newest first
    finished: tuple[str, ...] = ()


@dataclass(frozen=True)
class Removed:
    """What may no longer be shown: a title or a whole row, and why."""

    row_id: str
    title_id: str
    reason: str


@dataclass(frozen=True)
class Assembled:
    """The page to show: rows in order, positions from 1; what was removed, and which steps there was no time for."""

    rows: pa.Table
    removed: tuple[Removed, ...]
    left_out: tuple[str, ...]


Step = Callable[[Lines, Profiles, Shelf, Visit], list[Line]]


def assemble(
    rows: pa.Table, who: Profiles, shelf: Shelf, visit: Visit, left_ms: Callable[[], float]
) -> Assembled:
    """The page of one profile as it is right for a visit. `rows` are its records of `homepage_rows`.

    `left_ms` tells how much time is left; steps that could wait are left out when none is.
    """
    page = opened(rows, shelf)
    page, removed = _legal(page, who, shelf, visit)
    page = _without_finished(page, shelf, visit)
    left_out = []
    steps: tuple[tuple[str, Step], ...] = ((CONTINUING, _continued), (LEANING, _leaning))
    for name, step in steps:
        if left_ms() <= 0:
            left_out.append(name)
            continue
        page = page.having(step(page, who, shelf, visit))
    return Assembled(closed(page, shelf, visit.device), tuple(removed), tuple(left_out))


def _legal(page: Lines, who: Profiles, shelf: Shelf, visit: Visit) -> tuple[Lines, list[Removed]]:
    """Without what the profile may not see at this moment; a row about a title it may not meet goes whole."""
    away = np.append(shelf.away(who, visit.at_s), UNAVAILABLE)  # the last is for UNKNOWN
    why, forbidden = away[page.title], shelf.forbidden(visit.device)
    ids, names = page.rows["row_id"].to_pylist(), page.cells.field("title_id")
    anchors = page.rows["anchor_title_id"].to_pylist()
    lines, removed = [], []
    for row, cells in page.lines:
        if page.kind[row] not in shelf.kind_at or page.kind[row] in forbidden:
            continue
        anchor = anchors[row]
        code = int(away[shelf.at.get(anchor, UNKNOWN)]) if anchor is not None else 0
        if code not in (
            0,
            UNAVAILABLE,
        ):  # of an anchor only the name is shown, and the play happened
            removed.append(Removed(ids[row], anchor, EXCLUSION_REASONS[code]))
            continue
        gone = why[cells]
        removed += [
            Removed(ids[row], names[place].as_py(), EXCLUSION_REASONS[why[place]])
            for place in cells[gone != 0]
        ]
        lines.append((row, cells[gone == 0]))
    return page.having(lines), removed


def _without_finished(page: Lines, shelf: Shelf, visit: Visit) -> Lines:
    """What was finished in this session stands only where finished titles may; what was begun, only where begun may."""
    finished, begun = (_places(shelf, names) for names in (visit.finished, visit.begun))
    if not len(finished) and not len(begun):
        return page
    lines = []
    for row, cells in page.lines:
        policy = shelf.kinds.kinds[page.kind[row]].watched
        gone = np.isin(page.title[cells], finished) & (policy in ("hide", "begun"))
        gone |= np.isin(page.title[cells], begun) & (policy in ("hide", "finished"))
        lines.append((row, cells[~gone]))
    return page.having(lines)


def _places(shelf: Shelf, names: tuple[str, ...]) -> I64:
    return np.array([shelf.at[name] for name in names if name in shelf.at], np.int64)


def _continued(page: Lines, who: Profiles, shelf: Shelf, visit: Visit) -> list[Line]:
    """What this session began comes first in its row, and the row comes first."""
    begun, lines = _places(shelf, visit.begun), page.lines
    for at, (row, cells) in enumerate(lines):
        if not len(begun) or shelf.kinds.kinds[page.kind[row]].order != "resume":
            continue
        mine = np.flatnonzero(np.isin(page.title[cells], begun))
        if len(mine):
            rank = {title: place for place, title in enumerate(begun.tolist())}
            first = sorted(mine.tolist(), key=lambda place: rank[int(page.title[cells[place]])])
            return [
                (row, np.append(cells[first], np.delete(cells, mine))),
                *lines[:at],
                *lines[at + 1 :],
            ]
    return lines


def _leaning(page: Lines, who: Profiles, shelf: Shelf, visit: Visit) -> list[Line]:
    return leaned(page, str(who.country[0]), shelf, visit.at_s, visit.device)
