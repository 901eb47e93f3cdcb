"""`frontrow bench firsthour`: what somebody new meets in the first hour.

Documented commands, wrong inputs, formats of logs, and how long each command takes to answer.
"""

import importlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.firsthour import as_written, start_up, wrong_inputs, wrong_processes
from benchmarks.report import report
from conf.errors import UserMistake
from conf.settings import load_settings
from jobs.io.tables import arrow as arrow_tables

PARTS = ("commands", "inputs", "start_up", "formats")


@click.command()
@click.option(
    "--part",
    "parts",
    type=click.Choice(PARTS),
    multiple=True,
    help="Only this part, others as they were measured; may be given more than once.",
)
@click.option(
    "--patience",
    type=click.IntRange(10),
    default=1800,
    show_default=True,
    help="Seconds after which a documented command is interrupted, and counted as begun.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def firsthour(parts: tuple[str, ...], patience: int, as_json: bool) -> None:
    """Run every documented command, wrong input and format of a log, and time the start of commands.

    Commands are run on the pages of this home, as `make demo` leaves them: the documented ones in a
    copy of it and of the sources, in the order of reading, Airflow's own beside its scheduler.

    Example: frontrow bench firsthour --part inputs
    """
    home = load_settings().home_path
    if not arrow_tables.was_written("publications"):
        raise UserMistake("this home has no pages; `make demo` builds some")
    path = home / "bench" / "firsthour.json"
    before = json.loads(path.read_text()) if parts and path.exists() else {}
    report("firsthour", before | figures(home, parts or PARTS, patience), as_json)


def figures(home: Path, parts: tuple[str, ...], patience_s: float) -> dict[str, object]:
    """The figures of some parts."""
    measured: dict[str, object] = {}
    if "commands" in parts:
        measured |= as_written.figures(home, patience_s)
    if "inputs" in parts:
        with TemporaryDirectory() as folder:
            measured |= _figures_of_inputs(Path(folder), home)
    if "start_up" in parts:
        measured |= start_up.figures(home)
    if "formats" in parts:
        measured |= _figures_of_formats()
    return measured


def _figures_of_inputs(folder: Path, home: Path) -> dict[str, object]:
    """Wrong words, and what goes wrong around them, as one count."""
    words = wrong_inputs.figures(folder / "words", home)
    around = wrong_processes.figures(folder / "processes", home)
    return {
        "wrong_inputs": words["wrong_inputs"] + around["wrong_processes"],
        "wrong_inputs_one_line": words["wrong_inputs_one_line"] + around["wrong_processes_right"],
        "tracebacks": words["tracebacks"] + around["wrong_processes_stacks"],
        "wrong_inputs_otherwise": [
            *words["wrong_inputs_otherwise"],
            *around["wrong_processes_otherwise"],
        ],
        "wrong_processes": around["wrong_processes"],
    }


def _figures_of_formats() -> dict[str, object]:
    """How many formats land, and which do not."""
    formats = importlib.import_module("benchmarks.firsthour.formats")
    landed: dict[str, bool] = formats.landed_right()
    return {
        "formats": len(landed),
        "formats_landed_right": sum(landed.values()),
        "formats_landed_wrong": [name for name, is_right in landed.items() if not is_right],
    }
