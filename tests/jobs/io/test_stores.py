"""Every store keeps the same promises; Redis against a real server, where there is one."""

import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobs.io.stores import Embedded, Redis, Store, StoreError

Opener = Callable[[], Store]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of this run's own, without a file, on a free port."""
    pytest.importorskip("redis", reason="the redis client is not installed (uv sync --extra redis)")
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("no redis-server on PATH (Debian: redis-server)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(words, cwd=tmp_path_factory.mktemp("redis"), stdout=subprocess.DEVNULL)
    try:
        _answers(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)


def _answers(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("redis-server does not answer")


@pytest.fixture(params=["embedded", "redis"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens one and the same store, the first time for writing."""
    if request.param == "redis":
        url, prefix = request.getfixturevalue("redis_url"), f"{uuid.uuid4().hex}[*]:"
        return lambda: Redis(url, prefix)
    path = tmp_path / "a store?.sqlite"
    return lambda: Embedded(path, writable=not path.exists())


def test_what_was_put_is_there_after_opening_it_again(opener: Opener) -> None:
    store = opener()
    assert store.put((f"key {n}", bytes([n]) * 50_000) for n in range(200)) == 200
    store.close()
    again = opener()
    assert again.get("key 7") == bytes([7]) * 50_000
    assert again.get("key 200") is None
    again.close()


def test_first_value_of_a_key_stays(opener: Opener) -> None:
    store = opener()
    assert store.put([("a", b"1"), ("a", b"2"), ("b", b"")]) == 2
    assert store.put([("a", b"3"), ("c", b"4")]) == 1
    assert [store.get(key) for key in "abc"] == [b"1", b"", b"4"]
    store.close()


@pytest.mark.parametrize(
    "key", ["", "a b", "naïve", "\x00", "a\x00b", "\ud800", "'; DROP TABLE entries; --", "x" * 5000]
)
def test_any_text_is_a_key(opener: Opener, key: str) -> None:
    store = opener()
    assert store.get(key) is None
    store.put([(key, b"value")])
    assert store.get(key) == b"value"
    store.close()


def test_nothing_to_put_is_no_fault(opener: Opener) -> None:
    store = opener()
    assert store.put([]) == 0
    store.close()


def test_prefixes_of_redis_do_not_see_each_other(redis_url: str) -> None:
    one, other = Redis(redis_url, "a*:"), Redis(redis_url, "ab:")
    one.put((f"{n}", b"1") for n in range(600))
    other.put([("0", b"2")])
    one.drop()
    assert one.get("0") is None and one.get("599") is None and other.get("0") == b"2"
    other.drop()


def test_server_that_is_away_is_a_store_error() -> None:
    pytest.importorskip("redis", reason="the redis client is not installed (uv sync --extra redis)")
    with pytest.raises(StoreError):
        Redis("redis://127.0.0.1:1/0", "").get("a")


def test_missing_file_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Embedded(tmp_path / "nothing.sqlite").get("a")


@pytest.mark.parametrize("spoil", ["cut", "zeros", "text"])
def test_damaged_file_is_a_store_error_and_ends_nothing(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "store.sqlite"
    store = Embedded(path, writable=True)
    store.put((f"{n}", bytes(40_000)) for n in range(50))
    store.close()
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[:100_000], "zeros": bytes(len(whole)), "text": b"no store" * 9000}[spoil])
    with pytest.raises(StoreError):
        found = Embedded(path)
        for n in range(50):
            found.get(f"{n}")
