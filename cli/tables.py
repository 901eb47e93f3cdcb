"""`frontrow tables`: what there is, without Spark."""

import json

import click
from rich.console import Console
from rich.table import Table

from jobs.io.tables import arrow as arrow_tables


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def tables(as_json: bool) -> None:
    """List the tables with their rows, newest version, first and last day.

    Example: frontrow tables
    """
    found = arrow_tables.summaries()
    if as_json:
        print(json.dumps([s._asdict() for s in found], indent=1, default=str))
        return
    names = ("table", "rows", "version", "first ds", "last ds", "about")
    shown = Table(*names, box=None, header_style="bold", pad_edge=False)
    shown.columns[1].justify = shown.columns[2].justify = "right"
    for column in shown.columns:
        column.no_wrap = True
    shown.columns[5].overflow = "ellipsis"
    for name, rows, version, first, last, about in found:
        written = version >= 0
        shown.add_row(
            name,
            f"{rows:,}" if written else "-",
            str(version) if written else "-",
            _day(first),
            _day(last),
            about.split(". ")[0].rstrip("."),
        )
    Console().print(shown)


def _day(day: object) -> str:
    return str(day) if day else "-"
