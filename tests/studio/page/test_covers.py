"""Covers: drawn from id, genres and theme, always the same, and sound SVG."""

from xml.etree import ElementTree

import pytest

from studio.page.covers import GENRES, THEMES, cover
from studio.page.motifs import shape


@pytest.mark.parametrize("genre", [*GENRES, "a genre nobody knows"])
def test_each_genre_has_a_drawing_that_parses(genre: str) -> None:
    for title in ("1", "2", "3", "4"):
        root = ElementTree.fromstring(f"<svg>{cover(title, [genre]).art}</svg>")
        assert len(list(root.iter())) > 4
        assert {element.tag for element in root.iter()} <= {
            "svg",
            "circle",
            "ellipse",
            "g",
            "path",
            "rect",
        }


def test_cover_is_the_same_every_time_and_another_for_another_title() -> None:
    assert cover("t1", ["Drama"]) == cover("t1", ["Drama"]) != cover("t2", ["Drama"])


@pytest.mark.parametrize("theme", THEMES)
def test_theme_of_the_artwork_stands_before_the_genres_drawing(theme: str) -> None:
    plain, themed = cover("t1", ["Western"]), cover("t1", ["Western"], theme)
    assert themed.art.startswith(plain.art) and themed.art != plain.art
    assert themed[:2] == plain[:2], "the genre's colours"


def test_genre_that_says_most_is_drawn() -> None:
    assert cover("t1", ["Drama", "Sci-Fi"]).genre == "scifi"
    assert cover("t1", ["Drama"]).genre == "drama" and cover("t1", []).genre == ""


def test_numbers_are_short() -> None:
    assert (
        shape("circle", r=1.004, stroke_width=2.5, fill="red")
        == "<circle r='1' stroke-width='2.5' fill='red'/>"
    )
