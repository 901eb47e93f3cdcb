"""Every sentence on a page is true, word for word."""

from typing import Any

import pytest

from conf.evidence import evidence as settings
from conf.rows import Rows, rows
from models.page import reasons
from models.page.template import build_pages
from tests.models.page import small

SHOP = small.catalogue({
    "a": {"genres": ["Comedy", "Crime"], "plays": 5, "trend": 0.4, "plays_7d": 4, "age": 1},
    "b": {"genres": ["Comedy"], "plays_30d": 0, "plays_all": 1, "trend": 0.3, "plays_7d": 3, "launch": 0},
    "c": {"genres": ["Drama"], "plays": 1, "trend": 0.2, "plays_7d": 3, "age": 9},
    "x": {"genres": ["Crime"], "plays": 1},
    "y": {"genres": ["Comedy"], "plays": 1},
    "z": {"genres": ["Crime"], "plays": 1},
})  # fmt: skip
ANN = {"history": [("x", 4.5, 1), ("y", float("nan"), 2), ("z", 5.0, 3)]}


@pytest.fixture(autouse=True)
def rows_speak_for_their_cells(monkeypatch):
    """No other reason is helpful: each cell says what its row's kind says."""
    usual = settings()
    silent = usual.model_copy(update={"helpful": dict.fromkeys(usual.helpful, 0.0)})
    monkeypatch.setattr(reasons, "evidence", lambda: silent)


def evidence(kind: str, shop: Any = SHOP) -> dict[str, str]:
    only = rows().kinds[kind].model_copy(update={"min_length": 1})
    kinds = Rows(kinds={kind: only}, template=(kind,), then=())
    near = small.neighbours(shop, {"x": {"a": 1.0, "c": 0.5}})
    wishes = small.scores(shop, [{"a": 3.0, "b": 2.0, "c": 1.0}])
    (row,) = build_pages(shop, small.profiles(shop, {"ann": ANN}), wishes, near, "r", kinds=kinds).to_pylist()
    assert {cell["evidence_type"] for cell in row["cells"]} == {row["evidence_type"]} == {only.evidence}
    return {cell["title_id"]: cell["evidence"] for cell in row["cells"]}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("popular", {"a": "5 plays in the last 30 days", "c": "1 play in the last 30 days", "b": "1 play in all"}),
        ("trending", {t: f"{n} plays in the last 7 days, more than before" for t, n in (("a", 4), ("b", 3), ("c", 3))}),
        ("new", {"a": "First played yesterday", "b": "Came today", "c": "First played 9 days ago"}),
        ("because_you_watched", dict.fromkeys("ac", "Often played by those who played Name x")),
        ("genre", {"a": "Genre: Crime"}),
        ("top_picks", {"a": "Crime, like 2 of what you played", "b": "Comedy, like 1 of what you played",
                       "c": "Fits what you played"}),
        ("watch_again", {"x": "You played it once and gave it 4.5", "y": "You played it twice",
                         "z": "You played it 3 times and gave it 5"}),
    ],
)  # fmt: skip
def test_evidence_says_what_is_so(kind: str, said: dict[str, str]) -> None:
    assert evidence(kind) == said


def test_every_kind_of_row_is_spoken_for() -> None:
    tested = {"popular", "trending", "new", "because_you_watched", "genre", "top_picks", "watch_again"}
    assert tested == set(rows().kinds)


def test_taste_without_genres_claims_no_genre() -> None:
    shop = small.catalogue({t: {"plays": 1} for t in "abcxyz"})
    assert set(evidence("top_picks", shop).values()) == {"Fits what you played"}


def test_names_are_kept_as_they_are() -> None:
    odd = "{anchor} [red]\x1b[31m {0}"
    shop = small.catalogue({"a": {}, "x": {"name": odd}, "y": {}, "z": {}})
    near = small.neighbours(shop, {"x": {"a": 1.0}})
    kind = rows().kinds["because_you_watched"].model_copy(update={"min_length": 1})
    kinds = Rows(kinds={"because_you_watched": kind}, template=("because_you_watched",), then=())
    people = small.profiles(shop, {"ann": ANN})
    (row,) = build_pages(shop, people, small.scores(shop, [{}]), near, "r", kinds=kinds).to_pylist()
    assert row["row_title"] == f"Because You Watched {odd}"
