"""The page maker of a published page: with what its experiment cells change."""

# Tested by tests/jobs/test_assemble_drafts.py.

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from conf.changes import Changes, in_force
from conf.days import end_of
from conf.experiments import CELLS
from jobs.io.experiments.register import changes_as_started
from jobs.io.experiments.variants import variants
from jobs.io.snapshot.arrow import ArrowSnapshot
from models.page.maker import PageMaker
from models.page.variants import Variants
from studio.reports.ranker_rows import page_maker_of


def cells_of_page(page_rows: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The experiment cells that a page was made for, as experiment:cell."""
    return tuple(page_rows[0].get(CELLS) or ())


def changes_of_page(page_rows: Sequence[dict[str, Any]]) -> Changes:
    """What those cells changed on the page's day."""
    by_cell = _changes_by_cell(page_rows)
    return Variants(by_cell).changed(tuple(by_cell))


@contextmanager
def maker_of_page(page_rows: Sequence[dict[str, Any]]) -> Iterator[PageMaker]:
    """What makes the page again; what its cells change is in force meanwhile."""
    day: date = page_rows[0]["ds"]
    maker, by_cell = page_maker_of(day), _changes_by_cell(page_rows)
    if not by_cell:
        yield maker
        return
    own = variants(ArrowSnapshot(end_of(day)), by_cell)
    changes = own.changed(tuple(by_cell))
    with in_force(changes):
        yield maker.changed(changes, own.rankers)


def _changes_by_cell(page_rows: Sequence[dict[str, Any]]) -> dict[str, Changes]:
    """Of the page's cells those that change something, in the page's order."""
    cells = cells_of_page(page_rows)
    of_day = changes_as_started(page_rows[0]["ds"]) if cells else {}
    return {cell: of_day[cell] for cell in cells if cell in of_day}
