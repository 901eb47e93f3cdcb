"""Days since a launch on a page of a tick: as of the tick, whatever its rows of the night said."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from conf.rows import rows
from models.page.online.catalogue_view import CatalogueView
from models.page.online.launch_days import with_days_since_launch
from tests.models.page import small
from tests.models.page.online.test_assemble import built
from tests.models.page.online.test_cell_law import with_cells

CATALOGUE = small.catalogue(
    {f"c{i:02d}": {"genres": ["Comedy"], "plays": 60 - i} for i in range(12)}
)
PAGE = built(
    CATALOGUE,
    small.profiles(CATALOGUE, {"me": {}}),
    small.scores(CATALOGUE, [{}]),
    small.neighbours(CATALOGUE, {}),
    0,
)
SAID = {
    "evidence_type": "new",
    "evidence": "Came 4 days ago",
    "evidence_payload": {"subject": None, "count": 0, "days": 4},
}


def view(age: float) -> CatalogueView:
    """A catalogue whose titles all came so many days ago."""
    features = dict(CATALOGUE.features)
    features["title_launch_age_days"] = np.full(len(CATALOGUE.title_ids), age, np.float32)
    return CatalogueView(replace(CATALOGUE, features=features))


def in_german(page: pa.Table) -> pa.Table:
    """The page with its rows named in German."""
    names = [rows().kinds[kind].said_in("de").title for kind in page["row_kind"].to_pylist()]
    index = page.schema.get_field_index("row_title")
    return page.set_column(index, page.schema.field(index), pa.array(names))


def reasons(page: pa.Table) -> set[tuple[Any, ...]]:
    """Kind, sentence and days of every cell."""
    cells = [cell for row in page.to_pylist() for cell in row["cells"]]
    assert cells
    return {(c["evidence_type"], c["evidence"], c["evidence_payload"]["days"]) for c in cells}


@pytest.mark.parametrize(
    ("age", "sentence", "days"),
    [
        (4.99, "Came 4 days ago", 4),
        (5.01, "Came 5 days ago", 5),
        (1.5, "Came yesterday", 1),
        (0.2, "Came today", 0),
    ],
)
def test_days_are_those_of_the_moment(age: float, sentence: str, days: int) -> None:
    page = with_days_since_launch(with_cells(PAGE, **SAID), view(age))
    assert reasons(page) == {("new", sentence, days)}


def test_language_is_that_of_the_page() -> None:
    page = with_days_since_launch(with_cells(in_german(PAGE), **SAID), view(5.01))
    assert reasons(page) == {("new", "Seit 5 Tagen da", 5)}


def test_title_that_is_no_longer_new_has_its_genre() -> None:
    page = with_days_since_launch(with_cells(PAGE, **SAID), view(61.0))
    assert {(kind, days) for kind, _, days in reasons(page)} == {("genre", 0)}


def test_other_reasons_stay_as_they_are() -> None:
    assert with_days_since_launch(PAGE, view(5.01)).equals(PAGE)
