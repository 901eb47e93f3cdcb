"""Where a cell came from: every published cell is explained, and one that is not so is not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.io.published import homepage
from models.page.explain import RebuiltPage
from studio.reports import trace
from studio.reports.trace import built_again, cell_trace, is_complete, row_traces
from tests.built import DAYS, tables_at

Row = dict[str, Any]


@pytest.fixture(autouse=True)
def service(built: Path) -> Iterator[None]:
    with tables_at(built):
        yield


@pytest.mark.parametrize("profile_id", ["p1", "p2", "p3"])
def test_every_published_cell_is_explained(profile_id: str) -> None:
    rows = homepage.page_records(profile_id, DAYS[1])
    page = built_again(rows)
    traces = [each for row in rows for each in row_traces(page, row)]
    assert traces and all(map(is_complete, traces))
    assert traces == [cell_trace(page, row, cell) for row in rows for cell in row["cells"]]
    assert traces[0]["row"].endswith("at position 1.") or "here at 1" in traces[0]["row"]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("source", {"title_id": "nothing"}),
        ("filters", {"title_id": "nothing"}),
        ("score", {"score": float("nan")}),
        ("picture", {"propensity": None}),
    ],
)
def test_cell_that_is_not_so_is_not_explained(part: str, change: dict[str, Any]) -> None:
    row = homepage.page_records("p1", DAYS[1])[0]
    told = cell_trace(
        built_again(homepage.page_records("p1", DAYS[1])), row, row["cells"][0] | change
    )
    assert told[part] is None and not is_complete(told)


def test_row_that_stands_elsewhere_is_not_explained() -> None:
    row = homepage.page_records("p1", DAYS[1])[0]
    moved = row | {"row_position": 7}
    assert (
        cell_trace(built_again(homepage.page_records("p1", DAYS[1])), moved, row["cells"][0])["row"]
        is None
    )


def test_rivals_of_a_row_are_looked_for_once_and_judged_by_no_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = homepage.page_records("p1", DAYS[1])
    page, asked = built_again(rows), []
    ranked = RebuiltPage.ranked_ids
    monkeypatch.setattr(RebuiltPage, "barred", None)  # what cost seconds for each page
    monkeypatch.setattr(
        RebuiltPage,
        "ranked_ids",
        lambda own, position: asked.append(position) or ranked(own, position),
    )
    assert [len(row_traces(page, row)) for row in rows] == [len(row["cells"]) for row in rows]
    assert asked == [row["row_position"] for row in rows]


def test_rows_of_a_position_are_those_that_have_a_score_there() -> None:
    page = built_again(homepage.page_records("p1", DAYS[1])).page
    for position in (1, 2, 3):
        scored = [candidate["row_id"] for candidate in page.candidates(position)]
        assert page.ranked_ids(position) == scored


def test_title_that_was_drawn_says_so() -> None:
    row = homepage.page_records("p1", DAYS[1])[0]
    drawn = row["cells"][0] | {"title_propensity": 0.05}
    told = cell_trace(built_again(homepage.page_records("p1", DAYS[1])), row, drawn)["source"]
    assert told == "Drawn among titles that are new to the service, with probability 0.05."


def test_page_is_built_once_for_the_cells_that_are_asked_after_each_other() -> None:
    assert built_again(homepage.page_records("p1", DAYS[1])) is built_again(
        homepage.page_records("p1", DAYS[1])
    )
    for number in range(2, trace.KEPT + 2):
        built_again(homepage.page_records(f"p{number}", DAYS[1]))
    assert len(trace._kept) <= trace.KEPT
