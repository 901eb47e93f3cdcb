"""`frontrow compare`: two pages side by side, and what moved."""

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conf.days import parse_day
from conf.errors import UserMistake
from conf.pages import pages
from conf.plain_text import one_line, readable
from studio.reports.changes import asked_changes
from studio.reports.compare import comparison
from studio.reports.pages_beside import Side, pages_of, previewed

MOST_NAMES = 8  # of titles that only one page has; --json has all


@click.command()
@click.option("--profile", "profile_id", required=True, help="The profile of the first page.")
@click.option("--with", "other_id", metavar="PROFILE", help="Another profile.")
@click.option("--ds", metavar="DAY", help="The day, YYYY-MM-DD; by default the newest one.")
@click.option("--with-ds", "other_ds", metavar="DAY", help="Another day.")
@click.option("--device", help="tv, web or phone; by default the whole page.")
@click.option("--with-device", "other_device", help="Another device.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="The page with a setting of conf changed, as pages.builder=template; may be repeated.",
)
@click.option("--cell", metavar="EXPERIMENT.CELL", help="The page of a cell of an experiment.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def compare(
    profile_id: str,
    other_id: str | None,
    ds: str | None,
    other_ds: str | None,
    device: str | None,
    other_device: str | None,
    settings: tuple[str, ...],
    cell: str | None,
    as_json: bool,
) -> None:
    """Lay two pages beside each other: of two profiles, days, devices or variants, and what moved.

    Example: frontrow compare --profile m0000001-0 --device tv --with-device phone
    """
    for each in (device, other_device):
        if each:
            pages().device(each)  # says which there are
    left = Side(profile_id, parse_day(ds) if ds else None, device)
    if settings or cell:
        if other_id or other_ds or other_device:
            raise UserMistake("--set and --cell compare one page with itself; leave --with away")
        changes = asked_changes(settings, cell)
        pages_of_both = previewed(left, changes)
        names = [left.name, ", ".join(f"{path}={value}" for path, value in changes.items())]
    else:
        right = Side(
            other_id or profile_id,
            parse_day(other_ds, "--with-ds") if other_ds else left.ds,
            other_device or device,
        )
        if right == left:
            raise UserMistake(
                "both pages are the same; give --with, --with-ds, --with-device, --set or --cell"
            )
        pages_of_both = pages_of(left, right)
        names = [left.name, right.name]
    report = {"left": names[0], "right": names[1], **comparison(*pages_of_both)}
    if as_json:
        print(one_line(json.dumps(report, ensure_ascii=False, default=str)))
    else:
        _print(Console(highlight=False, emoji=False, markup=False), report)


def _print(console: Console, report: dict[str, Any]) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("left", "right", "row", "titles", "both"):
        table.add_column(name, justify="left" if name == "row" else "right")
    for row in report["rows"]:
        counts = f"{row['titles_left']} / {row['titles_right']}"
        places = (str(row[side] or "-") for side in ("left", "right"))
        table.add_row(*places, Text(readable(row["row_title"])), counts, str(row["titles_both"]))
    console.print(Text(f"left: {readable(report['left'])}; right: {readable(report['right'])}"))
    console.print(table)
    titles = report["titles"]
    console.print(f"{titles['both']} titles on both, {titles['moved']} of them moved")
    for side in ("left", "right"):
        names = [readable(each["name"]) for each in titles[side]]
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        if names:
            console.print(Text(f"only {side}: {', '.join(names[:MOST_NAMES])}{more}"))
    if report["is_same"]:
        console.print("the pages are the same")
