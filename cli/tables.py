"""`frontrow tables`: every table with its rows, version and days, without Spark."""
# Tested by tests/cli/test_query.py.

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
    summaries = arrow_tables.summaries()
    if as_json:
        records = []
        for name, rows, version, first, last, about in summaries:
            days = {"first_ds": first, "last_ds": last}
            records.append({"name": name, "rows": rows, "version": version, **days, "about": about})
        print(json.dumps(records, indent=1, default=str))
        return
    table = Table(box=None, header_style="bold", pad_edge=False, expand=True)
    table.add_column("table", no_wrap=True)
    table.add_column("rows", no_wrap=True, justify="right")
    table.add_column("version", no_wrap=True, justify="right")
    table.add_column("first ds", no_wrap=True)
    table.add_column("last ds", no_wrap=True)
    table.add_column("about", no_wrap=True, ratio=1)  # cut where the line ends
    for name, rows, version, first, last, about in summaries:
        is_written = version >= 0
        table.add_row(
            name,
            f"{rows:,}" if is_written else "-",
            str(version) if is_written else "-",
            _day(first),
            _day(last),
            about.split(". ")[0].rstrip("."),
        )
    Console().print(table)


def _day(day: object) -> str:
    return str(day) if day else "-"
