"""Releases: what pages are read from, each in a folder of its own that is complete or not seen.

A release has a store for each of LAYERS. It is written into a folder that nobody looks at, which
then gets its name; only then the file CURRENT, which says which release serves, is replaced. A
layer whose content is that of an older one is a hard link to it and costs nothing.
"""

# Tested by tests/jobs/test_serve_pages.py.

import contextlib
import fcntl
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from conf.alarms import alarm_settings
from conf.errors import Retryable
from conf.settings import Frozen
from jobs.io.serving.kv import Embedded, Store

# four levels of pages and the page for everybody; settings of profiles, what was learned of them
# since; the catalogue
LAYERS = ("fresh", "base", "yesterday", "popular", "static", "settings", "changes", "catalogue")
FORMAT = 2  # of the values in the stores; layers of another one are not linked
CURRENT = "CURRENT"
HOLD = "HOLD"  # while there is this file, no release with other pages serves
MANIFEST = "release.json"
MAKING = ".making-"


class Layer(Frozen):
    """One store of a release. Equal `identity` is equal content; `facts` are what its making found
    out.
    """

    identity: str
    size: int
    entries: int
    facts: dict[str, int]


class Wait(Frozen):
    """How long settings of profiles waited from their landing to the first release that has them."""

    records: int
    seconds: float


class Release(Frozen):
    """What a release is made of, as its manifest says; `base_ds` is the run date of its pages.

    Windows and updates are of the instant `until`; what is known of profiles and titles, that was
    known at `known_by`, as it was made.
    """

    release_id: str
    until: datetime
    known_by: datetime | None = None  # of releases from before there was this: until
    made_at: datetime
    base_ds: date
    base_version: int
    layers: dict[str, Layer]
    of_changes: bool = False  # made of the one before for what was learned of profiles and titles
    log_end: datetime | None = None  # when the newest event was learned, as it was made
    landings_version: int | None = None  # of the table `landings` as it was made, -1 without one
    waits: tuple[Wait, ...] = ()  # of the settings that came with it


# puts the entries of a layer into its store; returns how many, and the facts of the layer
Fill = Callable[[Store], tuple[int, dict[str, int]]]


def folder_of(home: Path) -> Path:
    """Where the releases of a home are."""
    return home / "serving"


def store_path(root: Path, release_id: str, layer: str) -> Path:
    """The file of one layer of a release."""
    return root / release_id / f"{layer}.sqlite"


