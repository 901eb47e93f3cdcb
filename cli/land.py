"""`frontrow land`: files of events, titles and the rest into the log tables."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from conf.days import parse_instant
from conf.landing import dataset as dataset_of
from jobs import ingest_events as job
from jobs.io.landing import files
from jobs.io.landing.files import Landing
from jobs.io.landing.quarantine import Receipt
from jobs.io.step import one_line_errors


@click.command()
@click.option(
    "--dataset", envvar="DATASET", default="ml-100k", show_default=True, help="ml-100k or files."
)
@click.option(
    "--input",
    "folder",
    envvar="INPUT",
    help="Directory with events and titles as .csv, .jsonl or .parquet.",
)
@click.option(
    "--known-at",
    help="When all this was learned, ISO 8601 with zone; default: the newest event's known_at.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def land(dataset: str, folder: str | None, known_at: str | None, as_json: bool) -> None:
    """Land a data set in the log tables; landing it again changes nothing.

    A record that breaks its contract (docs/landing.md) goes to the table quarantine with file, line and reason; the
    rest is landed. A file that is wrong as a whole stops the landing before any table changes.

    Example: frontrow land --dataset files --input my_log/
    """
    with one_line_errors():
        moment = parse_instant(known_at, "--known-at") if known_at else None
        found = job.found(dataset, folder or None, _tell)
        _notices(found, dataset, folder or None)
        console = Console(stderr=True)
        began = time.monotonic()
        with console.status("looking at the files") as status:
            receipts = job.land(dataset, found, moment, _shown(status.update, began))
    print(json.dumps([asdict(r) for r in receipts], indent=1)) if as_json else _print(receipts)


def _tell(said: str) -> None:
    if not said.startswith(
        "terms of use"
    ):  # these are shown at every landing, not only where they are fetched
        click.echo(said, err=True)


def _shown(update: Callable[[str], None], began: float) -> Callable[[str], None]:
    return lambda what: update(f"{what} (after {time.monotonic() - began:.0f} s)")


def _notices(found: list[Landing], dataset: str, folder: str | None) -> None:
    for landing in found:
        if landing.ignored:
            names = ", ".join(repr(name)[1:-1] for name in landing.ignored)[:200]
            click.echo(f"{landing.file}: ignored, not in the contract: {names}", err=True)
    for name in files.strangers(Path(folder)) if folder else ():
        click.echo(f"{name}: ignored, not a file of the landing contract", err=True)
    if terms := dataset_of(dataset).terms:
        click.echo(f"terms of use: {terms}", err=True)


def _print(receipts: list[Receipt]) -> None:
    """A line for each table; with several files of one table their sum."""
    names = ("table", "files", "accepted", "duplicates", "quarantined")
    shown = Table(*names, box=None, header_style="bold", pad_edge=False)
    for column in shown.columns[1:]:
        column.justify = "right"
    for name in dict.fromkeys(r.target_table for r in receipts):
        ours = [r for r in receipts if r.target_table == name]
        sums = (
            sum(getattr(r, c) for r in ours)
            for c in ("accepted_count", "duplicate_count", "rejected_count")
        )
        shown.add_row(name, str(len(ours)), *(f"{n:,}" for n in sums))
    Console(width=100).print(shown)
    if all(r.again for r in receipts):
        print("these files were landed before; nothing changed")
    elif any(r.rejected_count for r in receipts):
        print(
            'why: frontrow query "SELECT file, line, field, reason, raw FROM quarantine ORDER BY file, line"'
        )
