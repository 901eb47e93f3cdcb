"""`frontrow bench trust`: each part plants its faults and counts what came of them."""

import time
from collections.abc import Callable, Sequence
from importlib import import_module

import click
from rich.console import Console

from benchmarks.report import report
from jobs.io.progress import progress_printer

Say = Callable[[str], None]
PARTS = (
    "zombies",
    "losses",
    "damages",
    "pages",
    "stale",
    "campaign",
    "erasure",
    "retention",
    "alarms",
    "overhead",
)  # each a file beside this one with `figures(say)`


@click.command()
@click.option(
    "--part", "parts", multiple=True, type=click.Choice(PARTS), help="Only this; may be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def trust(parts: Sequence[str], as_json: bool) -> None:
    """Plant faults, runs that sleep, damages and losses, and count what came of them.

    Example: frontrow bench trust --part zombies
    """
    say = progress_printer(Console(stderr=True), time.monotonic())
    figures: dict[str, object] = {}
    for part in parts or PARTS:
        say(f"part {part}")
        figures |= import_module(f"benchmarks.trust.{part}").figures(say)
    report("trust", figures, as_json)
