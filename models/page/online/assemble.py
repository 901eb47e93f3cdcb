"""The online step: a stored page as it is right for a visit at this moment. Pure; no clock, no
disk.

What has to hold comes first and is never left out: titles that the profile may not see (any more)
are removed, and those it finished since; pictures and sentences that it may not see are replaced
(`models.page.online.cell_law`). The rest is done while time is left: titles of this session to
continue come first, and rows and cells are put in the order of this hour, weekday and device. At
last every row is placed again by the rules of `models.page.layout.placement`: gaps are filled from
the row's reserve, the cells beyond what the device shows, and rows that became too short make room
for those below.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.catalogue.arrays import Profiles
from models.catalogue.eligibility import EXCLUSION_REASONS
from models.page.online.catalogue_view import UNAVAILABLE, CatalogueView
from models.page.online.cell_law import (
    NOTHING_TO_SAY,
    may_not_be_named,
    with_suitable_pictures,
    with_suitable_sentences,
)
from models.page.online.context import rows_in_context
from models.page.online.stored_page import (
    I64,
    UNKNOWN,
    StoredPage,
    StoredRow,
    page_from_records,
    placed_records,
)

CONTINUING, CONTEXT = "continue watching", "context"


@dataclass(frozen=True)
class Visit:
    """The moment a page is asked for, and what is known of the session so far that no page was
    built of yet.
    """

    at_s: float  # epoch seconds UTC
    device: str | None = None  # None: the page as it is stored, at the largest geometry
    begun_titles: tuple[str, ...] = ()  # newest first
    finished_titles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Removed:
    """A title or a whole row that may no longer be shown, and why."""

    row_id: str
    title_id: str
    reason: str


@dataclass(frozen=True)
class Assembled:
    """The page to show: rows in order, positions from 1; what was removed, and the steps without
    time left for them.
    """

    rows: pa.Table
    removed: tuple[Removed, ...]
    skipped_steps: tuple[str, ...]


Step = Callable[[StoredPage, Profiles, CatalogueView, Visit], list[StoredRow]]


def assemble(
    rows: pa.Table,
    profile: Profiles,
    view: CatalogueView,
    visit: Visit,
    left_ms: Callable[[], float],
) -> Assembled:
    """The page of one profile as it is right for a visit.

    `rows` are its records of `homepage_rows`. `left_ms` tells how much time is left; steps that
    could wait are skipped when none is.
    """
    page, removed = _lawful(page_from_records(rows, view), profile, view, visit)
    page = _without_finished(page, view, visit)
    skipped = []
    steps: tuple[tuple[str, Step], ...] = (
        (CONTINUING, _continuing_first),
        (CONTEXT, _in_context),
    )
    for name, step in steps:
        if left_ms() <= 0:
            skipped.append(name)
        else:
            page = page.with_rows(step(page, profile, view, visit))
    return Assembled(placed_records(page, view, visit.device), tuple(removed), tuple(skipped))


def _lawful(
    page: StoredPage, profile: Profiles, view: CatalogueView, visit: Visit
) -> tuple[StoredPage, list[Removed]]:
    """The page of which everything that is seen may be seen by the profile at this moment, and what
    was removed from it.
    """
    codes = np.append(view.removal_reasons(profile, visit.at_s), UNAVAILABLE)  # last: of UNKNOWN
    page, removed = _eligible(page, view, visit, codes)
    page, mute = with_suitable_sentences(page, profile, view, codes)
    if len(mute):
        removed += _removed_for(page, mute)
        page = page.with_rows([(record, np.setdiff1d(cells, mute)) for record, cells in page.rows])
    return with_suitable_pictures(_listed_once(page, view), profile, view), removed


def _listed_once(page: StoredPage, view: CatalogueView) -> StoredPage:
    """The page with one of the titles of one name and year, the first that it has: rows of two
    times may each have another one.
    """
    if view.twins is None:
        return page
    titles = page.title[page.shown_cells]
    titles = titles[view.twins[titles] >= 0]
    first: dict[int, int] = {}
    for title, twin in zip(titles.tolist(), view.twins[titles].tolist(), strict=True):
        first.setdefault(twin, title)
    others = sorted(set(titles.tolist()) - set(first.values()))
    if not others:
        return page
    rows = [(record, cells[~np.isin(page.title[cells], others)]) for record, cells in page.rows]
    return page.with_rows(rows)


def _eligible(
    page: StoredPage, view: CatalogueView, visit: Visit, codes: NDArray[np.int8]
) -> tuple[StoredPage, list[Removed]]:
    """The page without the titles that may not be seen, and without the rows about such.

    Of an anchor that is only unavailable the row stays: just its name is shown, and the play
    happened.
    """
    forbidden = view.forbidden_kinds(visit.device)
    may_not_name = may_not_be_named(codes)
    row_ids = page.records["row_id"].to_pylist()
    anchors = page.records["anchor_title_id"].to_pylist()
    rows, removed = [], []
    for record, cells in page.rows:
        kind, anchor = page.kind[record], anchors[record]
        if kind not in view.kind_index or kind in forbidden:
            continue
        about = UNKNOWN if anchor is None else view.title_index.get(anchor, UNKNOWN)
        needs_anchor = view.kinds.kinds[kind].per == "anchor"
        is_wrong = may_not_name[about] or codes[about] not in (0, UNAVAILABLE)
        if (needs_anchor or anchor is not None) and is_wrong:
            removed.append(Removed(row_ids[record], anchor or "", EXCLUSION_REASONS[codes[about]]))
            continue
        cell_codes = codes[page.title[cells]]
        removed += _removed_cells(page, row_ids[record], cells, cell_codes)
        rows.append((record, cells[cell_codes == 0]))
    return page.with_rows(rows), removed


def _removed_cells(
    page: StoredPage, row_id: str, cells: I64, codes: NDArray[np.int8]
) -> list[Removed]:
    title_ids = page.cells.field("title_id")
    return [
        Removed(row_id, title_ids[cell].as_py(), EXCLUSION_REASONS[code])
        for cell, code in zip(cells[codes != 0], codes[codes != 0], strict=True)
    ]


def _removed_for(page: StoredPage, mute: I64) -> list[Removed]:
    """What is said of cells of which nothing true may be told."""
    row_ids, title_ids = page.records["row_id"], page.cells.field("title_id")
    return [
        Removed(row_ids[record].as_py(), title_ids[cell].as_py(), NOTHING_TO_SAY)
        for record, cells in page.rows
        for cell in cells[np.isin(cells, mute)]
    ]


def _without_finished(page: StoredPage, view: CatalogueView, visit: Visit) -> StoredPage:
    """The page with titles finished in this session only in rows that may show them, and so with
    those begun.
    """
    finished = _title_indices(view, visit.finished_titles)
    begun = _title_indices(view, visit.begun_titles)
    if not len(finished) and not len(begun):
        return page
    rows = []
    for record, cells in page.rows:
        policy = view.kinds.kinds[page.kind[record]].watched
        hides_finished, hides_begun = policy in ("hide", "begun"), policy in ("hide", "finished")
        is_hidden = np.isin(page.title[cells], finished) & hides_finished
        is_hidden |= np.isin(page.title[cells], begun) & hides_begun
        rows.append((record, cells[~is_hidden]))
    return page.with_rows(rows)


def _title_indices(view: CatalogueView, title_ids: tuple[str, ...]) -> I64:
    """The catalogue indices of the titles that the catalogue has."""
    index = view.title_index
    return np.array([index[title] for title in title_ids if title in index], np.int64)


def _continuing_first(
    page: StoredPage, profile: Profiles, view: CatalogueView, visit: Visit
) -> list[StoredRow]:
    """The rows with what this session began first in its row of titles to continue, and that row
    first.
    """
    begun, rows = _title_indices(view, visit.begun_titles), page.rows
    if not len(begun):
        return rows
    rank = {title: rank for rank, title in enumerate(begun.tolist())}
    for index, (record, cells) in enumerate(rows):
        if page.order_of(record, view) != "resume":
            continue
        in_row = np.flatnonzero(np.isin(page.title[cells], begun)).tolist()
        if in_row:
            by_rank = sorted(in_row, key=lambda column: rank[int(page.title[cells[column]])])
            begun_first = np.append(cells[by_rank], np.delete(cells, in_row))
            return [(record, begun_first), *rows[:index], *rows[index + 1 :]]
    return rows


def _in_context(
    page: StoredPage, profile: Profiles, view: CatalogueView, visit: Visit
) -> list[StoredRow]:
    return rows_in_context(page, str(profile.country[0]), view, visit.at_s, visit.device)
