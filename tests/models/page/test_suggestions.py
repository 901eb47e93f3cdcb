"""What is offered before a letter is typed: of the page, behind its first screen, each title once."""

from typing import Any

from conf.pages import pages
from conf.rows import rows
from models.page.suggestions import suggestions


def page(*made: tuple[str, str]) -> list[dict[str, Any]]:
    """Rows as (kind, titles with spaces between)."""
    return [
        {"row_kind": kind, "cells": [{"title_id": title} for title in titles.split()]}
        for kind, titles in made
    ]


def offered(made: list[dict[str, Any]], most: int = 9) -> str:
    cells = suggestions(made, rows(), pages(), most)
    return " ".join(made[cell.row]["cells"][cell.column]["title_id"] for cell in cells)


FULL = [("popular", "a b c d e f"), ("new", "g h i j k l"), ("top_picks", "m n o p q r")]
BELOW = [("genre", "s t"), ("hidden_gems", "u"), ("trending", "v w")]


def test_trends_tastes_and_reserves_come_in_turn_and_only_once() -> None:
    assert pages().screen[:3] == (6, 6, 6)
    wide = {place: pages().screen[place] for place in (3, 4)}
    below = [
        (kind, " ".join(["a"] * wide.get(3 + n, 0)) + " " + titles)
        for n, (kind, titles) in enumerate(BELOW)
    ]
    made = page(*FULL, *below)
    assert offered(made) == "v s w t u"
    assert offered(made, most=2) == "v s"


def test_what_the_first_screen_shows_is_not_offered() -> None:
    assert offered(page(*FULL)) == ""
    assert offered(page(*FULL[:2], ("top_picks", "m n o p q r a x"))) == "x"


def test_what_was_begun_or_listed_needs_no_search() -> None:
    begun = page(
        *FULL, ("genre", "a"), ("genre", "a"), ("continue_watching", "y"), ("my_list", "z")
    )
    assert offered(begun) == ""


def test_rows_of_kinds_that_nobody_knows_offer_nothing() -> None:
    assert offered(page(*FULL, ("genre", "a"), ("genre", "a"), ("mystery", "y"))) == ""


def test_a_page_without_rows_offers_nothing() -> None:
    assert offered([]) == ""
