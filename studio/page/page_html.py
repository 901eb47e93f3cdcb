"""One profile's homepage as one file of HTML: drawn covers, rows that scroll, arrow keys.

Nothing is fetched. Every text comes from outside and is escaped by the template; a
Content-Security-Policy tells the browser to load nothing and to run no other script, whatever a
text might hold.
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from conf.evidence import evidence, language_of_rows
from conf.pages import Pages
from conf.plain_text import readable
from jobs.io.experiments.added_kinds import reader_rows
from models.page.suggestions import suggestions
from studio.page.covers import KEPT, Cover, cover
from studio.page.motifs import HEIGHT, WIDTH

# What the page says beside its rows, by language; those of the browser's own are English where a language is not here.
WORDS = {
    "en": {
        "device": "Device",
        "more": "More",
        "close": "Close",
        "back": "Scroll back",
        "on": "Scroll on",
        "search": "Search",
        "offered": "Suggestions",
        "keys": "Arrow keys move between titles, Enter opens one, Escape closes it.",
        "built": "{rows} rows as of {as_of}.",
        "valid": "{rows} rows as of {as_of}, valid until {until}.",
        "covers": "Covers are drawn from each title's genres; nothing on this page is fetched from anywhere.",
    },
    "de": {
        "device": "Gerät",
        "more": "Mehr",
        "close": "Schließen",
        "back": "Zurück",
        "on": "Weiter",
        "search": "Suche",
        "offered": "Vorschläge",
        "keys": "Pfeiltasten bewegen zwischen Titeln, Enter öffnet einen, Escape schließt ihn.",
        "built": "{rows} Reihen, Stand {as_of}.",
        "valid": "{rows} Reihen, Stand {as_of}, gültig bis {until}.",
        "covers": "Cover sind nach den Genres gezeichnet; nichts auf dieser Seite wird nachgeladen.",
    },
    "es": {
        "device": "Dispositivo",
        "more": "Más",
        "close": "Cerrar",
        "back": "Atrás",
        "on": "Adelante",
        "search": "Buscar",
        "offered": "Sugerencias",
        "keys": "Las flechas recorren los títulos, Intro abre uno y Escape lo cierra.",
        "built": "{rows} filas a {as_of}.",
        "valid": "{rows} filas a {as_of}, válidas hasta {until}.",
        "covers": "Las portadas se dibujan según los géneros; esta página no carga nada de fuera.",
    },
}
WIDTHS = {"phone": "25rem", "web": "80rem"}  # of the frame; other devices take the whole window
LETTERS = re.compile(r"[^\s\u2e80-\uffdc-]+")  # a word is broken at no other letter
# what an address may not hold, of the letters that drawings may have; a percent sign comes first
QUOTED = {letter: quote(letter) for letter in '%"#&<>?[]{}|^`' + chr(92)}
OFFERED = 8  # titles below the search before a letter is typed
SHORT, LONG = 8, 26  # letters of a longest word for which a name's size is fitted
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
PageRows = Sequence[Mapping[str, Any]]


def write_page_file(
    path: Path,
    profile_id: str,
    rows: PageRows,
    layout: Pages,
    device: str,
    notes: Sequence[str] = (),
) -> None:
    """Write the page with `page_html`; folders that are missing are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page_html(profile_id, rows, layout, device, notes), encoding="utf-8")


def page_html(
    profile_id: str, rows: PageRows, layout: Pages, device: str, notes: Sequence[str] = ()
) -> str:
    """The page as HTML that can show every device, `device` first.

    `rows` are those of `page_view.page`, whole: not cut to a device. `notes` are sentences for the
    reader, such as what was removed since the page was built.
    """
    cover_numbers: dict[Cover, int] = {}
    language = language_of_rows((row["row_kind"], row["row_title"]) for row in rows)
    words = WORDS.get(language, WORDS["en"])
    html_rows = [_html_row(row, cover_numbers, language) for row in rows]
    style = TEMPLATES.get_template("page.css").render(
        devices=layout.devices,
        widths={name: WIDTHS.get(name, "none") for name in layout.devices},
        words=range(SHORT, LONG + 1),
        covers=Markup("".join(map(_cover_rule, cover_numbers, cover_numbers.values()))),
    )
    script = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
    return TEMPLATES.get_template("page.html").render(
        language=language,
        words=words,
        profile=readable(profile_id),
        day=rows[0]["ds"],
        devices=list(layout.devices),
        device=device,
        rows=html_rows,
        offered=[
            (
                f"{place.row}.{place.column}",
                _escaped(rows[place.row]["cells"][place.column]["name"]),
            )
            for place in suggestions(rows, reader_rows(), layout, OFFERED)
        ],
        notes=[readable(note) for note in notes],
        hero=_hero(rows[0]["cells"][0], language),
        footer=_footer(rows, words),
        style=Markup(style),
        style_hash=_hash(style),
        script=Markup(script),
        script_hash=_hash(script),
    )


