"""Every sentence on a page is true, word for word."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conf.evidence import evidence as evidence_settings
from conf.rows import Rows, rows
from models.page.build import build_pages
from models.page.evidence import cell_reasons
from tests.models.page import small
from tests.models.page.test_template_properties import world

SHOP = small.catalogue(
    {
        "a": {
            "genres": ["Comedy", "Crime"],
            "plays": 5,
            "before": 2,
            "plays_7d": 4,
            "age": 1,
            "seasons": (6, 9),
            "since": {"NO": 1},
            "back": {"NO": 1},
            "plays_in": {"NO": (9, 0)},
        },
        "b": {
            "genres": ["Comedy"],
            "plays_30d": 0,
            "plays_all": 1,
            "before": 0,
            "plays_7d": 3,
            "launch": 0,
        },
        "c": {"genres": ["Drama"], "plays": 1, "before": 0, "plays_7d": 3, "age": 9},
        "x": {"genres": ["Crime"], "plays": 1},
        "y": {"genres": ["Comedy"], "plays": 1},
        "z": {"genres": ["Crime"], "plays": 90, "stars": 3, "rated": 9},
    }
    | {
        t: {
            "plays": 2,
            "stars": 4,
            "rated": 2 * (t == "w"),
            "cast": ["Ida"],
            "director": ["Ida"],
            "keyword": ["ships"],
            "genre_era": ["1990s Crime"],
        }
        for t in "uvw"
    },
    countries=["NO"],
)
STATES = {
    "x": {"resume_s": 1439, "length_s": 6000, "finished": 0},
    "y": {
        "resume_s": 0,
        "length_s": 1800,
        "finished": 4,
        "episode": "S01E04",
        "next_episode": "S02E01",
    },
    "v": {"resume_s": 120, "length_s": 1800, "finished": 1, "episode": "S01E02"},
}
ANN = {
    "history": [("x", 4.5, 1), ("y", float("nan"), 2), ("z", 5.0, 3), "u", "v"],
    "listed": ["z", "a"],
}


@pytest.fixture(autouse=True)
def only_row_sentences(monkeypatch):
    """No other reason is helpful, so each cell has the sentence of its row's kind."""
    usual = evidence_settings()
    silent = usual.model_copy(
        update={"helpful": dict.fromkeys(usual.helpful, 0.0) | {"other": 1.0}}
    )
    monkeypatch.setattr(cell_reasons, "evidence", lambda: silent)


def cell_sentences(kind: str, shop: Any = SHOP, ann: Any = ANN) -> dict[str, str]:
    """The sentence of each title in the one row of a kind on the page of ann."""
    only = rows().kinds[kind].model_copy(update={"min_length": 1, "least_plays": 1})
    kinds = Rows(kinds={kind: only}, template=(kind,), then=())
    near = small.neighbours(shop, {"x": {"a": 1.0, "c": 0.5}})
    wishes = small.scores(shop, [{"a": 3.0, "b": 2.0, "c": 1.0, "w": 0.5}])
    (row,) = build_pages(
        shop, small.profiles(shop, {"ann": ann}), wishes, near, "r", kinds=kinds
    ).to_pylist()
    assert (
        {cell["evidence_type"] for cell in row["cells"]}
        == {row["evidence_type"]}
        == {only.evidence}
    )
    return {cell["title_id"]: cell["evidence"] for cell in row["cells"]}


@pytest.mark.parametrize(
    ("kind", "sentences"),
    [
        (
            "popular",
            {
                "a": "5 plays in the last 30 days",
                "c": "1 play in the last 30 days",
                "b": "1 play in all",
                "w": "2 plays in the last 30 days",
            },
        ),
        (
            "trending",
            {
                t: f"{n} plays in the last 7 days, more than before"
                for t, n in (("a", 4), ("b", 3), ("c", 3))
            },
        ),
        ("hidden_gems", {"w": "2 ratings, better than most titles; 2 plays in all"}),
        ("in_season", {"a": "6 of its 9 plays in earlier years came at this time of the year"}),
        (
            "my_list",
            {"z": "On your list since April 22, 1998", "a": "On your list since April 21, 1998"},
        ),
        ("cast", {"w": "With Ida"}),
        ("director", {"w": "Directed by Ida"}),
        ("keyword", {"w": "ships"}),
        ("genre_era", {"w": "1990s Crime"}),
        ("new", {"a": "First played yesterday", "b": "Came today", "c": "First played 9 days ago"}),
        ("because_you_watched", dict.fromkeys("ac", "Similar to Name x")),
        ("genre", {"a": "Genre: Crime"}),
        (
            "top_picks",
            {
                "a": "Crime, like 2 of what you played",
                "b": "Comedy, like 1 of what you played",
                "c": "Fits what you played",
                "w": "Fits what you played",
            },
        ),
        (
            "watch_again",
            {
                "x": "You played it once",
                "y": "You played it 2 times",
                "z": "You played it 3 times",
                "u": "You played it once",
                "v": "You played it once",
            },
        ),
    ],
)
def test_evidence_says_what_is_so(kind: str, sentences: dict[str, str]) -> None:
    assert cell_sentences(kind) == sentences