def serving_id(root: Path) -> str | None:
    """The id of the release that serves; None where nothing was released."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return (root / CURRENT).read_text(encoding="utf-8").strip() or None
    return None


def manifest(root: Path, release_id: str) -> Release | None:
    """What a release says of itself; None for one that is not there whole."""
    with contextlib.suppress(OSError, ValueError, ValidationError):
        release = Release.model_validate_json((root / release_id / MANIFEST).read_bytes())
        return release if release.release_id == release_id else None
    return None


def is_whole(root: Path, release: Release) -> bool:
    """Whether each store of a release is there with its size."""
    stores = release.layers.items()
    return all(_is_whole(store_path(root, release.release_id, name), of) for name, of in stores)


def latest(now: datetime) -> datetime:
    """The latest instant that a clock which is right may have told by now."""
    return now + timedelta(seconds=alarm_settings().ahead_seconds)


def is_ahead(release: Release, now: datetime) -> bool:
    """Whether a release was made, or is of a moment, that is still to come: a clock was wrong once."""
    return max(release.made_at, release.until) > latest(now)


def kept_releases(root: Path) -> list[Release]:
    """The releases that are there, newest first; half-written ones are not."""
    if not root.is_dir():
        return []
    names = [path.name for path in root.iterdir() if not path.name.startswith(".")]
    manifests = [manifest(root, name) for name in names]
    return newest_first([release for release in manifests if release])


def newest_first(releases: list[Release]) -> list[Release]:
    """Releases by when they were made."""
    return sorted(releases, key=lambda release: (release.made_at, release.release_id), reverse=True)


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """Only one run at a time makes releases or lets another one serve; the second is told to come
    again.
    """
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Retryable(
                f"another run is at work on the releases in {root}; run this again"
            ) from None
        yield


@contextlib.contextmanager
def making(root: Path) -> Iterator[Path]:
    """A folder for a release in the making; what earlier runs left is removed, and so is this one
    after a fault.
    """
    for leftover in root.glob(f"{MAKING}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder = root / f"{MAKING}{uuid.uuid4().hex[:12]}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def layer(root: Path, folder: Path, name: str, identity: str, fill: Fill) -> tuple[Layer, bool]:
    """A layer of the release in the making, and whether it had to be made; else it is linked."""
    path = folder / f"{name}.sqlite"
    identity = f"{FORMAT} {identity}"
    for release in kept_releases(root):
        for other, record in release.layers.items():
            source = store_path(root, release.release_id, other)
            if record.identity == identity and _is_whole(source, record):
                _link(source, path)
                return record, False
    store = Embedded(path, writable=True)
    try:
        entries, facts = fill(store)
    finally:
        store.close()
    _to_disk(path)
    return Layer(identity=identity, size=path.stat().st_size, entries=entries, facts=facts), True


def linked(root: Path, folder: Path, release: Release, name: str) -> Layer:
    """A layer of another release, as it is, in the release in the making."""
    _link(store_path(root, release.release_id, name), folder / f"{name}.sqlite")
    return release.layers[name]


def _is_whole(path: Path, record: Layer) -> bool:
    return path.is_file() and path.stat().st_size == record.size


def _link(source: Path, path: Path) -> None:
    try:
        os.link(source, path)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, path)


def put_in_place(root: Path, folder: Path, release: Release) -> None:
    """Give the finished folder its name: from now on it is there, though it does not serve yet."""
    (folder / MANIFEST).write_text(release.model_dump_json(indent=1) + "\n", encoding="utf-8")
    _to_disk(folder / MANIFEST)
    _to_disk(folder)
    folder.rename(root / release.release_id)


def flip(root: Path, release_id: str, instead_of: str | None = None) -> None:
    """Let a release serve, by one atomic replacement; readers see it when they reload.

    With `instead_of` only where that one serves still.

    Raises:
        Retryable: another run let another one serve since this one looked.
    """
    if instead_of is not None and serving_id(root) != instead_of:
        raise Retryable(
            f"another release serves than {instead_of}, which this run began with;"
            f" nothing was changed, run this again"
        )
    beside = root / f".{CURRENT}-{uuid.uuid4().hex[:12]}"
    beside.write_text(release_id + "\n", encoding="utf-8")
    _to_disk(beside)
    beside.replace(root / CURRENT)
    _to_disk(root)


def hold(root: Path, release_id: str) -> None:
    """Keep the pages of a release in front until the hold is lifted, whatever is built."""
    (root / HOLD).write_text(release_id + "\n", encoding="utf-8")
    _to_disk(root / HOLD)


def is_held(root: Path) -> bool:
    """Whether the pages that serve are to stay."""
    return (root / HOLD).exists()


def lift(root: Path) -> bool:
    """Let releases with other pages serve again; whether they could not."""
    was_held = is_held(root)
    (root / HOLD).unlink(missing_ok=True)
    return was_held


def withdraw(root: Path, since: datetime) -> list[str]:
    """Remove the releases made since an instant, but the one that serves: none of them shall ever
    stand in for another.
    """
    serving = serving_id(root)
    names = [
        release.release_id
        for release in kept_releases(root)
        if release.made_at >= since and release.release_id != serving
    ]
    for name in names:
        _remove(root, name)
    return names


def forget_old(root: Path, count: int, changes_count: int) -> list[str]:
    """Remove all but the newest `count` releases, the one that serves among them, and of those of
    changes made since the oldest of these the newest `changes_count`.
    """
    serving = serving_id(root)
    # stable: the one that serves first, then the newest
    kept = sorted(kept_releases(root), key=lambda release: release.release_id != serving)
    whole_count, of_changes_count, names = 0, 0, []
    for release in kept:
        if release.of_changes:
            of_changes_count += 1
            is_old = of_changes_count > changes_count or whole_count >= count
        else:
            whole_count += 1
            is_old = whole_count > count
        if is_old and release.release_id != serving:
            names.append(release.release_id)
    for name in names:
        _remove(root, name)
    return names


def _remove(root: Path, name: str) -> None:
    hidden = root / f"{MAKING}{name}"
    (root / name).rename(hidden)  # first out of sight, so that it is never seen half
    shutil.rmtree(hidden, ignore_errors=True)


def release_id_at(made_at: datetime) -> str:
    """A name for a release that sorts by when it was made."""
    return f"{made_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{uuid.uuid4().hex[:6]}"


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