def _cover_rule(title_cover: Cover, number: int) -> str:
    """The style of a cover; it is put together here and not by the template, as cells are."""
    return f'.a{number} {{ background-image: url("{_data_url(title_cover)}"); }}\n'


def _hash(text: str) -> str:
    """The SHA-256 of a style or script, as a Content-Security-Policy names it."""
    return b64encode(sha256(text.encode()).digest()).decode()


def _html_row(
    row: Mapping[str, Any], cover_numbers: dict[Cover, int], language: str
) -> dict[str, Any]:
    """A row as the template takes it; covers that are new get the next number."""
    cells = [
        _html_cell(cell, cover_numbers, language, tab=-1 if place else 0)
        for place, cell in enumerate(row["cells"])
    ]
    return {
        "title": readable(row["row_title"]),
        "reason": readable(row["reason"]),
        "cells": Markup("\n".join(cells)),
    }


def _hero(cell: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The first title of the page, whose cover is the first."""
    title = _title_texts(cell["name"], cell.get("year"), _genres(cell)[:3], language)
    return {"art": "a0", "evidence": _escaped(cell["evidence"]), **title._asdict()}


def _html_cell(
    cell: Mapping[str, Any], cover_numbers: dict[Cover, int], language: str, tab: int
) -> str:
    """A cell, put together here and not by the template: a page has thousands of them."""
    title = _title_look(
        cell["title_id"],
        cell["name"],
        cell.get("year"),
        _genres(cell),
        cell.get("theme"),
        language,
    )
    art = cover_numbers.setdefault(title.cover, len(cover_numbers))
    why = _escaped(cell["evidence"])
    reason = why and f'<span class="why" dir="auto">{why}</span>'
    progress = cell.get("progress")
    bar = f'<progress max="100" value="{progress}"></progress>' if progress else ""
    return (
        f'<li><button class="cell a{art} {title.classes}" tabindex="{tab}">'
        f'<span class="text">{title.name}<span class="more">{title.facts}{reason}</span></span>'
        f"{bar}</button></li>"
    )


class TitleLook(NamedTuple):
    """What of a cell is the same wherever its title stands with the same picture."""

    cover: Cover
    classes: str  # of the cover's genre, and by which the name fits
    name: str  # as HTML
    facts: str  # as HTML


@lru_cache(maxsize=KEPT)  # a page has a title up to four times, and pages have the same titles
def _title_look(
    title_id: str,
    name: str,
    year: int | None,
    genres: tuple[str, ...],
    theme: str | None,
    language: str,
) -> TitleLook:
    title_cover = cover(title_id, genres, theme)
    texts = _title_texts(name, year, genres[:3], language)
    return TitleLook(
        title_cover,
        f"{title_cover.genre} {texts.fit}",
        f'<span class="name" dir="auto">{texts.name}</span>',
        f'<span class="facts" dir="auto">{texts.facts}</span>',
    )


class TitleTexts(NamedTuple):
    """What a cell says of its title, escaped, and the class by which its name fits."""

    name: Markup
    facts: Markup
    fit: str


def _genres(cell: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(filter(None, cell.get("genres") or ()))


def _title_texts(name: str, year: int | None, genres: tuple[str, ...], language: str) -> TitleTexts:
    names = evidence().names[language]
    facts = [str(year)] if year else []
    facts += [names.name("genre", genre) for genre in genres]
    fit = f"w{_longest_word(readable(name))}"
    return TitleTexts(_escaped(name), _escaped(" · ".join(facts)), fit)


@lru_cache(maxsize=KEPT)
def _escaped(text: str | None) -> Markup:
    """A text from outside as it may stand in HTML."""
    return escape(readable(text))


def _longest_word(name: str) -> int:
    """Letters of the longest word of a name, between SHORT and LONG: none is broken by its cell."""
    longest = max((len(word) for word in LETTERS.findall(name)), default=0)
    return min(max(longest, SHORT), LONG)


@lru_cache(maxsize=KEPT)
def _data_url(title_cover: Cover) -> str:
    """The cover as an address that holds its own image."""
    gradient = (
        f"<linearGradient id='g' x2='1' y2='1'><stop stop-color='{title_cover.deep}'/>"
        f"<stop offset='1' stop-color='{title_cover.middle}'/></linearGradient>"
    )
    background = f"<path fill='url(#g)' d='M0 0h{WIDTH}v{HEIGHT}H0z'/>"
    opening = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}'>"
    svg = f"{opening}{gradient}{background}{title_cover.art}</svg>"
    for letter, code in QUOTED.items():  # quote() itself takes a tenth of a second for a page
        svg = svg.replace(letter, code)
    return "data:image/svg+xml," + svg


def _footer(rows: PageRows, words: Mapping[str, str]) -> str:
    first, until = rows[0], rows[0].get("valid_until")
    built = words["valid" if until else "built"].format(
        rows=len(rows), as_of=readable(first["as_of"]), until=readable(until or "")
    )
    return f"{built} {readable(first['page_id'])}. {words['covers']}"
