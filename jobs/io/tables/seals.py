"""Seals: beside the tables, what every commit was, so that a reader notices what was lost since.

Delta reads on without a word where the last entry of a log is gone or empty, and Parquet where a bit
of a page is another one. After each commit its writer adds a line to `_seals/<table>.jsonl`: the
sha256 of the log's entry, the entry itself, and of each file that it added the size and sha256. The
lines are a chain: each begins with a sha256 over the one before and itself. A reader compares the log
and the files with it before it opens a table. A file whose time, size and inode are those of the
sealing is not read for it; any other one is, once in a process.

Only for tables in a folder of this machine. A commit that was killed before its seal is sealed by the
next one. Those who open a table by its path and not through `jobs.io.tables` do not look here.
"""

import base64
import fcntl
import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable

from conf.errors import Rejected
from jobs.io.tables import rights

SEALS = "_seals"
LOG = "_delta_log"
NO_LINE = ""


class Sealed(NamedTuple):
    """A file as it was when it was sealed; `stat` tells whether it was touched since."""

    size: int
    sha256: str
    stat: tuple[int, ...]


class Fault(NamedTuple):
    """What of a table is not as it was sealed; `version` is of the commit that wrote it."""

    table: str
    kind: str  # entry, file, checkpoint or seals
    path: str  # relative to the table
    what: str
    version: int = -1

    def __str__(self) -> str:
        """As people read it."""
        return f"table {self.table}: {self.path} {self.what}"


@dataclass
class Chain:
    """All seals of a table: files by path as of its newest version, and entries by version."""

    version: int = -1
    last: str = NO_LINE  # the sha256 that the newest line begins with
    entries: dict[int, Sealed] = field(default_factory=dict)
    commits: dict[int, str] = field(default_factory=dict)  # each entry's text, packed
    files: dict[str, tuple[int, Sealed]] = field(default_factory=dict)  # live: version, file
    removed: dict[str, tuple[int, int, Sealed]] = field(
        default_factory=dict
    )  # added, removed, file
    checkpoints: dict[str, Sealed] = field(default_factory=dict)
    end: int = 0  # bytes of the file up to the end of its last whole line
    broken: str = ""

    def live_at(self, version: int | None) -> dict[str, tuple[int, Sealed]]:
        """The files of a version, of those that are known."""
        if version is None or version >= self.version:
            return self.files
        found = {path: known for path, known in self.files.items() if known[0] <= version}
        for path, (added, until, sealed) in self.removed.items():
            if added <= version < until:
                found[path] = (added, sealed)
        return found

    def entry(self, version: int) -> bytes:
        """The entry of the log for a version, byte by byte."""
        return zlib.decompress(base64.b64decode(self.commits[version]))


_chains: dict[Path, tuple[tuple[int, ...], Chain]] = {}
_verified: set[tuple[str, tuple[int, ...], str]] = set()


folder_of = rights.folder_of


def path_of(folder: Path) -> Path:
    """The file of a table's seals, beside the tables."""
    return folder.parent / SEALS / f"{folder.name}.jsonl"


