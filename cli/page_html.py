"""One member's homepage as one file of HTML: drawn covers, scrolling rows, no script, and nothing that is fetched.

Every text comes from outside and is escaped by the template; the browser is told by a Content-Security-Policy to load
nothing, whatever a text might hold.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from cli.covers import Cover, cover
from cli.motifs import HEIGHT, WIDTH
from cli.query import readable
from conf.pages import Pages

WIDTHS = {"phone": "25rem", "web": "80rem"}  # of the frame; other devices take the whole window
Rows = Sequence[Mapping[str, Any]]


def write(
    path: Path, profile_id: str, rows: Rows, layout: Pages, device: str, notes: Sequence[str] = ()
) -> None:
    """Write the page; `rows` as `shown.page` gives them, whole. The file can show every device, `device` first.

    `notes` are sentences for the reader, such as what was removed since the page was built.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(rendered(profile_id, rows, layout, device, notes), encoding="utf-8")


def rendered(
    profile_id: str, rows: Rows, layout: Pages, device: str, notes: Sequence[str] = ()
) -> str:
    """The page as text."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    places: dict[Cover, int] = {}
    shown = [_row(row, places) for row in rows]
    widths = {name: WIDTHS.get(name, "none") for name in layout.devices}
    style = templates.get_template("page.css").render(
        devices=layout.devices, widths=widths, covers=[Markup(_data(each)) for each in places]
    )
    return templates.get_template("page.html").render(
        profile=readable(profile_id),
        day=rows[0]["ds"],
        devices=list(layout.devices),
        device=device,
        rows=shown,
        notes=[readable(note) for note in notes],
        hero=shown[0]["cells"][0] if shown else None,
        footer=_footer(rows),
        style=Markup(style),
        style_hash=b64encode(sha256(style.encode()).digest()).decode(),
    )


def _row(row: Mapping[str, Any], places: dict[Cover, int]) -> dict[str, Any]:
    return {
        "title": readable(row["row_title"]),
        "reason": readable(row["reason"]),
        "cells": [_cell(cell, places) for cell in row["cells"]],
    }


def _cell(cell: Mapping[str, Any], places: dict[Cover, int]) -> dict[str, str]:
    genres = [genre for genre in cell.get("genres") or () if genre]
    drawn = cover(cell["title_id"], genres, cell.get("theme"))
    facts = [*([str(cell["year"])] if cell.get("year") else []), *genres[:3]]
    return {
        "name": readable(cell["name"]),
        "evidence": readable(cell["evidence"]),
        "genre": drawn.genre,
        "facts": readable(" · ".join(facts)),
        "art": f"a{places.setdefault(drawn, len(places))}",
    }


def _data(drawn: Cover) -> str:
    """The cover as an address that holds its own picture."""
    ground = (
        f"<linearGradient id='g' x2='1' y2='1'><stop stop-color='{drawn.deep}'/>"
        f"<stop offset='1' stop-color='{drawn.middle}'/></linearGradient>"
        f"<path fill='url(#g)' d='M0 0h{WIDTH}v{HEIGHT}H0z'/>"
    )
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}'>{ground}{drawn.art}</svg>"
    return "data:image/svg+xml," + quote(svg, safe=" =:/'(),.-")


def _footer(rows: Rows) -> str:
    first = rows[0]
    until = f", valid until {readable(first['valid_until'])}" if first.get("valid_until") else ""
    made = f"{len(rows)} rows as of {readable(first['as_of'])}{until}. Page {readable(first['page_id'])}."
    return f"{made} Covers are drawn from each title's genres; nothing on this page is fetched from anywhere."
