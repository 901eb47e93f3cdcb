"""One profile's homepage as one file of HTML: drawn covers, scrolling rows, no script.

Nothing is fetched. Every text comes from outside and is escaped by the template; a
Content-Security-Policy tells the browser to load nothing, whatever a text might hold.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from conf.pages import Pages
from conf.plain_text import readable
from studio.page.covers import Cover, cover
from studio.page.motifs import HEIGHT, WIDTH

WIDTHS = {"phone": "25rem", "web": "80rem"}  # of the frame; other devices take the whole window
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
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    cover_numbers: dict[Cover, int] = {}
    html_rows = [_html_row(row, cover_numbers) for row in rows]
    style = templates.get_template("page.css").render(
        devices=layout.devices,
        widths={name: WIDTHS.get(name, "none") for name in layout.devices},
        covers=[Markup(_data_url(each)) for each in cover_numbers],
    )
    style_hash = sha256(style.encode()).digest()
    return templates.get_template("page.html").render(
        profile=readable(profile_id),
        day=rows[0]["ds"],
        devices=list(layout.devices),
        device=device,
        rows=html_rows,
        notes=[readable(note) for note in notes],
        hero=html_rows[0]["cells"][0] if html_rows else None,
        footer=_footer(rows),
        style=Markup(style),
        style_hash=b64encode(style_hash).decode(),
    )


def _html_row(row: Mapping[str, Any], cover_numbers: dict[Cover, int]) -> dict[str, Any]:
    """A row as the template takes it; covers that are new get the next number."""
    return {
        "title": readable(row["row_title"]),
        "reason": readable(row["reason"]),
        "cells": [_html_cell(cell, cover_numbers) for cell in row["cells"]],
    }


def _html_cell(cell: Mapping[str, Any], cover_numbers: dict[Cover, int]) -> dict[str, str]:
    genres = [genre for genre in cell.get("genres") or () if genre]
    title_cover = cover(cell["title_id"], genres, cell.get("theme"))
    number = cover_numbers.setdefault(title_cover, len(cover_numbers))
    facts = genres[:3]
    if cell.get("year"):
        facts.insert(0, str(cell["year"]))
    return {
        "name": readable(cell["name"]),
        "evidence": readable(cell["evidence"]),
        "genre": title_cover.genre,
        "facts": readable(" · ".join(facts)),
        "art": f"a{number}",
    }


def _data_url(title_cover: Cover) -> str:
    """The cover as an address that holds its own image."""
    gradient = (
        f"<linearGradient id='g' x2='1' y2='1'><stop stop-color='{title_cover.deep}'/>"
        f"<stop offset='1' stop-color='{title_cover.middle}'/></linearGradient>"
    )
    background = f"<path fill='url(#g)' d='M0 0h{WIDTH}v{HEIGHT}H0z'/>"
    opening = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}'>"
    svg = f"{opening}{gradient}{background}{title_cover.art}</svg>"
    return "data:image/svg+xml," + quote(svg, safe=" =:/'(),.-")


def _footer(rows: PageRows) -> str:
    first = rows[0]
    valid = ""
    if first.get("valid_until"):
        valid = f", valid until {readable(first['valid_until'])}"
    built = f"{len(rows)} rows as of {readable(first['as_of'])}{valid}."
    page = f"Page {readable(first['page_id'])}."
    covers = (
        "Covers are drawn from each title's genres; nothing on this page is fetched from anywhere."
    )
    return f"{built} {page} {covers}"
