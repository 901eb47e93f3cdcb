"""The worlds that a bench lives in, by the names of their settings."""
# Tested by tests/benchmarks/page/test_run.py.

from conf.errors import UserMistake
from conf.world import WORLDS


def named_worlds(text: str) -> list[str]:
    """The worlds named, separated by commas, in their usual order.

    Raises UserMistake for an unknown one, or none.
    """
    wanted = {name.strip() for name in text.split(",") if name.strip()}
    if not wanted or wanted - set(WORLDS):
        raise UserMistake(f"--worlds {text!r}: choose from {', '.join(WORLDS)}")
    return [name for name in WORLDS if name in wanted]
