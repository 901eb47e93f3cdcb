"""Erase profiles: tombstones first, then tables, releases and all other files, then proof.

Every step may be repeated: a run that was cut short is finished by running it again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from conf.errors import FrontrowError
from conf.places import local_folder
from conf.settings import Settings, load_settings
from jobs.io.erasure.scan import Ids, is_in_file, traces
from jobs.io.erasure.tables import KEY, erase_from_table, resume
from jobs.io.erasure.tombstones import add_tombstones, path_of_tombstones
from jobs.io.published.receipts import BEFORE_ALL
from jobs.io.serving import releases
from jobs.io.serving.redis_sync import mirrored
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.local_files import forget_checksum

BY_LINE = {".jsonl", ".csv", ".log", ".txt", ".tsv"}
MADE_AGAIN = {".html", ".json", ".md", ".png", ".svg", ".js", ".parquet"}  # reports, Data Docs
Say = Callable[[str], None]


@dataclass
class Erasure:
    """What was erased, and where something is left: rows by table, files, and traces."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    release: str = ""
    traces: list[str] = field(default_factory=list)


def erase(
    profile_ids: Iterable[str], serve: Callable[[], str], say: Say = lambda _: None
) -> Erasure:
    """Erase profiles from everything under the tables' root and FRONTROW_HOME.

    `serve` makes a release of what is published. No other run may write meanwhile: earlier versions
    of the tables that had the profiles are gone afterwards. `traces` is empty where nothing is left.
    """
    ids, settings, erasure = Ids(profile_ids), load_settings(), Erasure()
    path_of_tombstones()  # refuses an object store before anything is changed
    resume()
    add_tombstones(ids.ids)
    for name in arrow_tables.written_tables():
        erasure.rows[name] = erase_from_table(name, ids)
        if erasure.rows[name]:
            say(f"{name}: {erasure.rows[name]} rows")
    erasure.release = _releases_without(settings, serve)
    for path in list(traces([settings.home_path], ids)):
        if not _is_table(path, settings):
            erasure.files += _clean(path, ids)
    say("looking through every byte")
    erasure.traces = [str(path) for path in traces(_roots(settings), ids)]
    return erasure


def _roots(settings: Settings) -> list[Path]:
    tables = Path(local_folder(settings.tables_root) or settings.home)
    return [root for root in {settings.home_path, tables} if root.exists()]


def _is_table(path: Path, settings: Settings) -> bool:
    root = local_folder(settings.tables_root)
    return root is not None and path.is_relative_to(root)


def _releases_without(settings: Settings, serve: Callable[[], str]) -> str:
    """A release of what is published now, and no other one; none at all where none can be made."""
    root = releases.folder_of(settings.home_path)
    if not releases.kept_releases(root):
        return ""
    try:
        line = serve()
    except FrontrowError as error:
        line = f"no release could be made: {error}"
        (root / releases.CURRENT).unlink(missing_ok=True)
    releases.withdraw(root, BEFORE_ALL)
    if settings.redis:
        mirrored(root, settings.redis)
    return line


def _clean(path: Path, ids: Ids) -> int:
    """Take profiles out of a file, or the file away where it can be made again; 1 where that was
    done.
    """
    if path.suffix == ".parquet" and KEY in pq.read_schema(path).names:
        rows = pq.read_table(path)
        others = pc.invert(pc.is_in(rows[KEY], pa.array(sorted(ids.ids))))
        partial = path.with_suffix(".partial")
        pq.write_table(rows.filter(others), partial)
        partial.replace(path)
    elif path.suffix in BY_LINE:
        lines = path.read_bytes().splitlines(keepends=True)
        partial = path.with_name(f".{path.name}.partial")
        partial.write_bytes(b"".join(line for line in lines if not ids.are_in(line)))
        partial.replace(path)
    if path.suffix in MADE_AGAIN and path.exists() and is_in_file(path, ids):
        path.unlink()
    if path.suffix not in BY_LINE | MADE_AGAIN:
        return 0
    forget_checksum(path)
    return 1
