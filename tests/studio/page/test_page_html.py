"""The page as one file: texts from outside stay texts, nothing is fetched, every cell is there."""

import re
from base64 import b64encode
from datetime import UTC, date, datetime
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote

import pytest

from conf.evidence import languages
from conf.pages import pages
from conf.plain_text import readable
from studio.page import covers
from studio.page.page_html import WORDS, _data_url, page_html

HOSTILE = (
    "</style><script>alert(1)</script>",
    '"><img src=https://evil.example/x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &amp; ' \" `",
    "url(https://evil.example) @import 'x' \x1b[31m\u202e",
)


class ParsedPage(HTMLParser):
    """Texts and attributes of a page as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def row(title: str, names: list[str], **more: Any) -> dict[str, Any]:
    cells = [
        {
            "title_id": n,
            "name": n,
            "evidence": f"why {n}",
            "genres": ["Drama", title],
            "year": 1990,
            "theme": None,
        }
        for n in names
    ]
    return {
        "row_kind": "genre",
        "row_title": title,
        "reason": f"because {title}",
        "cells": cells,
        "page_id": title,
        "ds": date(1998, 4, 22),
        "as_of": datetime(1998, 4, 22, 23, 59, 59, tzinfo=UTC),
        "valid_until": None,
        **more,
    }


def parsed(
    rows: list[dict[str, Any]], profile: str = "ann", notes: tuple[str, ...] = ()
) -> tuple[ParsedPage, str]:
    text = page_html(profile, rows, pages(), "tv", notes)
    page = ParsedPage()
    page.feed(text)
    page.close()
    return page, text


@pytest.fixture(scope="module")
def hostile() -> tuple[ParsedPage, str]:
    return parsed([row(text, list(HOSTILE)) for text in HOSTILE], HOSTILE[0], HOSTILE)


def test_hostile_texts_come_back_as_the_same_texts(hostile: tuple[ParsedPage, str]) -> None:
    plain = [readable(text) for text in HOSTILE]
    texts = hostile[0].texts
    for text in plain:
        assert text in texts, "a row's title and a cell's name"
        assert f"because {text}" in texts and f"why {text}" in texts


def test_hostile_texts_bring_neither_tags_nor_attributes(hostile: tuple[ParsedPage, str]) -> None:
    page, _ = hostile
    assert page.tags <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "input",
        "header",
        "p",
        "b",
        "label",
        "main",
        "div",
        "h1",
        "h2",
        "section",
        "ul",
        "li",
        "span",
        "footer",
        "fieldset",
        "legend",
        "button",
        "progress",
        "br",
        "dialog",
        "form",
        "script",
        "search",
    }
    assert {name for name, _ in page.attributes} <= {
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "class",
        "type",
        "id",
        "checked",
        "dir",
        "for",
        "tabindex",
        "aria-labelledby",
        "aria-label",
        "hidden",
        "method",
        "max",
        "value",
        "autocomplete",
        "placeholder",
    }


def test_nothing_is_fetched(hostile: tuple[ParsedPage, str]) -> None:
    page, text = hostile
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style and set(re.findall(r"url\(\"(.{5})", style[1])) == {"data:"}
    assert "@import" not in style[1] and text.count("<style") == 1
    policies = [
        value or ""
        for name, value in page.attributes
        if name == "content" and "default-src" in (value or "")
    ]
    assert len(policies) == 1 and policies[0].startswith(
        "default-src 'none'; img-src data:; style-src 'sha256-"
    )
    assert "unsafe" not in policies[0]


@pytest.mark.parametrize("tag", ["style", "script"])
def test_style_and_script_are_the_ones_that_the_policy_allows(tag: str) -> None:
    _, text = parsed([row("Drama", ["a"])])
    found = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    assert len(found) == 1
    assert f"{tag}-src 'sha256-{b64encode(sha256(found[0].encode()).digest()).decode()}'" in text


def test_each_row_is_one_tab_stop_and_so_is_the_title_above_them() -> None:
    _, text = parsed([row("Drama", ["a", "b", "c"]), row("Comedy", ["d", "e"])])
    assert text.count('tabindex="0">') == 3


def test_what_was_begun_says_how_far() -> None:
    begun = row("Drama", ["a", "b"])
    begun["cells"][1]["progress"] = 40
    _, text = parsed([begun])
    assert re.findall(r"<progress.*?>", text) == ['<progress max="100" value="40">']


def test_a_cell_without_a_reason_shows_none() -> None:
    silent = row("Drama", ["a"])
    silent["cells"][0]["evidence"] = ""
    _, text = parsed([silent])
    assert (
        '<span class="why"' not in text
        and '<p class="why" dir="auto">' not in text.split("<dialog")[0]
    )


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Up", 8), ("The Terminator", 10), ("Spider-Man", 8), ("千と千尋の神隠しと" * 3, 8)],
)
def test_a_name_is_as_small_as_its_longest_word_asks(name: str, letters: int) -> None:
    _, text = parsed([row("Drama", [name])])
    assert re.search(rf'<button class="cell a0 drama w{letters}"', text)


def test_every_row_and_cell_is_there_with_its_reason() -> None:
    page, text = parsed([row("Drama", ["a", "b"]), row("Comedy", ["c"])])
    assert text.count('<section class="row"') == 2 and text.count('<button class="cell') == 3
    assert {
        "because Drama",
        "because Comedy",
        "why a",
        "why b",
        "why c",
        "1990 · Drama · Drama",
    } <= set(page.texts)


def test_a_title_has_one_cover_wherever_it_stands() -> None:
    _, text = parsed([row("Drama", ["a", "b"]), row("Drama", ["a"])])
    covers = re.findall(r'<button class="cell (a\d+)', text)
    assert covers[0] == covers[2] != covers[1]
    assert text.count("data:image/svg+xml") == 2


def test_what_the_page_says_beside_its_rows_is_in_their_language() -> None:
    page, text = parsed([row("Beliebt", ["Heat"], row_kind="popular", reason="Was alle spielen")])
    assert '<html lang="de">' in text
    assert "1990 · Drama · Beliebt" in page.texts
    assert {"Gerät", "Schließen"} <= set(page.texts)
    assert not {"Device", "Close", "More"} & set(page.texts)
    assert '<html lang="en">' in parsed([row("Popular", ["Heat"], row_kind="popular")])[1]


def test_the_foot_of_the_page_says_which_keys_move() -> None:
    html = page_html("p1", [row("Drama", ["t1"])], pages(), "tv")
    assert f"<footer>{WORDS['en']['keys']}<br>" in html


def test_every_language_of_pages_has_the_same_words() -> None:
    assert set(WORDS) == set(languages())
    assert {frozenset(words) for words in WORDS.values()} == {frozenset(WORDS["en"])}


def test_the_search_offers_titles_of_the_page_before_a_letter_is_typed() -> None:
    """Behind the first screen; what was taken from the page since is not there to be offered."""
    screen = [row("Drama", [f"t{r}{c}" for c in range(8)], row_kind="genre") for r in range(3)]
    _, text = parsed(screen)
    offered = re.findall(r'<button value="([0-9.]+)" dir="auto">(\w+)</button>', text)
    assert offered == [
        ("0.6", "t06"),
        ("1.6", "t16"),
        ("2.6", "t26"),
        ("0.7", "t07"),
        ("1.7", "t17"),
        ("2.7", "t27"),
    ]
    assert "t16" not in {
        name
        for _, name in re.findall(r'value="([0-9.]+)" dir="auto">(\w+)<', parsed(screen[:1])[1])
    }


def test_address_of_a_cover_is_what_quoting_every_letter_would_make_of_it() -> None:
    for number, genre in enumerate([*covers.GENRES, "Other"]):
        for theme in (None, *covers.THEMES):
            _, _, drawing = _data_url(covers.cover(f"t{number}", [genre], theme)).partition(",")
            assert drawing == quote(unquote(drawing), safe=" =:/'(),.-")