def test_what_is_begun_says_where_it_goes_on() -> None:
    sentences = {
        "x": "Resume at 23 min",
        "y": "Next episode: S02E01",
        "v": "Resume S01E02 at 2 min",
    }
    assert cell_sentences("continue_watching", ann=ANN | {"states": STATES}) == sentences


def test_trends_and_returns_speak_of_the_members_country() -> None:
    norse = ANN | {"country": "NO"}
    assert cell_sentences("trending", ann=norse) == {
        "a": "9 plays in NO in the last 7 days, more than before"
    }
    assert cell_sentences("coming_back", ann=norse) == {"a": "Came back yesterday"}


def test_a_german_page_says_everything_in_german() -> None:
    german = ANN | {"country": "NO", "languages": ["de-AT"], "states": STATES}
    said = {
        kind: cell_sentences(kind, ann=german)
        for kind in ("trending", "coming_back", "my_list", "cast", "genre_era", "top_picks")
    }
    assert said == {
        "trending": {"a": "9-mal gespielt in NO in den letzten 7 Tagen, mehr als zuvor"},
        "coming_back": {"a": "Seit gestern wieder da"},
        "my_list": {
            "z": "Seit dem 22. April 1998 auf deiner Liste",
            "a": "Seit dem 21. April 1998 auf deiner Liste",
        },
        "cast": {"w": "Mit Ida"},
        "genre_era": {"w": "Krimi der 1990er"},
        "top_picks": {
            "a": "Krimi, wie 2 deiner Titel",
            "b": "Komödie, wie 1 deiner Titel",
            "c": "Passt zu dem, was du gespielt hast",
            "w": "Passt zu dem, was du gespielt hast",
        },
    }


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_rows_are_named_in_one_language(language: str) -> None:
    """A language without texts is spoken to in the first one, row by row."""
    catalogue, profiles, *rest = world(seed=5, titles=300, size=12)
    spoken = evidence_settings().language_of([language])
    people = replace(profiles, language=np.full(profiles.size, spoken, object))
    english = build_pages(catalogue, profiles, *rest, "r").to_pylist()
    pages = build_pages(catalogue, people, *rest, "r").to_pylist()
    assert [row["row_id"] for row in pages] == [row["row_id"] for row in english]
    for row, other in zip(pages, english, strict=True):
        kind = rows().kinds[row["row_kind"]]
        own = kind.said_in(spoken)
        assert own.title.split("{")[0] in row["row_title"]
        assert (row["reason"] == other["reason"]) == (spoken == "en"), row["row_kind"]


@pytest.mark.parametrize("name", rows().kinds)
def test_every_kind_of_row_has_a_sentence_for_its_cells(name: str) -> None:
    """Of any world, and of its own: the kind of reason of its cells is that of the row."""
    only = Rows(kinds={name: rows().kinds[name]}, template=(name,), then=())
    pages = build_pages(*world(seed=5, titles=300, size=12), "r", kinds=only).to_pylist()
    assert pages
    for row in pages:
        assert {cell["evidence_type"] for cell in row["cells"]} == {row["evidence_type"]}
        assert all(cell["evidence"] for cell in row["cells"])


def test_taste_without_genres_claims_no_genre() -> None:
    shop = small.catalogue({t: {"plays": 1} for t in "abcuvwxyz"})
    assert set(cell_sentences("top_picks", shop).values()) == {"Fits what you played"}


def test_names_are_kept_as_they_are() -> None:
    odd = "{anchor} [red]\x1b[31m {0}"
    shop = small.catalogue({"a": {}, "x": {"name": odd}, "y": {}, "z": {}})
    near = small.neighbours(shop, {"x": {"a": 1.0}})
    kind = rows().kinds["because_you_watched"].model_copy(update={"min_length": 1})
    kinds = Rows(kinds={"because_you_watched": kind}, template=("because_you_watched",), then=())
    people = small.profiles(shop, {"ann": {"history": ["x"]}})
    (row,) = build_pages(shop, people, small.scores(shop, [{}]), near, "r", kinds=kinds).to_pylist()
    assert row["row_title"] == f"Because You Watched {odd}"
