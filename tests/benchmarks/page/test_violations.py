"""Breaks of the rules of pages are found, each with a planted fault; sound pages have none."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.page.figures import Judged, in_view_repeats
from benchmarks.page.violations import violations
from conf.pages import pages
from conf.rows import rows
from models.page.build import build_pages
from tests import drafts
from tests.models.page import small

Rows = list[dict[str, Any]]


def world() -> tuple[Any, Any, pa.Table]:
    """The catalogue, one profile and its page, as in `tests/drafts.py`."""
    shop = small.catalogue(drafts.TITLES, countries=["NO"])
    facts = {
        "history": drafts.OWN,
        "states": drafts.HALF,
        "listed": drafts.LISTED,
        "limit": 12,
        "country": "NO",
        "blocked": ["hated"],
        "languages": ["no", "en"],
    }
    people = small.profiles(shop, {"ann": facts})
    wishes = small.scores(shop, [{f"t{i:02d}": 12.0 - i for i in range(12)}])
    near = small.neighbours(shop, {"seen": {f"t{i:02d}": 1.0 - i / 20 for i in range(6, 18)}})
    return shop, people, build_pages(shop, people, wishes, near, "test")


def found(plant: Callable[[Rows], object] | None = None) -> dict[str, int]:
    shop, people, made = world()
    if plant is None:
        return violations(made, shop, people, pages(), rows())
    changed = made.to_pylist()
    plant(changed)
    return violations(pa.Table.from_pylist(changed, made.schema), shop, people, pages(), rows())


def row(page: Rows, kind: str) -> dict[str, Any]:
    return next(each for each in page if each["row_kind"] == kind)


def retitle(page: Rows, kind: str, place: int, title: str) -> None:
    row(page, kind)["cells"][place]["title_id"] = title


def test_sound_page_breaks_nothing() -> None:
    assert found() == {}


@pytest.mark.parametrize(
    ("plant", "rule"),
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
            "a title is not for the profile, or not available",
        ),
        (
            lambda p: retitle(p, "top_picks", 9, "abroad"),
            "a title is not for the profile, or not available",
        ),
        (
            lambda p: retitle(p, "top_picks", 9, "thai"),
            "a title is not for the profile, or not available",
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
            "a cell without a probability",
        ),
        (list.clear, "no page for a profile that may see something"),
    ],
)
def test_each_fault_is_found(plant: Callable[[Rows], object], rule: str) -> None:
    assert rule in found(plant)


def test_rows_that_are_alike_are_found() -> None:
    def twice(page: Rows) -> None:
        last = row(page, "new")
        page.append(
            {**row(page, "popular"), "row_id": "again", "row_position": last["row_position"] + 1}
        )

    assert found(twice) == {"a row is too like the one above": 1}


def test_repeats_in_view_are_counted() -> None:
    shop, people, made = world()
    changed = made.to_pylist()
    retitle(changed, "top_picks", 0, "t06")
    for page, repeats in ((made, 0), (pa.Table.from_pylist(changed, made.schema), 1)):
        judged = Judged(shop, people, np.zeros((1, shop.size), bool), page)
        assert in_view_repeats(judged, pages(), rows()).tolist() == [repeats]
