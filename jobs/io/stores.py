"""Key-value stores that pages are read from: embedded in a file (SQLite), or a Redis server. Both do the same.

SQLite comes with Python, answers a page in some hundredths of a millisecond and says so when its file is damaged;
stores that map their file into memory end the whole process instead when it is cut short.
"""

import contextlib
import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from conf.errors import UserMistake

ROOM = 32_768  # bytes of a page of the file: a member's homepage lies in a few of them
AT_ONCE = 256  # entries that are sent to a server together
PATIENCE_S = 2.0  # for an answer of a server


class StoreError(Exception):
    """The store cannot answer: no file, not a store, damaged, or no server."""


class Store(Protocol):
    """Bytes by key. Written once, then only read."""

    def get(self, key: str) -> bytes | None:
        """The value of a key; None where there is none. A store that cannot answer raises StoreError."""
        ...

    def put(self, items: Iterable[tuple[str, bytes]]) -> int:
        """Store entries as they come, and say how many are new; a key that is there keeps the value it has."""
        ...

    def close(self) -> None:
        """Let go of it; what was put is there to stay."""
        ...


class Embedded:
    """A store in one file. Opened for reading it takes no lock and never looks whether the file changed."""

    def __init__(self, path: Path, writable: bool = False) -> None:
        mode = "rwc" if writable else "ro&immutable=1"
        with _said(sqlite3.Error):
            self._entries = sqlite3.connect(
                f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False
            )
            if writable:
                self._entries.execute(f"PRAGMA page_size = {ROOM}")
                self._entries.execute("PRAGMA journal_mode = OFF")  # a file that was not finished is thrown away
                self._entries.execute("PRAGMA synchronous = OFF")
                self._entries.execute("CREATE TABLE entries (key BLOB PRIMARY KEY, value BLOB NOT NULL)")

    def get(self, key: str) -> bytes | None:
        """The value of a key."""
        with _said(sqlite3.Error):
            found = self._entries.execute("SELECT value FROM entries WHERE key = ?", (_bytes(key),)).fetchone()
        return None if found is None else found[0]

    def put(self, items: Iterable[tuple[str, bytes]]) -> int:
        """Store entries in one transaction."""
        before = self._entries.total_changes
        with _said(sqlite3.Error):
            self._entries.execute("BEGIN")
            rows = ((_bytes(key), value) for key, value in items)
            self._entries.executemany("INSERT OR IGNORE INTO entries VALUES (?, ?)", rows)
            self._entries.execute("COMMIT")
        return self._entries.total_changes - before

    def close(self) -> None:
        """Close the file."""
        self._entries.close()


class Redis:
    """Entries of a Redis server, all under one prefix."""

    def __init__(self, url: str, prefix: str) -> None:
        try:
            import redis
        except ModuleNotFoundError:
            raise UserMistake("pages in Redis need its client; install it with `uv sync --extra redis`") from None
        self._errors = redis.RedisError
        self._server: Any = redis.Redis.from_url(url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)
        self._prefix = prefix.encode()

    def get(self, key: str) -> bytes | None:
        """The value of a key."""
        with _said(self._errors):
            found: bytes | None = self._server.get(self._prefix + _bytes(key))
        return found

    def put(self, items: Iterable[tuple[str, bytes]]) -> int:
        """Store entries, some at a time."""
        stored = 0
        for some in _parts(items):
            with _said(self._errors), self._server.pipeline(transaction=False) as pipe:
                for key, value in some:
                    pipe.set(self._prefix + _bytes(key), value, nx=True)
                stored += sum(map(bool, pipe.execute()))
        return stored

    def drop(self) -> None:
        """Forget all entries under the prefix."""
        pattern = b"".join(b"\\" + bytes([c]) if chr(c) in "*?[]\\^-" else bytes([c]) for c in self._prefix) + b"*"
        with _said(self._errors):
            keys = self._server.scan_iter(match=pattern, count=AT_ONCE)
            for some in _parts(keys):
                self._server.unlink(*some)

    def close(self) -> None:
        """Close the connections."""
        self._server.close()


@contextlib.contextmanager
def _said(kind: type[Exception]) -> Iterator[None]:
    """The error of a store's library, said as ours."""
    try:
        yield
    except kind as error:
        raise StoreError(" ".join(str(error).split())) from None


def _parts(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while some := list(itertools.islice(rest, AT_ONCE)):
        yield some


def _bytes(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")
