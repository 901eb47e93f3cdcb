"""Key-value stores that pages are read from: embedded in a file (SQLite), or a Redis server. Both
do the same.

SQLite comes with Python, answers a page in some hundredths of a millisecond and says so when its
file is damaged; stores that map their file into memory end the whole process instead when it is cut
short.
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
AT_ONCE = 64  # entries that are sent to a server together
PATIENCE_S = 0.25  # for an answer of a server: whoever waits for a page has less


class StoreError(Exception):
    """The store cannot answer: not a store, damaged, or no server."""

    cause = "unreadable"


class Missing(StoreError):
    """There is no such store."""

    cause = "missing"


class HalfWritten(StoreError):
    """The store has less, or more, than was put into it."""

    cause = "half-written"


class Unreachable(StoreError):
    """The server does not answer, or not as it should."""

    cause = "unreachable"


class Store(Protocol):
    """Bytes by key. Written once, then only read."""

    def get(self, key: str) -> bytes | None:
        """The value of a key; None where there is none. A store that cannot answer raises
        StoreError.
        """
        ...

    def put(self, items: Iterable[tuple[str, bytes]]) -> int:
        """Store entries as they come, and say how many are new; a key that is there keeps the value
        it has.
        """
        ...

    def close(self) -> None:
        """Let go of it; what was put is there to stay."""
        ...


class Embedded:
    """A store in one file. Opened for reading it takes no lock and never looks whether the file
    changed.
    """

    def __init__(self, path: Path, writable: bool = False) -> None:
        mode = "rwc" if writable else "ro&immutable=1"
        with _as_store_error(sqlite3.Error):
            self._entries = sqlite3.connect(
                f"file:{quote(str(path))}?mode={mode}",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            if writable:
                self._entries.execute(f"PRAGMA page_size = {ROOM}")
                # no journal: a file that was not finished is thrown away
                self._entries.execute("PRAGMA journal_mode = OFF")
                self._entries.execute("PRAGMA synchronous = OFF")
                self._entries.execute(
                    "CREATE TABLE entries (key BLOB PRIMARY KEY, value BLOB NOT NULL)"
                )

    def get(self, key: str) -> bytes | None:
        """The value of a key."""
        with _as_store_error(sqlite3.Error):
            query = "SELECT value FROM entries WHERE key = ?"
            row = self._entries.execute(query, (_bytes(key),)).fetchone()
        return None if row is None else row[0]

    def put(self, items: Iterable[tuple[str, bytes]]) -> int:
        """Store entries in one transaction."""
        before = self._entries.total_changes
        with _as_store_error(sqlite3.Error):
            self._entries.execute("BEGIN")
            rows = ((_bytes(key), value) for key, value in items)
            self._entries.executemany("INSERT OR IGNORE INTO entries VALUES (?, ?)", rows)
            self._entries.execute("COMMIT")
        return self._entries.total_changes - before

    def items(self) -> Iterator[tuple[str, bytes]]:
        """All entries, a few at a time."""
        with _as_store_error(sqlite3.Error):
            for key, value in self._entries.execute("SELECT key, value FROM entries"):
                yield key.decode("utf-8", "surrogatepass"), value

    def close(self) -> None:
        """Close the file."""
        self._entries.close()


class Server:
    """A Redis server."""

    def __init__(self, url: str, patience_s: float = PATIENCE_S) -> None:
        try:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ModuleNotFoundError:
            raise UserMistake(
                "pages in Redis need its client; install it with `uv sync --extra redis`"
            ) from None
        patience = {
            "socket_timeout": patience_s,
            "socket_connect_timeout": patience_s,
            "retry": Retry(NoBackoff(), 1),
        }
        self._errors = redis.RedisError
        try:
            self._client: Any = redis.Redis.from_url(url, **patience)
        except ValueError as error:
            raise UserMistake(f"not the address of a Redis server: {error}") from None

    def ask(self, *words: str | bytes) -> Any:
        """The answer to one command."""
        with _as_store_error(self._errors, Unreachable):
            return self._client.execute_command(*words)

    def ask_all(self, commands: Iterable[tuple[str | bytes, ...]]) -> list[Any]:
        """The answers to commands that are sent at once."""
        with (
            _as_store_error(self._errors, Unreachable),
            self._client.pipeline(transaction=False) as pipe,
        ):
            for words in commands:
                pipe.execute_command(*words)
            answers: list[Any] = pipe.execute()
        return answers

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class Redis:
    """A hash of a Redis server: so it is counted, and forgotten, in one command."""

    def __init__(self, server: Server, name: str) -> None:
        self._server, self._name = server, name

    def get(self, key: str) -> bytes | None:
        """The value of a key."""
        value: bytes | None = self._server.ask("HGET", self._name, _bytes(key))
        return value

    def put(self, items: Iterable[tuple[str, bytes]]) -> int:
        """Store entries, some at a time."""
        commands = (("HSETNX", self._name, _bytes(key), value) for key, value in items)
        new_count = 0
        for batch in _batches(commands):
            answers = self._server.ask_all(batch)
            new_count += sum(map(bool, answers))
        return new_count

    def count(self) -> int:
        """How many entries there are."""
        return int(self._server.ask("HLEN", self._name))

    def close(self) -> None:
        """Nothing to do: the connection is the server's."""


@contextlib.contextmanager
def _as_store_error(
    library_error: type[Exception], store_error: type[StoreError] = StoreError
) -> Iterator[None]:
    """Raise the error of a store's library as a StoreError, in one line."""
    try:
        yield
    except library_error as error:
        raise store_error(" ".join(str(error).split())) from None


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while batch := list(itertools.islice(rest, AT_ONCE)):
        yield batch


def _bytes(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")
