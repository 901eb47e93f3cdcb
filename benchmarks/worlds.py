"""The worlds that a bench lives in, by the names of their settings."""
# Tested by tests/benchmarks/page/test_run.py.

from pathlib import Path

import click

from conf.errors import UserMistake
from conf.world import WORLDS

worlds_option = click.option(
    "--worlds",
    default=",".join(WORLDS),
    show_default=True,
    help="The worlds that are lived in, separated by commas.",
)


def named_worlds(text: str) -> list[str]:
    """The worlds named, separated by commas, in their usual order.

    Raises UserMistake for an unknown one, or none.
    """
    wanted = {name.strip() for name in text.split(",") if name.strip()}
    if not wanted or wanted - set(WORLDS):
        raise UserMistake(f"--worlds {text!r}: choose from {', '.join(WORLDS)}")
    return [name for name in WORLDS if name in wanted]


def folder_of_world(keep: str | None, name: str) -> str | None:
    """The folder of a kept world: the one that was named, and for any other world one inside it."""
    return keep if keep is None or name == WORLDS[0] else str(Path(keep) / name)
