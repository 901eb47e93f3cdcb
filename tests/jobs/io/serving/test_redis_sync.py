"""A Redis server gets what the folder of a home has, whatever happened to it before."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.rollback import rollback
from conf.errors import Retryable
from conf.nearline import nearline_settings
from jobs.io.serving import redis_sync, releases
from jobs.io.serving.backends import CURRENT, LAYERS, RELEASES, Folder, Remote, name_of
from jobs.io.serving.kv import Redis, Server
from jobs.io.serving.reader import Reader
from jobs.serve_pages import serve_pages
from tests import published
from tests.published import NAMES, NOW, UNTIL

LATER = UNTIL + timedelta(minutes=10)


@pytest.fixture
def url(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server with nothing in it, which releases are sent to."""
    Server(redis_url).ask("FLUSHALL")
    monkeypatch.setenv("FRONTROW_REDIS", redis_url)
    yield redis_url


def titles(where: Path | str, name: str = "bob", at=LATER) -> set[str]:
    return set(Reader(where).read(name, at).rows["row_title"].to_pylist())


def layer_keys(url: str) -> set[str]:
    return {key.decode() for key in Server(url).ask("KEYS", "frontrow:layer:*")}


def used_keys(root: Path) -> set[str]:
    """The layers of the kept releases that have entries: Redis keeps no empty hash."""
    layers = [
        layer for release in releases.kept_releases(root) for layer in release.layers.values()
    ]
    return {name_of(layer) for layer in layers if layer.entries}


def test_page_is_the_same_out_of_the_server(root: Path, url: str) -> None:
    assert serve_pages(UNTIL).endswith("; layers sent to Redis: 7"), "one of the eight is empty"
    here, there = Reader(root.parent), Reader(url)
    for name in [*NAMES, "nobody"]:
        local, remote = here.read(name, NOW), there.read(name, NOW)
        assert (
            local.rows.equals(remote.rows)
            and local.settings == remote.settings
            and local.causes == remote.causes
        )
        assert (local.level, local.release) == (remote.level, remote.release)
    assert here.catalogue["titles"].equals(there.catalogue["titles"])
    there.close()


def test_only_what_changed_is_sent_and_what_is_old_goes(root: Path, lake: Path, url: str) -> None:
    serve_pages(UNTIL)
    assert serve_pages(UNTIL).endswith("; layers sent to Redis: 0")
    for minutes in (10, 20, 30):
        published.update(lake, UNTIL + timedelta(minutes=minutes), "bob", title=f"After {minutes}")
        assert serve_pages(UNTIL + timedelta(minutes=minutes)).endswith("; layers sent to Redis: 1")
    assert Remote(Server(url)).kept_releases() == releases.kept_releases(root)
    assert len(releases.kept_releases(root)) == nearline_settings().kept_releases
    assert layer_keys(url) == used_keys(root)


def test_reader_sees_the_new_release_when_it_looks_again(root: Path, lake: Path, url: str) -> None:
    serve_pages(UNTIL)
    some = Reader(url)
    published.update(lake, LATER, "bob", title="Later")
    serve_pages(LATER)
    assert some.read("bob", LATER).level == "base" and not some.causes
    assert some.reload() and some.read("bob", LATER).level == "fresh"


def test_rollback_holds_for_the_server_too(root: Path, lake: Path, url: str) -> None:
    serve_pages(UNTIL)
    published.update(lake, LATER, "bob", title="Bad")
    serve_pages(LATER)
    assert titles(url) == {"Bad"}
    CliRunner().invoke(rollback, catch_exceptions=False)
    assert titles(url) == titles(root.parent) and "Bad" not in titles(url)


@pytest.mark.parametrize("word", ["HSET", "SET"])
def test_killed_before_it_serves_leaves_the_old_release(
    root: Path, lake: Path, url: str, monkeypatch, word
) -> None:
    """What was half sent is seen by nobody, and completed by the next run."""
    serve_pages(UNTIL)
    published.update(lake, LATER, "bob", title="Later")
    ask = Server.ask

    def killed(self: Server, *words: str) -> object:
        if words[0] == word:
            raise KeyboardInterrupt
        return ask(self, *words)

    with monkeypatch.context() as crash:
        crash.setattr(Server, "ask", killed)
        with pytest.raises(KeyboardInterrupt):
            serve_pages(LATER)
    assert titles(root.parent) == {"Later"} and "Later" not in titles(url)
    serve_pages(LATER)
    assert titles(url) == {"Later"} and layer_keys(url) == used_keys(root)


