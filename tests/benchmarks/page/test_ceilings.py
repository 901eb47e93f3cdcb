"""The best order of rows by worths that are given: rows whose titles are worth most stand on top."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.page.ceilings import _best_order
from benchmarks.page.world_day import WorldDay
from models.catalogue.arrays import no_neighbours
from tests.models.page import small

TITLES = {
    f"{genre[0]}{n:02d}": {"maturity": 0, "plays": 100 - n, "genres": [genre]}
    for genre in ("Action", "Comedy", "Drama")
    for n in range(30)
}
SHOP = small.catalogue(TITLES)
PEOPLE = small.profiles(SHOP, {"ann": {"history": ["A29", "C29", "D29"]}})
SCORES = np.linspace(1, 0, SHOP.size, dtype=np.float32)[None, :]


def first_rows(genre: str) -> list[list[str]]:
    maker = SimpleNamespace(
        moment=SimpleNamespace(catalogue=SHOP), near=no_neighbours(SHOP.size), ranker_id="r"
    )
    today = WorldDay(SimpleNamespace(maker=maker), ((PEOPLE, SCORES),))
    worth = np.where(SHOP.genre_matrix[:, SHOP.genres.index(genre)], 0.1, 0.001)
    rows = _best_order(today, 0, worth[None, :].astype(np.float32)).to_pylist()
    assert [row["row_position"] for row in rows] == list(range(1, len(rows) + 1))
    return [[cell["title_id"] for cell in row["cells"]] for row in rows[:2]]


@pytest.mark.parametrize("genre", ["Action", "Comedy", "Drama"])
def test_a_row_of_the_titles_that_are_worth_most_stands_near_the_top(genre: str) -> None:
    """Where a mixed row above leaves enough of them, the look ahead may put that first."""
    shares = [np.mean([one.startswith(genre[0]) for one in row[:6]]) for row in first_rows(genre)]
    assert max(shares) == 1
    assert min(shares) > 0
