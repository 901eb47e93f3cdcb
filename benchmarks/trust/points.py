"""File operations and commits as numbered points, at one of which a fault happens."""

# Tested by tests/benchmarks/trust/test_campaign.py.

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from deltalake import DeltaTable

from jobs.io.published import rollbacks
from jobs.io.tables import arrow_writes

KINDS = ("killed before", "killed after", "torn", "no space", "no right", "time-out", "overtaken")
REFUSALS = {"no space": errno.ENOSPC, "no right": errno.EACCES, "time-out": errno.ETIMEDOUT}
PATH = ("write_text", "write_bytes", "unlink", "rename", "replace")
COMMITS = ("create_write_transaction", "delete")
WRITERS = (rollbacks, arrow_writes)
LOCKED = ("fsync",)  # as seals are written
TORN_BYTES = 40  # that a file loses at its end, at most


class Killed(BaseException):
    """What a process does not survive."""


@dataclass
class Points:
    """Calls in the order in which they came; at the one numbered `at` the fault `kind` happens.

    `meanwhile` is what another run does at a point that is overtaken.
    """

    at: int = -1
    kind: str = ""
    meanwhile: Callable[[], None] = lambda: None
    trace: list[str] = field(default_factory=list)
    happened: str = ""
    is_open: bool = True

    def call(self, name: str, step: Callable[..., Any], *words: Any, **more: Any) -> Any:
        """Do a step, or what the fault makes of it."""
        if not self.is_open:
            return step(*words, **more)
        number = len(self.trace)
        self.trace.append(name)
        if self.kind == "overtaken" and name in LOCKED and number >= self.at:
            self.at = number + 1  # under a lock no other run gets through
        if number != self.at:
            return step(*words, **more)
        self.happened = f"{self.kind}: {name}"
        if self.kind in REFUSALS:
            raise OSError(REFUSALS[self.kind], os.strerror(REFUSALS[self.kind]), name)
        if self.kind == "torn":
            _tear(step, *words, **more)
        if self.kind in ("killed before", "torn"):
            self.is_open = False  # the process is gone: what it would clean up stays
            raise Killed
        if self.kind == "overtaken":
            self.is_open = False
            self.meanwhile()
            self.is_open = True
        done = step(*words, **more)
        if self.kind == "killed after":
            self.is_open = False
            raise Killed
        return done


def _tear(step: Callable[..., Any], *words: Any, **more: Any) -> None:
    """Half of what is to be written gets to the disk; what cannot be half done is not done."""
    name = getattr(step, "__name__", "")
    if name in ("write_text", "write_bytes"):
        path, content = words
        step(path, content[: len(content) // 2], **more)
    elif name == "fsync":
        path = Path(f"/proc/self/fd/{words[0]}").resolve()
        if path.is_file():
            os.truncate(path, max(0, path.stat().st_size - TORN_BYTES))


@contextmanager
def numbered(points: Points, *writers: ModuleType) -> Iterator[None]:
    """Every file operation and commit of the block goes through `points`, also those of `writers`,
    modules with deltalake's writer under its own name.
    """

    def through(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **more: Any) -> Any:
            return points.call(name, step, *words, **more)

        return call

    with ExitStack() as stack:
        for owner, names in (
            (Path, PATH),
            (os, ("fsync", "link")),
            (shutil, ("copyfile", "rmtree")),
            (DeltaTable, COMMITS),
        ):
            for name in names:
                stack.enter_context(patch.object(owner, name, through(name, getattr(owner, name))))
        for module in (*WRITERS, *writers):
            step = module.write_deltalake
            stack.enter_context(patch.object(module, "write_deltalake", through("commit", step)))
        yield