def test_layer_that_was_cut_short_serves_one_level_down_until_it_is_completed(
    root: Path, url: str
) -> None:
    serve_pages(UNTIL)
    base = name_of(releases.kept_releases(root)[0].layers["base"])
    Server(url).ask("HDEL", base, "bob")
    some = Reader(url)
    assert some.read("bob", NOW).level == "yesterday" and some.causes["base: half-written"] == 1
    serve_pages(UNTIL)
    assert Reader(url).read("bob", NOW).level == "base"


def test_layer_that_was_evicted_is_sent_again(root: Path, url: str) -> None:
    serve_pages(UNTIL)
    Server(url).ask("DEL", name_of(releases.kept_releases(root)[0].layers["base"]))
    some = Reader(url)
    assert some.read("bob", NOW).level == "yesterday" and some.causes["base: missing"] == 1
    assert serve_pages(UNTIL).endswith("; layers sent to Redis: 1")


def test_changed_value_is_refused(root: Path, url: str) -> None:
    serve_pages(UNTIL)
    base = name_of(releases.kept_releases(root)[0].layers["base"])
    Server(url).ask("HSET", base, "bob", b"no page")
    assert Reader(url).read("bob", NOW).causes == ("base: damaged value",)


def test_server_that_lost_everything_is_filled_again(root: Path, url: str) -> None:
    serve_pages(UNTIL)
    Server(url).ask("FLUSHALL")
    assert Reader(url).read("bob", NOW).level == "static"
    assert serve_pages(UNTIL).endswith("; layers sent to Redis: 7"), "one of the eight is empty"
    assert titles(url) == titles(root.parent)


def test_leftovers_of_others_are_removed_and_foreign_keys_are_not(root: Path, url: str) -> None:
    server = Server(url)
    server.ask("SADD", LAYERS, "frontrow:layer:old")
    server.ask("HSET", "frontrow:layer:old", "a", "b")
    server.ask("HSET", RELEASES, "nonsense", "{")
    server.ask("SET", "another's", "key")
    serve_pages(UNTIL)
    assert layer_keys(url) == used_keys(root) and server.ask("GET", "another's") == b"key"
    assert json.loads(server.ask("HGET", RELEASES, releases.serving_id(root)))["base_ds"] == str(
        published.DAY
    )


def test_kept_release_with_a_damaged_file_does_not_stop_the_others(
    root: Path, lake: Path, url: str
) -> None:
    serve_pages(UNTIL)
    first = releases.serving_id(root) or ""
    Server(url).ask("FLUSHALL")
    path = releases.store_path(root, first, "fresh")
    path.write_bytes(path.read_bytes()[:100])
    published.update(lake, LATER, "bob", title="Later")
    serve_pages(LATER)
    assert titles(url) == {"Later"}
    assert [release.release_id for release in Remote(Server(url)).kept_releases()] == [
        releases.serving_id(root)
    ]


def test_server_that_is_away_is_tried_again_and_the_folder_serves(root: Path, monkeypatch) -> None:
    monkeypatch.setenv("FRONTROW_REDIS", "redis://127.0.0.1:1/0")
    with pytest.raises(Retryable, match="FRONTROW_REDIS does not answer") as error:
        serve_pages(UNTIL)
    assert "\n" not in str(error.value) and Reader(root.parent).read("bob", NOW).level == "base"
    page = Reader("redis://127.0.0.1:1/0").read("bob", NOW)
    assert (page.level, page.rows.num_rows) == ("static", 0)


def test_server_that_goes_away_while_pages_are_read_gives_the_static_page(
    root: Path, url: str, monkeypatch
) -> None:
    serve_pages(UNTIL)
    some = Reader(url)
    monkeypatch.setattr(Server, "ask", Server("redis://127.0.0.1:1/0").ask)
    page = some.read("bob", NOW)
    assert (
        page.level == "static" and page.rows.num_rows and page.causes[0] == "changes: unreachable"
    )


def test_key_of_another_kind_is_no_stack_trace(root: Path, url: str) -> None:
    Server(url).ask("SET", RELEASES, "text")
    with pytest.raises(Retryable, match="WRONGTYPE"):
        redis_sync.mirrored(_released(root), url)


def _released(root: Path) -> Path:
    with pytest.raises(Retryable):
        serve_pages(UNTIL)
    return root


def test_pointer_says_what_the_folder_says(root: Path, url: str) -> None:
    serve_pages(UNTIL)
    remote, serves = Remote(Server(url)), releases.serving_id(root) or ""
    assert (
        remote.serving_id()
        == Folder(root).serving_id()
        == Server(url).ask("GET", CURRENT).decode()
        == serves
    )
    assert (
        remote.manifest(serves) == releases.kept_releases(root)[0]
        and remote.manifest("another") is None
    )
    assert Redis(remote.server, "frontrow:nothing").count() == 0
