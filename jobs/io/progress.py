"""What a long command is doing, line by line."""

import time
from collections.abc import Callable

from rich.console import Console


def teller(console: Console, began: float) -> Callable[[str], None]:
    """Prints a line with the minutes and seconds since `began`, a moment of time.monotonic()."""

    def say(what: str) -> None:
        spent = int(time.monotonic() - began)
        console.print(
            f"[{spent // 60}:{spent % 60:02d}] {what}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )

    return say
