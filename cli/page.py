"""`frontrow page`: one member's homepage, row by row, with the reason for each row."""

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from cli.page_html import write_page_file
from cli.query import readable
from conf.days import parse_day
from conf.errors import UserMistake
from conf.pages import Device, pages
from conf.settings import load_settings
from jobs.io.serving.page_now import sentences
from jobs.io.serving.page_view import Shown, served
from jobs.io.serving.page_view import page as shown_page


@click.command()
@click.option("--profile", "profile_id", required=True, help="The profile's id.")
@click.option(
    "--ds",
    default=None,
    metavar="DAY",
    help="The day, YYYY-MM-DD; by default the newest published one.",
)
@click.option(
    "--device",
    default="tv",
    show_default=True,
    help="tv, web or phone: how much of the page it shows.",
)
@click.option(
    "--at",
    "instant",
    metavar="INSTANT",
    help="Read it as at this instant, ISO 8601 with a zone; else now.",
)
@click.option(
    "--served",
    "as_served",
    is_flag=True,
    help="Read it as a service does: from the release that serves, of FRONTROW_REDIS if set.",
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it as one file to look at.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the page as one JSON object.")
def page(
    profile_id: str,
    ds: str | None,
    device: str,
    instant: str | None,
    as_served: bool,
    html: Path | None,
    as_json: bool,
) -> None:
    """Show one member's published homepage, row by row, with the reason for each row.

    Titles that the profile may no longer see, or that are no longer available, are left out, and said so.

    Example: frontrow page --profile 1 --device phone
    """
    screen = pages().device(device)
    one = None if html else device  # the file can show every device
    shown = _found(profile_id, ds, one, parse_instant(instant), as_served)
    whole, notes = shown.rows, sentences(shown.removed)
    notes += (
        [f"The page is of level {shown.level}: {', '.join(shown.causes)}"] if shown.causes else []
    )
    if not whole:
        raise UserMistake(
            f"profile {profile_id!r} may see nothing of this page any more. {'. '.join(notes)}"
        )
    if html:
        write_page_file(html, profile_id, whole, pages(), device, notes)
        click.echo(f"written to {html}", err=as_json)
        if not as_json:
            return
    rows = cut(whole, screen)
    day = rows[0]["ds"]
    if as_json:
        record = _record(profile_id, day, device, rows) | {"level": shown.level}
        record |= {"removed": [asdict(one) for one in shown.removed], "causes": shown.causes}
        print(json.dumps(record, ensure_ascii=False, default=str))
        return
    console = Console(highlight=False, emoji=False, markup=False)
    show(console, profile_id, day, device, screen, rows)
    for note in notes:
        console.print(Text(f"\n{note}", style="yellow"))


def _found(
    profile_id: str, ds: str | None, device: str | None, at: datetime | None, as_served: bool
) -> Shown:
    if not as_served:
        return shown_page(profile_id, parse_day(ds) if ds else None, at, device)
    if ds:
        raise UserMistake(
            "--served shows the page that serves, --ds that of a day; give one of them"
        )
    settings = load_settings()
    return served(settings.redis or settings.home_path, profile_id, at, device)


def parse_instant(text: str | None) -> datetime | None:
    """An instant with a zone; None where none is given."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = datetime.min
    if at.tzinfo is None:
        raise UserMistake(
            f"--at {text!r}: give an instant with its zone, for example 2026-01-05T20:00:00Z"
        )
    return at


def cut(rows: list[dict[str, Any]], device: Device) -> list[dict[str, Any]]:
    """The part of a stored page that a device shows."""
    here = [row for row in rows if row["row_kind"] not in device.forbidden]
    return [{**row, "cells": row["cells"][: device.columns]} for row in here[: device.rows]]


def show(
    console: Console,
    profile_id: str,
    day: date,
    device: str,
    screen: Device,
    rows: list[dict[str, Any]],
) -> None:
    """Print the page as wide as the console; whatever names hold, nothing but their letters reaches the terminal."""
    console.print(
        Text(f"Profile {readable(profile_id)} on {day}, {device}: {len(rows)} rows", style="bold")
    )
    for row in rows:
        name, reason = (
            f"{row['row_position']:>2}  {readable(row['row_title'])}",
            f"({readable(row['reason'])})",
        )
        fits = len(name) + 2 + len(reason) <= console.width
        console.print()
        console.print(
            Text(name, style="bold").append(f"  {reason}" if fits else "", style="italic not bold")
        )
        if not fits:
            console.print(Padding(Text(reason, style="italic"), (0, 0, 0, 4)))
        console.print(Text("    " + titles_line(row["cells"], console.width - 4)), soft_wrap=True)
        if row["row_position"] == screen.screen_rows < len(rows):
            console.print(
                Text("\n" + " end of the first screen ".center(console.width, "-"), style="dim")
            )


def titles_line(cells: list[dict[str, Any]], width: int) -> str:
    """As many of the titles' names as fit one line of `width`, and how many more there are."""
    names = [readable(cell["name"]) for cell in cells]
    for count in range(len(names), 0, -1):
        more = f"  +{len(names) - count}" if count < len(names) else ""
        line = " · ".join(names[:count]) + more
        if len(line) <= width:
            return line
    more = f"  +{len(names) - 1}" if len(names) > 1 else ""
    return names[0][: max(1, width - len(more) - 1)] + "…" + more


def _record(profile_id: str, day: date, device: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    fields = (
        "row_position",
        "row_id",
        "row_kind",
        "row_title",
        "reason",
        "evidence_type",
        "anchor_title_id",
    )
    cells = ("column_position", "title_id", "name", "evidence", "artwork_id")
    shown = [
        {name: row[name] for name in fields}
        | {"cells": [{name: c[name] for name in cells} for c in row["cells"]]}
        for row in rows
    ]
    return {
        "profile_id": profile_id,
        "ds": day,
        "device": device,
        "page_id": rows[0]["page_id"],
        "rows": shown,
    }
