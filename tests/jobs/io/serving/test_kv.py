"""Every store keeps the same promises; Redis against a real server, where there is one."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from conf.errors import UserMistake
from jobs.io.serving.kv import Embedded, Redis, Server, Store, StoreError, Unreachable

Opener = Callable[[], Store]


@pytest.fixture(params=["embedded", "redis"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens one and the same store, the first time for writing."""
    if request.param == "redis":
        url, name = request.getfixturevalue("redis_url"), uuid.uuid4().hex
        return lambda: Redis(Server(url), name)
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


KEYS = ["", "a b", "naïve", "\x00", "a\x00b", "\ud800", "'; DROP TABLE entries; --", "x" * 5000]


@pytest.mark.parametrize("key", KEYS)
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


def test_hash_of_redis_is_counted_and_does_not_see_another(redis_url: str) -> None:
    server = Server(redis_url)
    one, other = Redis(server, "one"), Redis(server, "other")
    one.put((f"{n}", b"1") for n in range(600))
    other.put([("0", b"2")])
    assert (one.count(), other.count(), other.get("1")) == (600, 1, None)


def test_entries_of_a_file_come_out_as_they_were_put(tmp_path: Path) -> None:
    store = Embedded(tmp_path / "store.sqlite", writable=True)
    entries = {"a": b"1", "\ud800": b"", "": b"3"}
    store.put(entries.items())
    assert dict(store.items()) == entries
    store.close()


def test_server_that_is_away_is_a_store_error() -> None:
    with pytest.raises(Unreachable):
        Redis(Server("redis://127.0.0.1:1/0"), "name").get("a")


def test_address_of_no_server_is_a_users_mistake() -> None:
    with pytest.raises(UserMistake, match="not the address of a Redis server"):
        Server("http://127.0.0.1")


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
    path.write_bytes(
        {"cut": whole[:100_000], "zeros": bytes(len(whole)), "text": b"no store" * 9000}[spoil]
    )
    with pytest.raises(StoreError):
        store = Embedded(path)
        for n in range(50):
            store.get(f"{n}")
