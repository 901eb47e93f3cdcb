"""Releases for readers on other machines: a Redis server is made to have what the folder of a home
has.
"""

import contextlib
from pathlib import Path

from conf.errors import Retryable
from jobs.io.serving.backends import CURRENT, LAYERS, RELEASES, Folder, Remote, name_of
from jobs.io.serving.kv import HalfWritten, Missing, Redis, Server, StoreError, Unreachable
from jobs.io.serving.releases import Release

PATIENCE_S = 10.0  # nobody waits for a page meanwhile


def mirrored(root: Path, url: str) -> int:
    """Send what the server has not, let the release serve that serves here, and remove what is no
    longer kept.

    Says how many layers were sent. Readers see a release only when it is there whole. Run again
    after any fault, also of a server that lost everything; one that does not answer raises
    Retryable, and the folder serves all the same.
    """
    server = Server(url, PATIENCE_S)
    try:
        return _made_equal(Folder(root), Remote(server))
    except Unreachable as error:
        raise Retryable(
            f"the Redis server of FRONTROW_REDIS does not answer as it should: {error};"
            f" run it again"
        ) from None
    finally:
        server.close()


def _made_equal(here: Folder, there: Remote) -> int:
    sent_count = 0
    releases: list[Release] = []
    for release in here.kept_releases():
        try:
            sent_layers = [_sent(here, there, release, layer) for layer in release.layers]
        except Unreachable:
            raise
        except StoreError:  # its files are damaged: the others go without it
            continue
        sent_count += sum(sent_layers)
        there.server.ask("HSET", RELEASES, release.release_id, release.model_dump_json())
        releases.append(release)
    serves = here.serving_id() or ""
    if serves in {release.release_id for release in releases}:
        there.server.ask("SET", CURRENT, serves)
        _forget_others(there, releases)
    return sent_count


def _sent(here: Folder, there: Remote, release: Release, layer: str) -> bool:
    """Send a layer, unless it is there; an equal one that was cut short is completed."""
    with contextlib.suppress(Missing, HalfWritten):
        there.store(release, layer)
        return False
    name = name_of(release.layers[layer])
    there.server.ask("SADD", LAYERS, name)
    with contextlib.closing(here.store(release, layer)) as store:
        Redis(there.server, name).put(store.items())
    return True


def _forget_others(there: Remote, releases: list[Release]) -> None:
    """Remove what is of no release that is kept: manifests first, so that nobody finds one without
    its layers.
    """
    ids = {release.release_id for release in releases}
    used = {name_of(layer) for release in releases for layer in release.layers.values()}
    remote_ids = {release.release_id for release in there.kept_releases()}
    for name in remote_ids - ids:
        there.server.ask("HDEL", RELEASES, name)
    remote_layers = {key.decode() for key in there.server.ask("SMEMBERS", LAYERS)}
    for name in remote_layers - used:
        there.server.ask("UNLINK", name)
        there.server.ask("SREM", LAYERS, name)
