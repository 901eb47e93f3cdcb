"""`frontrow bench trust`: each part plants its faults and counts what came of them."""

import json
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import click
from rich.console import Console

from benchmarks.report import path_of, report
from jobs.io.code_version import code_version
from jobs.io.progress import progress_printer

Say = Callable[[str], None]
NAME = "trust"
CODE_OF_PARTS = "code_of_parts"  # what each part was last measured on
PARTS = (
    "zombies",
    "losses",
    "damages",
    "pages",
    "stale",
    "campaign",
    "erasure",
    "retention",
    "kills",
    "schedules",
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

    All parts take hours. Figures of parts that are not run stay in the file, and `code_of_parts`
    says on which commit each was measured.

    Example: frontrow bench trust --part zombies
    """
    say = progress_printer(Console(stderr=True), time.monotonic())
    for part in parts or PARTS:
        say(f"part {part}")
        measured = import_module(f"benchmarks.trust.{part}").figures(say)
        before = kept()
        code = before.get(CODE_OF_PARTS, {}) | {part: code_version()}
        figures = before | measured | {CODE_OF_PARTS: code}
        path_of(NAME).write_text(json.dumps(figures, indent=1) + "\n")
    report(NAME, kept(), as_json)


def kept() -> dict[str, Any]:
    """The figures measured so far; none where there is no file that can be read."""
    try:
        figures: dict[str, Any] = json.loads(path_of(NAME).read_text())
        return figures
    except (OSError, ValueError):
        return {}
