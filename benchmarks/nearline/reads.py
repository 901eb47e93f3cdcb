"""How fast a page is read out of a release, and which level serves when something is broken."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from jobs.io.serving.reader import Reader
from jobs.io.serving.releases import folder_of, serving_id, store_path
from jobs.io.serving.service import Online, budget
from jobs.io.snapshot.catalogue_view import catalogue_view_at
from models.catalogue.profile_settings import by_settings
from models.page.online.assemble import Visit, assemble

DEVICES = ("tv", "web", "phone")
WARM_UP_READS = 200  # before the clock counts: compilers, file caches
KEPT_SHARE = 3  # a truncated file keeps one byte in so many
Damage = Callable[[Path, str], None]  # to the release of that name in a folder


def read_milliseconds(
    home: Path, profile_ids: list[str], at: datetime, reads: int
) -> dict[str, float]:
    """Milliseconds of a read, and of the online step after it, of random profiles on one core."""
    reader, view = Reader(home), catalogue_view_at(at)
    seconds: dict[str, list[float]] = {"read": [], "assemble": []}
    draws = np.random.default_rng(0).integers(len(profile_ids), size=reads + WARM_UP_READS)
    for number, index in enumerate(draws):
        profile_id = profile_ids[index]
        start = time.perf_counter()
        page = reader.read(profile_id, at)
        middle = time.perf_counter()
        profile = by_settings(profile_id, page.settings or {}, view.title_index)
        visit = Visit(at.timestamp(), DEVICES[number % len(DEVICES)])
        assemble(page.rows, profile, view, visit, budget())
        end = time.perf_counter()
        if number >= WARM_UP_READS:
            seconds["read"].append(middle - start)
            seconds["assemble"].append(end - middle)
    reader.close()
    figures = {}
    for name, values in seconds.items():
        for percent in (50, 99):
            milliseconds = 1000 * float(np.percentile(values, percent))
            figures[f"{name}_p{percent}_ms"] = round(milliseconds, 3)
    return figures


def serving_levels(
    home: Path, with_update: str, without_update: str, at: datetime
) -> dict[str, str]:
    """The level that serves by what is broken: nothing, and then ever more.

    `with_update` and `without_update` are profiles, of which one has an update of its page.
    """
    damages: dict[str, Damage] = {
        "no update": _no_damage,
        "base cut short": _truncated_layer("base"),
        "no pages": _lost_layers("base", "yesterday"),
        "no store": _lost_layers("base", "yesterday", "popular"),
    }
    levels = {"nothing": _serving_level(home, with_update, at, _no_damage)}
    for name, damage in damages.items():
        levels[name] = _serving_level(home, without_update, at, damage)
    levels["budget used up"] = _serving_level(home, with_update, at, _no_damage, budget_s=0.0)
    return levels


def _serving_level(
    home: Path, profile_id: str, at: datetime, damage: Damage, budget_s: float | None = None
) -> str:
    """The level that serves a profile after some damage, with a time budget of so many seconds."""
    with _release_copy(home) as copy:
        folder = folder_of(copy)
        damage(folder, serving_id(folder) or "")
        service = Online(copy)
        remaining = None if budget_s is None else lambda: budget_s
        page = service.page(profile_id, Visit(at.timestamp(), "tv"), left_ms=remaining)
        service.close()
        if page.rows.num_rows or page.level == "static":
            return page.level
        return f"{page.level}, empty"


@contextmanager
def _release_copy(home: Path) -> Iterator[Path]:
    """A home of its own with a copy of the releases."""
    with TemporaryDirectory() as folder:
        shutil.copytree(folder_of(home), folder_of(Path(folder)))
        yield Path(folder)


def _no_damage(folder: Path, release: str) -> None:
    """Nothing is broken."""


def _truncated_layer(layer: str) -> Damage:
    def truncate(folder: Path, release: str) -> None:
        path = store_path(folder, release, layer)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // KEPT_SHARE])

    return truncate


def _lost_layers(*layers: str) -> Damage:
    def remove(folder: Path, release: str) -> None:
        for layer in layers:
            for path in folder.glob(f"*/{layer}.sqlite"):
                path.unlink()

    return remove
