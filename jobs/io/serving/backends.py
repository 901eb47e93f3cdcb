"""Where releases are read from: the folder of a home, or a Redis server that was sent the same."""

# Tested by tests/jobs/io/serving/test_redis_sync.py.

import contextlib
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from conf.keys import sha256_text
from jobs.io.serving import releases
from jobs.io.serving.kv import Embedded, HalfWritten, Missing, Redis, Server, Store, StoreError
from jobs.io.serving.releases import Layer, Release

# keys of the server
CURRENT = "frontrow:current"
RELEASES = "frontrow:releases"
LAYERS = "frontrow:layers"


class Backend(Protocol):
    """Releases, the one that serves, and their stores."""

    def serving_id(self) -> str | None:
        """The id of the release that serves; None where nothing was released."""
        ...

    def manifest(self, release_id: str) -> Release | None:
        """What a release says of itself; None for one that is not there whole."""
        ...

    def kept_releases(self) -> list[Release]:
        """The releases that are there, newest first."""
        ...

    def store(self, release: Release, layer: str) -> Store:
        """The store of a layer; one that is not there whole raises StoreError."""
        ...

    def close(self) -> None:
        """Let go of it; stores that were opened are closed apart."""
        ...


def backend_at(where: Path | str) -> Backend:
    """The releases of a home (a folder), or those of a Redis server (its URL)."""
    if isinstance(where, Path):
        return Folder(releases.folder_of(where))
    return Remote(Server(where))


class Folder:
    """Releases in files. One that is removed goes on being read by who has it open."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def serving_id(self) -> str | None:
        """As the file CURRENT says."""
        return releases.serving_id(self.root)

    def manifest(self, release_id: str) -> Release | None:
        """As its folder says."""
        return releases.manifest(self.root, release_id)

    def kept_releases(self) -> list[Release]:
        """Those in the folder."""
        return releases.kept_releases(self.root)

    def store(self, release: Release, layer: str) -> Embedded:
        """The file of a layer."""
        path = releases.store_path(self.root, release.release_id, layer)
        try:
            size = path.stat().st_size
        except OSError:
            raise Missing(str(path)) from None
        if size != release.layers[layer].size:
            raise HalfWritten(str(path))
        return Embedded(path)

    def close(self) -> None:
        """Nothing is open."""


class Remote:
    """Releases in a Redis server. One that is removed is gone for who has it open too: look for a
    new one in time.
    """

    def __init__(self, server: Server) -> None:
        self.server = server

    def serving_id(self) -> str | None:
        """As the key CURRENT says; None also where the server does not answer."""
        with contextlib.suppress(StoreError, UnicodeDecodeError):
            name: bytes | None = self.server.ask("GET", CURRENT)
            return name.decode() if name else None
        return None

    def manifest(self, release_id: str) -> Release | None:
        """As the hash RELEASES says."""
        for release in self.kept_releases():
            if release.release_id == release_id:
                return release
        return None

    def kept_releases(self) -> list[Release]:
        """All in the hash RELEASES that can be read; none where the server does not answer."""
        readable = []
        with contextlib.suppress(StoreError):
            for text in self.server.ask("HVALS", RELEASES):
                with contextlib.suppress(ValidationError):
                    readable.append(Release.model_validate_json(text))
        return releases.newest_first(readable)

    def store(self, release: Release, layer: str) -> Redis:
        """The hash of a layer."""
        record = release.layers[layer]
        store = Redis(self.server, name_of(record))
        entries = store.count()
        if entries == record.entries:
            return store
        if not entries:
            raise Missing(layer)
        raise HalfWritten(layer)

    def close(self) -> None:
        """Close the connections."""
        self.server.close()


def name_of(layer: Layer) -> str:
    """The key of the server under which a layer is; layers of equal content have the same."""
    return f"frontrow:layer:{sha256_text(layer.identity)[:32]}"