def seal(name: str) -> None:
    """Seal all commits of a table that are not sealed yet. Called after each commit."""
    folder = folder_of(name)
    if folder is None or not (folder / LOG).is_dir():
        return
    path = path_of(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        chain = chain_of(folder)
        if chain.broken:
            return  # readers refuse the table; frontrow doctor begins its seals anew
        versions = sorted(version for version in _entries(folder) if version > chain.version)
        lines: list[str] = []
        last = chain.last
        for version in versions:
            payload = json.dumps(
                _sealed(folder, version, chain, not (chain.entries or lines)), separators=(",", ":")
            )
            last = hashlib.sha256((last + payload).encode()).hexdigest()
            lines.append(f"{last} {payload}\n")
        if lines:
            with path.open("r+b" if path.exists() else "wb") as stream:
                stream.truncate(chain.end)  # a line that was cut short
                stream.seek(chain.end)
                stream.write("".join(lines).encode())
                stream.flush()
                os.fsync(stream.fileno())


def begin_anew(name: str) -> None:
    """Forget the seals of a table and seal it as it stands: after a repair, or after erasure changed
    entries that are sealed.
    """
    folder = folder_of(name)
    if folder is not None:
        path_of(folder).unlink(missing_ok=True)
        seal(name)


def check(name: str, version: int | None = None) -> None:
    """Refuse a table that is not as it was sealed, at its newest version or at another one (Rejected),
    and one that this user may not read (UserMistake).
    """
    found = faults(name, version)
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise Rejected(f"{found[0]}{more}; `frontrow doctor` explains it and repairs what it can")


def faults(name: str, version: int | None = None, read_all: bool = False) -> list[Fault]:
    """What of a table is not as it was sealed. `read_all` reads every file, touched or not.

    Raises UserMistake where this user may not read it.
    """
    rights.refuse_unreadable(name)
    folder = folder_of(name)
    if folder is None or not path_of(folder).exists():
        return []
    chain = chain_of(folder)
    if chain.broken:
        return [Fault(name, "seals", f"{SEALS}/{folder.name}.jsonl", chain.broken)]
    found = list(_faults_of_log(name, folder, chain))
    for path, (added, sealed) in chain.live_at(version).items():
        if version is not None and not (folder / path).exists():
            continue  # removed by upkeep, as those of earlier versions are
        what = _difference(f"{folder}/{path}", sealed, read_all)
        if what:
            found.append(Fault(name, "file", path, what, added))
    gone = _removed_since(folder, chain) if found else set()
    return [fault for fault in found if fault.path not in gone]


def _faults_of_log(name: str, folder: Path, chain: Chain) -> Iterator[Fault]:
    """Entries and checkpoints that are not as sealed; those before a checkpoint may be gone."""
    kept = [path for path in chain.checkpoints if (folder / LOG / path).exists()]
    for path in kept:
        what = _difference(f"{folder}/{LOG}/{path}", chain.checkpoints[path], False)
        if what:
            yield Fault(name, "checkpoint", f"{LOG}/{path}", what, int(path[:20]))
    first = max((int(path[:20]) + 1 for path in kept), default=0)
    for version, sealed in chain.entries.items():
        name_of_entry = f"{version:020d}.json"
        place = f"{folder}/{LOG}/{name_of_entry}"
        if version < first and not Path(place).exists():
            continue
        what = _difference(place, sealed, False)
        if what:
            what += f", so that what version {version} says is lost" if version >= first else ""
            yield Fault(name, "entry", f"{LOG}/{name_of_entry}", what, version)


def _removed_since(folder: Path, chain: Chain) -> set[str]:
    """The files that commits removed which nobody sealed yet."""
    gone = set()
    for version in _entries(folder):
        if version > chain.version:
            actions = map(json.loads, _entry(folder, version).read_bytes().splitlines())
            gone |= {unquote(each["remove"]["path"]) for each in actions if "remove" in each}
    return gone


def _difference(path: str, sealed: Sealed, read_all: bool) -> str:
    """What is different about a file since it was sealed, "" if nothing."""
    try:
        now = _stat(path)
    except FileNotFoundError:
        return "is missing"
    if now[0] != sealed.size:
        return f"has {now[0]} bytes and not the {sealed.size} that were sealed"
    key = (path, now, sealed.sha256)
    if not read_all and (now == sealed.stat or key in _verified):
        return ""
    if sha256_of(Path(path)) != sealed.sha256:
        return "has other bytes than those that were sealed"
    _verified.add(key)
    return ""


def chain_of(folder: Path) -> Chain:
    """The seals of a table, read again only where they changed."""
    path = path_of(folder)
    try:
        status = _stat(path)
    except FileNotFoundError:
        return Chain()
    known = _chains.get(path)
    if known is None or known[0] != status:
        _chains[path] = (status, _read(path.read_bytes()))
    return _chains[path][1]


def _read(data: bytes) -> Chain:
    chain = Chain()
    lines = data.split(b"\n")
    for number, line in enumerate(lines[:-1], 1):
        digest, _, payload = line.partition(b" ")
        if hashlib.sha256(chain.last.encode() + payload).hexdigest() != digest.decode("latin-1"):
            chain.broken = f"is damaged at line {number}"
            return chain
        _add(chain, json.loads(payload))
        chain.last = digest.decode()
        chain.end += len(line) + 1
    return chain  # what follows the last line end was cut short and never held


def _add(chain: Chain, line: dict[str, Any]) -> None:
    version = line["version"]
    chain.version = version
    chain.entries[version] = _sealed_from(line["entry"])
    chain.commits[version] = line["commit"]
    for path in line["removed"]:
        known = chain.files.pop(path, None)
        if known:
            chain.removed[path] = (known[0], version, known[1])
    for path, values in line["added"].items():
        chain.files[path] = (version, _sealed_from(values))
    for path, values in line["checkpoints"].items():
        chain.checkpoints[path] = _sealed_from(values)


def _sealed_from(values: Sequence[Any]) -> Sealed:
    return Sealed(values[0], values[1], tuple(values[2]))


def _sealed(folder: Path, version: int, chain: Chain, is_first: bool) -> dict[str, Any]:
    """What a seal says of a version."""
    place = _entry(folder, version)
    text = place.read_bytes()
    added: dict[str, Any] = {}
    removed: list[str] = []
    for action in map(json.loads, text.splitlines()):
        if "add" in action:
            path = unquote(action["add"]["path"])
            tags = action["add"].get("tags") or {}
            if (folder / path).exists():  # what upkeep removed since needs no seal
                added[path] = sealed_now(folder / path, tags.get("sha256", ""))
        elif "remove" in action:
            removed.append(unquote(action["remove"]["path"]))
    if is_first and version:
        added = _live(folder, version)  # the log begins with a checkpoint
    checkpoints = {
        path.name: sealed_now(path)
        for path in (folder / LOG).glob("*.checkpoint*.parquet")
        if path.name not in chain.checkpoints and int(path.name[:20]) <= version
    }
    chain.checkpoints.update({name: _sealed_from(values) for name, values in checkpoints.items()})
    return {
        "version": version,
        "entry": sealed_now(place),
        "commit": base64.b64encode(zlib.compress(text)).decode(),
        "added": added,
        "removed": removed,
        "checkpoints": checkpoints,
    }


def _live(folder: Path, version: int) -> dict[str, Any]:
    """All files of a version, of a table whose first entries are gone."""
    files = DeltaTable(str(folder), version=version).get_add_actions(flatten=True)
    paths = pa.table(files)["path"].to_pylist()
    return {path: sealed_now(folder / path) for path in paths if (folder / path).exists()}


def sealed_now(path: Path, sha256: str = "") -> Sealed:
    """A file as it is; its sha256 is computed unless its writer noted it."""
    status = _stat(path)
    return Sealed(status[0], sha256 or sha256_of(path), status)


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _stat(path: Path | str) -> tuple[int, ...]:
    status = os.stat(path)  # noqa: PTH116 - thousands of files, and a Path for each costs more
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _entry(folder: Path, version: int) -> Path:
    return folder / LOG / f"{version:020d}.json"


def _entries(folder: Path) -> list[int]:
    """The versions whose entries are in the log."""
    names = (path.name for path in (folder / LOG).glob("*.json"))
    return [int(name[:20]) for name in names if len(name) == 25 and name[:20].isdigit()]
