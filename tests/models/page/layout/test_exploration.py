"""New titles drawn into the row of new titles, with the probability of each."""

from typing import Any

import numpy as np
import pytest

from conf.pages import Device, Exploration, Pages, pages
from conf.rows import Rows, rows
from models.page.build import build_pages
from tests.models.page import small

TV = {"tv": Device(rows=6, columns=8, screen_rows=2, screen_columns=2, down=0.8, right=0.5)}
KINDS = Rows(
    kinds={
        "popular": rows().kinds["popular"].model_copy(update={"max_length": 3}),
        "new": rows().kinds["new"].model_copy(update={"personal_weight": 0.0, "min_length": 2}),
    },
    template=("popular", "new"),
    then=(),
)
SHOP = small.catalogue(
    {
        "hit": {"plays": 9, "age": 400},
        "also": {"plays": 8, "age": 1},
        **{f"n{i}": {"plays": 1, "age": 5 + i} for i in range(5)},
        "older": {"age": 50},
    }
)


def layout(share: float) -> Pages:
    update: dict[str, Any] = {
        "devices": TV,
        "exploration": Exploration(share=share, column=2, days=30),
        "choice": pages().choice.model_copy(update={"alike": 1.0}),
    }
    return pages().model_copy(update=update)


def rows_of_new(share: float, count: int = 1, first: int = 0) -> list[list[tuple[str, float]]]:
    """The row of new titles of each profile, with the probability of each cell."""
    people = small.profiles(SHOP, {f"p{first + i}": {} for i in range(count)})
    wishes = np.full((count, SHOP.size), -np.inf, np.float32)
    made = build_pages(SHOP, people, wishes, small.neighbours(SHOP, {}), "r", layout(share), KINDS)
    return [
        [(c["title_id"], c["title_propensity"]) for c in row["cells"]]
        for row in made.to_pylist()
        if row["row_kind"] == "new"
    ]


def test_without_a_share_nothing_is_drawn_and_all_is_certain() -> None:
    # popular leads with hit and also; the row of new titles is by age, but also, the newest, gives way in its lead
    (row,) = rows_of_new(0.0)
    assert " ".join(title for title, _ in row) == "n0 n1 also n2 n3 n4 older"
    assert {chance for _, chance in row} == {1.0}


def test_each_cell_has_the_probability_of_its_title() -> None:
    # drawn from n1 n2 n3 n4: n0 stands before the slot, older is not new, also leads another row
    for row in rows_of_new(0.2, 200):
        chances, titles = dict(row), [title for title, _ in row]
        assert (titles[0], titles[2], titles[6]) == ("n0", "also", "older")
        drawn = row[1][0]
        wanted = {"n0": 1.0, "older": 1.0, "also": 1.0}
        wanted |= dict.fromkeys(("n1", "n2", "n3", "n4"), 1 - 0.2 / 4)
        wanted |= {"n1": 1 - 0.2 + 0.2 / 4} if drawn == "n1" else {"n1": 0.2 / 4, drawn: 0.2 / 4}
        assert chances == pytest.approx(wanted)


def test_draws_are_as_frequent_as_they_say_and_even() -> None:
    drawn = [row[1][0] for row in rows_of_new(0.8, 4000)]
    shares = {title: drawn.count(title) / 4000 for title in ("n1", "n2", "n3", "n4")}
    assert shares == pytest.approx({"n1": 0.4, "n2": 0.2, "n3": 0.2, "n4": 0.2}, abs=0.03)


def test_draw_is_the_same_whoever_else_is_there() -> None:
    assert rows_of_new(0.8, 30)[:5] == rows_of_new(0.8, 5)
    assert rows_of_new(0.8, 30)[20:] == rows_of_new(0.8, 10, first=20)
