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
from studio.reports.ranker_rows import page_maker_of


def cells_of_page(page_rows: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The experiment cells that a page was made for, as experiment:cell."""
    return tuple(page_rows[0].get(CELLS) or ())


def changes_of_page(page_rows: Sequence[dict[str, Any]]) -> Changes:
    """What those cells changed on the page's day."""
    cells, day = cells_of_page(page_rows), page_rows[0]["ds"]
    own = changes_as_started(day) if cells else {}
    return {path: value for cell in cells for path, value in own.get(cell, {}).items()}


@contextmanager
def maker_of_page(page_rows: Sequence[dict[str, Any]]) -> Iterator[PageMaker]:
    """What makes the page again; what its cells change is in force meanwhile."""
    day: date = page_rows[0]["ds"]
    maker, changes = page_maker_of(day), changes_of_page(page_rows)
    if not changes:
        yield maker
        return
    named = variants(ArrowSnapshot(end_of(day)), {" ".join(cells_of_page(page_rows)): changes})
    with in_force(changes):
        yield maker.changed(changes, named.rankers)
