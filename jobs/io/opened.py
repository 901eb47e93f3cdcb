"""The stores of the release that serves, kept open, and every way in which they can be broken, counted."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from jobs.io.serving import LAYERS, Release, kept, manifest, pointed, store_path
from jobs.io.stores import Embedded, Store, StoreError
from jobs.io.values import Damaged

T = TypeVar("T")
BROKEN = (StoreError, pa.ArrowException, ValueError, MemoryError)  # a damaged file may claim any length


class Opened:
    """A release and its stores. `stands_in` says that it is not the one that should serve, which is missing or broken.

    `causes` counts what was broken when it was opened.
    """

    def __init__(self, root: Path) -> None:
        self.causes: Counter[str] = Counter()
        self.stands_in = False
        self.release = self._chosen(root)
        found = {name: self._opened(root, self.release, name) for name in LAYERS} if self.release else {}
        self._stores = {name: store for name, store in found.items() if store}

    def value(self, name: str, key: str, read: Callable[[str, bytes], T], causes: list[str]) -> T | None:
        """What a store has under a key; None where it has nothing, or, with its cause, where it is broken."""
        store = self._stores.get(name)
        if store is None:
            causes.append(f"{name}: not there")
            return None
        try:
            value = store.get(key)
            return None if value is None else read(key, value)
        except Damaged:
            causes.append(f"{name}: damaged value")
        except BROKEN:
            causes.append(f"{name}: unreadable")
        return None

    def has(self, name: str) -> bool:
        """Whether the release is said to have a layer: the first one has no day before it."""
        return self.release is not None and name in self.release.layers

    def close(self) -> None:
        """Let go of all files."""
        for store in self._stores.values():
            store.close()

    def _chosen(self, root: Path) -> Release | None:
        """The release that serves; where it is missing or broken the newest other one."""
        for _ in range(2):  # between the pointer and the manifest a release may be removed: the pointer is another then
            name = pointed(root)
            release = manifest(root, name) if name else None
            if release is not None:
                return release
        there = name is not None and (root / name).is_dir()
        self.causes["release: broken" if there else "release: missing"] += 1
        self.stands_in = True
        return next(iter(kept(root)), None)

    def _opened(self, root: Path, release: Release, name: str) -> Store | None:
        """The store of a layer, None where it is not there whole."""
        layer, path = release.layers.get(name), store_path(root, release.release_id, name)
        if layer is None:
            return None
        try:
            if path.stat().st_size == layer.size:
                return Embedded(path)
            self.causes[f"{name}: half-written"] += 1
        except OSError:
            self.causes[f"{name}: missing file"] += 1
        except StoreError:
            self.causes[f"{name}: unreadable"] += 1
        return None
