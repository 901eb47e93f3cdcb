"""`frontrow page`: one profile's homepage, row by row, with the reason for each row."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from conf.compiled import plain_loops
from conf.days import parse_day, parse_instant
from conf.errors import UserMistake
from conf.pages import Device, pages
from conf.plain_text import one_line, readable
from conf.settings import load_settings
from jobs.io.serving import page_view

Row = dict[str, Any]
ROW_FIELDS = (
    "row_position",
    "row_id",
    "row_kind",
    "row_title",
    "reason",
    "evidence_type",
    "anchor_title_id",
)
CELL_FIELDS = ("column_position", "title_id", "name", "evidence", "artwork_id")


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
    help="Show the page as of this instant, ISO 8601 with a zone; by default now.",
)
@click.option(
    "--served",
    "as_served",
    is_flag=True,
    help="Read the page as a service does: from the current release, or from FRONTROW_REDIS if set.",
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the page to this HTML file, which needs nothing else.",
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
    """Show one profile's published homepage, row by row, with the reason for each row.

    Titles that the profile may no longer see, or that are no longer available, are left out, and
    the output says so.

    Example: frontrow page --profile m0000001-0 --device phone
    """
    screen = pages().device(device)
    shown_device = None if html else device  # the file can show every device
    at = parse_instant(instant, "--at") if instant is not None else None
    with plain_loops():
        view = _page_view(profile_id, ds, shown_device, at, as_served)
    notes = page_view.notes_of(view)
    notes += [f"A model was refused as the page was made: {each}" for each in view.refused]
    if not view.rows:
        raise UserMistake(
            f"no title of this page may be shown to profile {profile_id!r} any more; give an"
            f" earlier --at to see it as it was. {'. '.join(notes)}"
        )
    if html:
        from studio.page.page_html import write_page_file  # covers and Jinja

        write_page_file(html, profile_id, view.rows, pages(), device, notes)
        click.echo(f"written to {html}", err=as_json)
        if not as_json:
            return
    rows = rows_on_device(view.rows, screen)
    if as_json:
        record = _record(profile_id, device, rows)
        record["level"] = view.level
        record["removed"] = [asdict(title) for title in view.removed]
        record["causes"] = view.causes
        record["refused_rankers"] = view.refused
        print(one_line(json.dumps(record, ensure_ascii=False, default=str)))
        return
    console = Console(highlight=False, emoji=False, markup=False)
    head = f"Profile {readable(profile_id)} on {rows[0]['ds']}, {device}: {len(rows)} rows"
    console.print(Text(head, style="bold"))
    print_rows(console, rows, screen)
    for note in notes:
        console.print(Text(f"\n{note}", style="yellow"))


def _page_view(
    profile_id: str, ds: str | None, device: str | None, at: datetime | None, as_served: bool
) -> page_view.PageView:
    """The page from the published tables, or with `as_served` from the release that serves."""
    if not as_served:
        day = parse_day(ds) if ds else None
        return page_view.page(profile_id, day, at, device)
    if ds:
        raise UserMistake(
            "--served shows the page that serves, --ds that of a day; give one of them"
        )
    settings = load_settings()
    return page_view.served(settings.redis or settings.home_path, profile_id, at, device)


def rows_on_device(rows: list[Row], device: Device) -> list[Row]:
    """The part of a stored page that a device shows: its first rows and cells."""
    allowed = [row for row in rows if row["row_kind"] not in device.forbidden]
    return [{**row, "cells": row["cells"][: device.columns]} for row in allowed[: device.rows]]


def print_rows(console: Console, rows: list[Row], device: Device) -> None:
    """Print the rows as wide as the console; of any name only its letters reach the terminal."""
    for row in rows:
        name = f"{row['row_position']:>2}  {readable(row['row_title'])}"
        reason = f"({readable(row['reason'])})"
        console.print()
        if len(name) + 2 + len(reason) <= console.width:
            head = Text(name, style="bold")
            console.print(head.append(f"  {reason}", style="italic not bold"))
        else:
            console.print(Text(name, style="bold"))
            console.print(Padding(Text(reason, style="italic"), (0, 0, 0, 4)))
        titles = titles_line(row["cells"], console.width - 4)
        console.print(Text(f"    {titles}"), soft_wrap=True)
        if row["row_position"] == device.screen_rows < len(rows):
            ruler = " end of the first screen ".center(console.width, "-")
            console.print(Text(f"\n{ruler}", style="dim"))


def titles_line(cells: list[Row], width: int) -> str:
    """As many of the titles' names as fit one line of `width`, and how many more there are."""
    names = [readable(cell["name"]) for cell in cells]
    for count in range(len(names), 0, -1):
        more = f"  +{len(names) - count}" if count < len(names) else ""
        line = " · ".join(names[:count]) + more
        if len(line) <= width:
            return line
    more = f"  +{len(names) - 1}" if len(names) > 1 else ""
    length = max(1, width - len(more) - 1)
    return f"{names[0][:length]}…{more}"


def _record(profile_id: str, device: str, rows: list[Row]) -> dict[str, Any]:
    """The page as `--json` prints it."""
    row_records = []
    for row in rows:
        row_record = {name: row[name] for name in ROW_FIELDS}
        row_record["cells"] = [{name: cell[name] for name in CELL_FIELDS} for cell in row["cells"]]
        row_records.append(row_record)
    return {
        "profile_id": profile_id,
        "ds": rows[0]["ds"],
        "device": device,
        "page_id": rows[0]["page_id"],
        "rows": row_records,
    }
