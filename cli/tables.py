"""`frontrow tables`: every table with its rows, version and days, without Spark."""
# Tested by tests/cli/test_query.py.

import json
import shutil
import sys

import click

from jobs.io.tables import arrow as arrow_tables

LEAST_ROOM = 24  # columns, below which a sentence is left out


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
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in _lines(summaries, width):
        print(line)


def _lines(summaries: list[arrow_tables.Summary], width: int | None) -> list[str]:
    """One line for each table, never cut but for what it is about, and that to a width alone."""
    cells = [("table", "rows", "version", "first ds", "last ds", "about")]
    for name, rows, version, first, last, about in summaries:
        is_written = version >= 0
        figures = (f"{rows:,}", str(version)) if is_written else ("-", "-")
        sentence = about.split(". ")[0].rstrip(".")
        cells.append((name, *figures, str(first or "-"), str(last or "-"), sentence))
    widths = [max(len(row[column]) for row in cells) for column in range(5)]
    room = None if width is None else width - sum(widths) - 2 * len(widths)
    lines = []
    for name, rows_count, version_text, first_ds, last_ds, about in cells:
        line = f"{name:<{widths[0]}}  {rows_count:>{widths[1]}}  {version_text:>{widths[2]}}"
        line += f"  {first_ds:<{widths[3]}}  {last_ds:<{widths[4]}}"
        lines.append(f"{line}  {_cut(about, room)}".rstrip())
    return lines


def _cut(text: str, room: int | None) -> str:
    """As much of a text as there is room for; nothing where that would say nothing."""
    if room is None or len(text) <= room:
        return text
    return f"{text[: room - 1]}…" if room >= LEAST_ROOM else ""
