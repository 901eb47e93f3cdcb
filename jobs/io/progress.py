"""Lines that say what a long command is doing."""

import time
from collections.abc import Callable

from rich.console import Console


def progress_printer(console: Console, began: float) -> Callable[[str], None]:
    """What prints a line with the time since `began`, an instant of time.monotonic()."""

    def say(what: str) -> None:
        """Print one line, after minutes and seconds."""
        spent = int(time.monotonic() - began)
        console.print(
            f"[{spent // 60}:{spent % 60:02d}] {what}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )

    return say
