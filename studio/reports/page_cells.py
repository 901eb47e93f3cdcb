"""The page maker of a published page: with what its experiment cells change."""

# Tested by tests/jobs/test_assemble_drafts.py.

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from conf.changes import Changes, in_force
from conf.days import end_of
from conf.experiments import CELLS, SERVING
from conf.rankers import ranker_names
from jobs.io.experiments.register import changes_as_started
from jobs.io.experiments.variants import variants
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.tables.arrow import filtered_rows, has_day
from jobs.io.tables.partitions import Filter
from models.page.maker import PageMaker
from models.page.variants import Variants
from studio.reports.ranker_rows import page_maker_of


def cells_of_page(page_rows: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The experiment cells that a page was made for, as experiment:cell."""
    return tuple(page_rows[0].get(CELLS) or ())


def changes_of_page(page_rows: Sequence[dict[str, Any]]) -> Changes:
    """What those cells changed on the page's day."""
    return changes_of_cells(page_rows[0]["ds"], cells_of_page(page_rows))


def changes_of_cells(day: date, cells: Sequence[str]) -> Changes:
    """What some cells changed on a day."""
    by_cell = _changes_by_cell(day, cells)
    return Variants(by_cell).changed(tuple(by_cell))


@contextmanager
def maker_of_page(page_rows: Sequence[dict[str, Any]]) -> Iterator[PageMaker]:
    """What makes the page again; what its cells change is in force meanwhile."""
    with maker_of_cells(page_rows[0]["ds"], cells_of_page(page_rows)) as maker:
        yield maker


@contextmanager
def maker_of_cells(day: date, cells: Sequence[str]) -> Iterator[PageMaker]:
    """What makes the pages of some cells on a day; what they change is in force meanwhile."""
    maker, by_cell = page_maker_of(day), _changes_by_cell(day, cells)
    if not by_cell:
        yield maker
        return
    own = variants(ArrowSnapshot(end_of(day)), by_cell)
    changes = own.changed(tuple(by_cell))
    with in_force(changes):
        yield maker.changed(changes, own.rankers)


def own_rankers(changes: Changes) -> dict[str, str]:
    """The ids of the rankers that changes name, by ranker."""
    of_rankers = {path.removeprefix(f"{SERVING}."): name for path, name in changes.items()}
    return {ranker: str(name) for ranker, name in of_rankers.items() if ranker in ranker_names()}


def cells_of_profile(profile_id: str, day: date) -> tuple[str, ...]:
    """The cells that a profile's page of a built day was made for, published or not."""
    of_profile: list[Filter] = [("ds", "=", day), ("profile_id", "=", profile_id)]
    rows = filtered_rows("drafts", of_profile, [CELLS]) if has_day("drafts", day) else None
    return tuple(rows[CELLS][0].as_py() or ()) if rows else ()


def _changes_by_cell(day: date, cells: Sequence[str]) -> dict[str, Changes]:
    """Of some cells those that change something, in their order."""
    of_day = changes_as_started(day) if cells else {}
    return {cell: of_day[cell] for cell in cells if cell in of_day}
