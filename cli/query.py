"""`frontrow query`: SQL over the tables, without Spark."""

import csv
import json
import sys
from datetime import date, datetime
from typing import Any

import click
import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.io.tables import arrow as arrow_tables


@click.command()
@click.argument("text", metavar="SQL")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="Most rows; 0 prints all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each row.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
def query(text: str, limit: int, as_json: bool, as_csv: bool) -> None:
    """Run one SQL query over all tables by name; only reading is possible.

    Example: frontrow query "SELECT kind, count(*) AS n FROM events GROUP BY kind"
    """
    if as_json and as_csv:
        raise click.UsageError("give --json or --csv, not both")
    found = arrow_tables.sql(text)
    shown = found.slice(0, limit) if limit else found
    {(False, False): _as_table, (True, False): _as_json, (False, True): _as_csv}[as_json, as_csv](
        shown
    )
    if found.num_rows > shown.num_rows:
        click.echo(f"{shown.num_rows} of {found.num_rows:,} rows; --limit 0 prints all", err=True)


def _as_table(rows: pa.Table) -> None:
    """A table where it fits the screen, else one record below the other."""
    console = Console()
    cells = [[readable(value) for value in column.to_pylist()] for column in rows.columns]
    widths = [
        max(map(len, [name, *column]))
        for name, column in zip(rows.column_names, cells, strict=True)
    ]
    if sum(widths) + 2 * len(widths) > console.width and rows.num_rows:
        _as_records(rows.column_names, cells)
        return
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for field in rows.schema:
        number = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        shown.add_column(Text(field.name), justify="right" if number else "left", no_wrap=True)
    for row in zip(*cells, strict=True):
        shown.add_row(*(Text(cell) for cell in row))
    console.print(shown)


def _as_records(names: list[str], cells: list[list[str]]) -> None:
    width = max(map(len, names))
    for at, row in enumerate(zip(*cells, strict=True)):
        print(
            *([""] if at else []),
            *(f"{n:<{width}}  {v}" for n, v in zip(names, row, strict=True)),
            sep="\n",
        )


def _as_json(rows: pa.Table) -> None:
    for row in rows.to_pylist():
        print(json.dumps(row, default=_plain, ensure_ascii=False))


def _as_csv(rows: pa.Table) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(rows.column_names)
    for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        writer.writerow(
            [
                readable(v) if isinstance(v, (list, dict)) else "" if v is None else _plain(v)
                for v in row
            ]
        )


def readable(value: Any) -> str:
    """A value as a person reads it: lists in brackets, structs as key=value, instants in UTC, no control characters."""
    if value is None:
        return "-"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(readable(item) for item in value) + "]"
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(
                f"{key}={readable(item)}" for key, item in value.items() if item is not None
            )
            + "}"
        )
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e6 else repr(value)
    return "".join(char if char.isprintable() else " " for char in str(_plain(value)))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, (str, int, float, bool)) else str(value)
