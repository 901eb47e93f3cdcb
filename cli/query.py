"""`frontrow query`: SQL over the tables, without Spark."""

import csv
import json
import sys
from typing import Any

import click
import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conf.plain_text import cell, one_line, plain, readable
from jobs.io.tables import arrow as arrow_tables


@click.command()
@click.argument("text", metavar="SQL")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="Print at most so many rows; 0 prints all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each row.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
def query(text: str, limit: int, as_json: bool, as_csv: bool) -> None:
    """Run one SQL query over all tables by name; it can only read.

    Example: frontrow query "SELECT kind, count(*) AS n FROM events GROUP BY kind"
    """
    if as_json and as_csv:
        raise click.UsageError("give --json or --csv, not both")
    answer = arrow_tables.sql(text)
    rows = answer.slice(0, limit) if limit else answer
    if as_json:
        _print_json(rows)
    elif as_csv:
        _print_csv(rows)
    else:
        _print_table(rows)
    if answer.num_rows > rows.num_rows:
        click.echo(f"{rows.num_rows} of {answer.num_rows:,} rows; --limit 0 prints all", err=True)


def _print_table(rows: pa.Table) -> None:
    """A table where it fits the screen, else one record below the other."""
    console = Console()
    columns = [[readable(value) for value in column.to_pylist()] for column in rows.columns]
    width = 0
    for name, texts in zip(rows.column_names, columns, strict=True):
        width += 2 + max(len(text) for text in [name, *texts])
    if width > console.width and rows.num_rows:
        _print_records(rows.column_names, columns)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for field in rows.schema:
        is_number = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        table.add_column(Text(field.name), justify="right" if is_number else "left", no_wrap=True)
    for row in zip(*columns, strict=True):
        table.add_row(*[Text(text) for text in row])
    console.print(table)


def _print_records(names: list[str], columns: list[list[str]]) -> None:
    """One line for each column of a row, and an empty line between two rows."""
    width = max(len(name) for name in names)
    for index, texts in enumerate(zip(*columns, strict=True)):
        if index:
            print()
        for name, text in zip(names, texts, strict=True):
            print(f"{name:<{width}}  {text}")


def _print_json(rows: pa.Table) -> None:
    for row in rows.to_pylist():
        print(one_line(json.dumps(row, default=plain, ensure_ascii=False)))


def _print_csv(rows: pa.Table) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([cell(name) for name in rows.column_names])
    columns = [column.to_pylist() for column in rows.columns]
    for values in zip(*columns, strict=True):
        writer.writerow([_csv_field(value) for value in values])


def _csv_field(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, (list, dict)):
        return cell(readable(value))
    text = plain(value)
    return cell(one_line(text)) if isinstance(text, str) else text
