"""`frontrow land`: files of events, titles and more into the log tables."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from conf.landing import MOST_REFUSED
from conf.sources import dataset as dataset_of
from jobs import ingest_events as job
from jobs.io.landing import files, refusal
from jobs.io.landing.check import Check, check
from jobs.io.landing.files import Landing
from jobs.io.landing.options import LandingOptions, landing_options
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
    "--map",
    "map_name",
    default="",
    help="How files of other names and columns are read: kion, movielens, netflix_prize, or a file.",
)
@click.option("--zone", default="", help="Time zone of instants that tell none, as Europe/Berlin.")
@click.option(
    "--known-at",
    help="When all this was learned, ISO 8601 with zone; by default the newest event's known_at.",
)
@click.option(
    "--now",
    help="What the clock says, ISO 8601 with zone, to repeat a landing; by default the clock.",
)
@click.option(
    "--most-refused",
    type=float,
    default=MOST_REFUSED,
    show_default=True,
    help="Share of a file's records; when more are refused, the landing stops.",
)
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Say what the files are and what would be refused; land nothing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def land(
    dataset: str,
    folder: str | None,
    map_name: str,
    zone: str,
    only_check: bool,
    as_json: bool,
    **options_given: Any,
) -> None:
    """Land a data set in the log tables; landing it again changes nothing.

    A record that breaks its contract (docs/landing.md) goes to the table quarantine with file, line
    and reason; the rest is landed. Whom a refused record restricts is held to the strictest that is
    known. A file that is wrong as a whole, or of which more than --most-refused is, stops the
    landing before any table changes.

    --check looks at the files without landing them: kinds, devices, countries, the scale of ratings,
    whether ids meet, what counts as a play, and what will be left out of pages.

    Example: frontrow land --dataset files --input my_log/ --check
    """
    with one_line_errors():
        options = landing_options(**options_given)
        reading = files.reading(zone, map_name)
        landings = job.files_to_land(dataset, folder or None, _print_progress, reading)
        _print_notices(landings, dataset, None if map_name else folder or None)
        if only_check:
            _print_check(check(landings, options), options, as_json)
            return
        start = time.monotonic()
        with Console(stderr=True).status("looking at the files") as status:
            tell = _with_seconds(status.update, start)
            receipts = job.land(dataset, landings, options, tell, _print_notice)
    if as_json:
        receipts = sorted(receipts, key=lambda receipt: not receipt.held_count)
        print(json.dumps([_figures(receipt) for receipt in receipts], indent=1))
    else:
        _print_receipts(receipts)


def _print_check(found: Check, options: LandingOptions, as_json: bool) -> None:
    if as_json:
        print(json.dumps(found.figures(), indent=1, default=str))
    else:
        print("\n".join(found.lines()))
    found.judge(options.most_refused)


def _print_notice(line: str) -> None:
    click.echo(f"notice: {line}", err=True)


def _figures(receipt: Receipt) -> dict[str, object]:
    """A receipt as JSON; what is held comes first."""
    figures = asdict(receipt)
    landed_at = receipt.landed_at.isoformat() if receipt.landed_at else None
    said = [] if receipt.again else refusal.notices([receipt])
    first = {"notice": "\n".join(said), "held_count": receipt.held_count}
    return first | figures | {"landed_at": landed_at}


def _print_progress(line: str) -> None:
    # terms are printed at every landing (_print_notices), not only where files are fetched
    if not line.startswith("terms of use"):
        click.echo(line, err=True)


def _with_seconds(update: Callable[[str], None], start: float) -> Callable[[str], None]:
    def update_with_seconds(text: str) -> None:
        """Update the line, with the seconds since the start."""
        seconds = time.monotonic() - start
        update(f"{text} (after {seconds:.0f} s)")

    return update_with_seconds


def _print_notices(landings: list[Landing], dataset: str, folder: str | None) -> None:
    """Name the columns and files that are ignored, and the data set's terms of use."""
    for file, ignored in _ignored(landings).items():
        names = ", ".join(repr(name)[1:-1] for name in ignored)[:200]
        click.echo(f"{file}: ignored, not in the contract: {names}", err=True)
    if folder:
        read = {landing.file for landing in landings}  # by a map that fits
        for name in sorted({*files.strangers(Path(folder))} - read):
            click.echo(f"{name}: ignored, not a file of the landing contract", err=True)
    terms = dataset_of(dataset).terms
    if terms:
        click.echo(f"terms of use: {terms}", err=True)


def _ignored(landings: list[Landing]) -> dict[str, list[str]]:
    """The columns of each file that no table which is read from it has."""
    ignored: dict[str, list[str]] = {}
    for landing in landings:
        before = ignored.get(landing.file, landing.ignored)
        ignored[landing.file] = [name for name in landing.ignored if name in before]
    return {file: names for file, names in ignored.items() if names}


def _print_receipts(receipts: list[Receipt]) -> None:
    """A line for each table; with several files of one table their sum."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("table", "files", "accepted", "duplicates", "quarantined", "held"):
        table.add_column(name, justify="left" if name == "table" else "right")
    for table_name in dict.fromkeys(receipt.target_table for receipt in receipts):
        of_table = [receipt for receipt in receipts if receipt.target_table == table_name]
        accepted = sum(receipt.accepted_count for receipt in of_table)
        duplicates = sum(receipt.duplicate_count for receipt in of_table)
        rejected = sum(receipt.rejected_count for receipt in of_table)
        held = sum(receipt.held_count for receipt in of_table)
        counts = (f"{accepted:,}", f"{duplicates:,}", f"{rejected:,}", f"{held:,}")
        table.add_row(table_name, str(len(of_table)), *counts)
    Console(width=100).print(table)
    if all(receipt.again for receipt in receipts):
        print("these files were landed before; nothing changed")
    elif any(receipt.rejected_count for receipt in receipts):
        query = "SELECT file, line, field, reason, raw FROM quarantine ORDER BY file, line"
        print(f'why: frontrow query "{query}"')
