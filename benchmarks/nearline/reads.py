"""How fast a page is read and assembled out of a release, and which level serves when something is broken."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from jobs.io.serving.reader import Reader
from jobs.io.serving.releases import folder_of, pointed, store_path
from jobs.io.serving.service import Online, budget
from jobs.io.snapshot.catalogue_view import shelf_at
from models.catalogue.profile_settings import by_settings
from models.page.online.assemble import Visit, assemble

DEVICES = ("tv", "web", "phone")
WARM = 200  # reads before the clock counts: compilers, file caches


def speeds(home: Path, names: list[str], at: datetime, reads: int) -> dict[str, float]:
    """Milliseconds of a read, and of the online step after it, of profiles drawn at random, on one core."""
    reader, shelf, rng = Reader(home), shelf_at(at), np.random.default_rng(0)
    took: dict[str, list[float]] = {"read": [], "assemble": []}
    for number, place in enumerate(rng.integers(len(names), size=reads + WARM)):
        began = time.perf_counter()
        found = reader.read(names[place], at)
        middle = time.perf_counter()
        who = by_settings(names[place], found.settings or {}, shelf.at)
        assemble(found.rows, who, shelf, Visit(at.timestamp(), DEVICES[number % 3]), budget())
        if number >= WARM:
            took["read"].append(middle - began)
            took["assemble"].append(time.perf_counter() - middle)
    reader.close()
    return {
        f"{name}_p{percent}_ms": round(1000 * float(np.percentile(seconds, percent)), 3)
        for name, seconds in took.items()
        for percent in (50, 99)
    }


def levels_seen(home: Path, fresh: str, based: str, at: datetime) -> dict[str, str]:
    """The level that serves by what is broken: nothing, and then ever more. Every page is assembled to its end."""
    return {
        "nothing": _level(home, fresh, at, _sound),
        "no update": _level(home, based, at, _sound),
        "base cut short": _level(home, based, at, _cut("base")),
        "no pages": _level(home, based, at, _lost("base", "yesterday")),
        "no store": _level(home, based, at, _lost("base", "yesterday", "popular")),
        "budget used up": _level(home, fresh, at, _sound, late=True),
    }


def _level(
    home: Path, name: str, at: datetime, breaks: Callable[[Path, str], None], late: bool = False
) -> str:
    with _copied(home) as copy:
        root = folder_of(copy)
        breaks(root, pointed(root) or "")
        online = Online(copy)
        shown = online.page(name, Visit(at.timestamp(), "tv"), (lambda: 0.0) if late else None)
        online.close()
        return (
            shown.level
            if shown.rows.num_rows or shown.level == "static"
            else f"{shown.level}, empty"
        )


@contextmanager
def _copied(home: Path) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        shutil.copytree(folder_of(home), folder_of(Path(folder)))
        yield Path(folder)


def _sound(root: Path, release: str) -> None:
    """Nothing is broken."""


def _cut(layer: str) -> Callable[[Path, str], None]:
    def breaks(root: Path, release: str) -> None:
        path = store_path(root, release, layer)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])

    return breaks


def _lost(*layers: str) -> Callable[[Path, str], None]:
    def breaks(root: Path, release: str) -> None:
        for layer in layers:
            for path in root.glob(f"*/{layer}.sqlite"):
                path.unlink()

    return breaks
