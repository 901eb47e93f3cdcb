"""The stores of the release that serves, kept open, and every way in which they can be broken,
counted.
"""

# Tested by tests/jobs/io/serving/test_reader.py.

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import pyarrow as pa

from jobs.io.serving.backends import Backend
from jobs.io.serving.codec import Damaged
from jobs.io.serving.kv import Store, StoreError
from jobs.io.serving.releases import LAYERS, Release

T = TypeVar("T")
BROKEN = (pa.ArrowException, ValueError, MemoryError)  # a damaged file may claim any length


class OpenRelease:
    """A release and its stores. `stands_in` says that it is not the one that should serve, which is
    missing or broken.

    `causes` counts what was broken when it was opened.
    """

    def __init__(self, backend: Backend) -> None:
        self.causes: Counter[str] = Counter()
        self.stands_in = False
        self._backend = backend
        self.release = self._release_to_read()
        self._stores: dict[str, Store] = {}
        if self.release is None:
            return
        for name in LAYERS:
            store = self._store(self.release, name) if self.has(name) else None
            if store:
                self._stores[name] = store

    def value(
        self, name: str, key: str, decode: Callable[[str, bytes], T], causes: list[str]
    ) -> T | None:
        """What a store has under a key; None where it has nothing, or, with its cause, where it is
        broken.
        """
        store = self._stores.get(name)
        if store is None:
            causes.append(f"{name}: not there")
            return None
        try:
            value = store.get(key)
            return None if value is None else decode(key, value)
        except Damaged:
            causes.append(f"{name}: damaged value")
        except StoreError as error:
            causes.append(f"{name}: {error.cause}")
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

    def _release_to_read(self) -> Release | None:
        """The release that serves; where it is missing or broken the newest other one."""
        # between the pointer and the manifest a release may be removed: the pointer is another then
        for _ in range(2):
            name = self._backend.serving_id()
            release = self._backend.manifest(name) if name else None
            if release is not None:
                return release
        self.causes["release: broken" if name else "release: missing"] += 1
        self.stands_in = True
        others = self._backend.kept_releases()
        return others[0] if others else None

    def _store(self, release: Release, name: str) -> Store | None:
        """The store of a layer, None where it is not there whole."""
        try:
            return self._backend.store(release, name)
        except StoreError as error:
            self.causes[f"{name}: {error.cause}"] += 1
            return None
