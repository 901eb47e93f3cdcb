"""Violations of the rules of pages are found, each with a planted fault; sound pages have none."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.page.figures import BuiltPages, first_screen_repeats
from benchmarks.page.violations import violations
from conf.pages import pages
from conf.rows import rows
from models.page.build import build_pages
from tests import drafts
from tests.models.page import small

PageRows = list[dict[str, Any]]


def built_page() -> tuple[Any, Any, pa.Table]:
    """The catalogue, one profile and its page, as in `tests/drafts.py`."""
    catalogue = small.catalogue(drafts.TITLES, countries=["NO"])
    facts = {
        "history": drafts.OWN,
        "states": drafts.HALF,
        "listed": drafts.LISTED,
        "limit": 12,
        "country": "NO",
        "blocked": ["hated"],
        "languages": ["no", "en"],
    }
    profiles = small.profiles(catalogue, {"ann": facts})
    scores = small.scores(catalogue, [{f"t{i:02d}": 12.0 - i for i in range(12)}])
    similar = {"seen": {f"t{i:02d}": 1.0 - i / 20 for i in range(6, 18)}}
    neighbours = small.neighbours(catalogue, similar)
    return catalogue, profiles, build_pages(catalogue, profiles, scores, neighbours, "test")


def violations_with(fault: Callable[[PageRows], object] | None = None) -> dict[str, int]:
    """The violations of the page with a fault planted in it."""
    catalogue, profiles, page_rows = built_page()
    if fault is not None:
        rows_with_fault = page_rows.to_pylist()
        fault(rows_with_fault)
        page_rows = pa.Table.from_pylist(rows_with_fault, page_rows.schema)
    return violations(page_rows, catalogue, profiles, pages(), rows())


def row(page: PageRows, kind: str) -> dict[str, Any]:
    return next(each for each in page if each["row_kind"] == kind)


def retitle(page: PageRows, kind: str, column: int, title: str) -> None:
    row(page, kind)["cells"][column]["title_id"] = title


def test_a_sound_page_has_no_violation() -> None:
    assert violations_with() == {}


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (lambda p: p[0].update(row_position=9), "positions are not 1, 2, 3 and so on"),
        (lambda p: p[1].update(row_id=p[0]["row_id"]), "a row stands twice"),
        (lambda p: retitle(p, "top_picks", 0, "t06"), "a title stands twice in the first screens"),
        (lambda p: p[1].update(row_kind="mystery"), "a kind of row that may not stand"),
        (
            lambda p: row(p, "because_you_watched").update(cells=p[0]["cells"]),
            "a row is too short or too long",
        ),
        (lambda p: retitle(p, "top_picks", 9, "t08"), "a title stands twice in a row"),
        (
            lambda p: retitle(p, "top_picks", 9, "hated"),
            "title_blocked",
        ),
        (
            lambda p: retitle(p, "top_picks", 9, "abroad"),
            "title_closed",
        ),
        (
            lambda p: retitle(p, "top_picks", 9, "thai"),
            "title_foreign",
        ),
        (
            lambda p: retitle(p, "top_picks", 9, "seen"),
            "a title that was played stands where none may",
        ),
        (
            lambda p: retitle(p, "watch_again", 0, "t09"),
            "a title that was not played stands among those that were",
        ),
        (
            lambda p: row(p, "because_you_watched").update(anchor_title_id="t20"),
            "a row stands on a title that the profile did not play, or shows it",
        ),
        (
            lambda p: row(p, "top_picks")["cells"][0].update(title_propensity=0.0),
            "propensity_impossible",
        ),
        (list.clear, "no page for a profile that may see something"),
    ],
)
def test_each_fault_is_a_violation(fault: Callable[[PageRows], object], rule: str) -> None:
    assert rule in violations_with(fault)


def test_rows_that_are_alike_are_a_violation() -> None:
    def repeat_row(page: PageRows) -> None:
        below_last = row(page, "new")["row_position"] + 1
        page.append({**row(page, "popular"), "row_id": "again", "row_position": below_last})

    assert violations_with(repeat_row) == {
        "a row is too like the one above": 1,
        "a title stands in too many rows": 1,  # its titles stand in four already
    }


@pytest.mark.parametrize(("title", "repeats"), [(None, 0), ("t06", 1)])
def test_repeats_in_the_first_screens_are_counted(title: str | None, repeats: int) -> None:
    catalogue, profiles, page_rows = built_page()
    if title:
        changed = page_rows.to_pylist()
        retitle(changed, "top_picks", 0, title)
        page_rows = pa.Table.from_pylist(changed, page_rows.schema)
    relevant = np.zeros((1, catalogue.size), bool)
    built = BuiltPages(catalogue, profiles, relevant, page_rows)
    assert first_screen_repeats(built, pages(), rows()).tolist() == [repeats]
