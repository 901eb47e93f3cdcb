"""Landed files: found, named, hashed and cut into chunks, all before anything is read into a table.
No Spark here.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from conf.errors import Retryable, UserMistake
from conf.landing import FORMATS, landed_tables
from conf.settings import load_settings
from conf.sources import dataset
from features.sources.layout import Chunk, Layout
from jobs.io.landing import parquet_files, text_files
from jobs.io.landing.wheels import fetch_wheel_files
from jobs.io.tables import arrow as arrow_tables

REQUIRED = ("events", "titles")
Layouts = Callable[[str], Layout]
IGNORED = ("_", ".")  # what Spark and others leave beside their part files begins so


@dataclass(frozen=True)
class Landing:
    """One file to land: its table, its name as people know it, its sha256, and its chunks."""

    table: str
    file: str
    landing_id: str
    chunks: tuple[Chunk, ...]
    ignored: tuple[str, ...]  # columns that the contract does not know


def of_dataset(
    name: str, folder: str | None, layouts: Layouts, say: Callable[[str], None]
) -> list[Landing]:
    """The landings of a data set; `folder` is for the data set `files` and for no other."""
    wheel = dataset(name).wheel
    if wheel and folder:
        raise UserMistake(
            f"--input {folder}: the data set {name} comes from its wheel; use --dataset files"
        )
    if wheel:
        paths = fetch_wheel_files(wheel, load_settings(), say)
        files_by_table = dataset(name).files or {}
        files = [(table, file, paths[file]) for table, file in files_by_table.items()]
    elif folder:
        files = in_folder(Path(folder))
    else:
        raise UserMistake(
            "--dataset files needs --input DIR, a directory that holds events and titles"
        )
    to_land = list(landings(files, layouts))
    _require(to_land, folder or name)
    return to_land


def _require(to_land: list[Landing], where: str) -> None:
    """Events and titles have to be there, with records, unless they were landed before."""
    for table in REQUIRED:
        of_table = [landing for landing in to_land if landing.table == table]
        if any(landing.chunks for landing in of_table) or arrow_tables.has_rows(table):
            continue
        if of_table:
            raise UserMistake(f"{of_table[0].file}: has a header and no record")
        raise UserMistake(
            f"input {where}: has no {table}; give {table}.csv, {table}.jsonl or {table}.parquet"
        )


def landings(files: list[tuple[str, str, Path]], layouts: Layouts) -> Iterator[Landing]:
    """The files as landings, each checked as a whole; a file whose bytes another one has is landed
    once.

    `files` holds (table, file name, path). The first file that cannot be landed is the user's
    mistake.
    """
    contents: set[tuple[str, str]] = set()
    for table, file, path in files:
        cut = parquet_files.cut if path.suffix == ".parquet" else text_files.cut
        chunks, ignored, landing_id = cut(table, file, path, layouts(table))
        if (table, landing_id) not in contents:
            contents.add((table, landing_id))
            yield Landing(table, file, landing_id, chunks, ignored)


def in_folder(folder: Path) -> list[tuple[str, str, Path]]:
    """The files of a directory of the landing contract, as (table, file name, path), in a fixed
    order.
    """
    if not folder.exists():
        raise UserMistake(f"input {folder}: there is no such directory")
    if not folder.is_dir():
        raise UserMistake(
            f"input {folder}: is a file; give the directory that holds events and titles"
        )
    return [entry for table in landed_tables() for entry in _of_table(folder, table)]


def strangers(folder: Path) -> list[str]:
    """Names in the directory that no table is made of, so that a misspelt one does not go
    unnoticed.
    """
    expected: set[str] = set()
    for table in landed_tables():
        expected |= {table, *(f"{table}.{kind}" for kind in FORMATS)}
    names = [path.name for path in folder.iterdir() if not path.name.startswith(IGNORED)]
    return sorted(name for name in names if name not in expected)


def _of_table(folder: Path, table: str) -> list[tuple[str, str, Path]]:
    names = [f"{table}.{kind}" for kind in FORMATS] + [table]
    paths = [folder / name for name in names if (folder / name).exists()]
    if len(paths) > 1:
        both = " and ".join(path.name for path in paths)
        raise UserMistake(f"input {folder}: has {both}; keep one file or one directory for {table}")
    if not paths:
        return []
    path = paths[0]
    if path.suffix and path.is_dir():  # Spark and others write a directory named like a file
        raise UserMistake(
            f"{path.name}: is a directory where a file is expected;"
            f" a directory of parts is named {table}"
        )
    return _parts(path, table) if path.is_dir() else [(table, path.name, _file(path))]


def _parts(folder: Path, table: str) -> list[tuple[str, str, Path]]:
    parts = sorted(path for path in folder.iterdir() if not path.name.startswith(IGNORED))
    kinds = {part.suffix.removeprefix(".") for part in parts}
    if len(kinds) != 1 or not kinds <= set(FORMATS):
        some_names = sorted(part.name for part in parts)[:3]
        raise UserMistake(
            f"{table}/: holds {', '.join(some_names) or 'no file'};"
            f" a directory of parts holds files of one format, one of {', '.join(FORMATS)}"
        )
    return [(table, f"{table}/{part.name}", _file(part)) for part in parts]


def _file(path: Path) -> Path:
    if not path.is_file():
        raise UserMistake(f"{path.name}: is not a file")
    return path


def refuse_changed(to_land: Sequence[Landing]) -> None:
    """Refuse files that are no longer those that were hashed: what was read may be something else.

    Raises:
        Retryable: a file is still being written; nothing was landed.
    """
    for landing in to_land:
        for path in {chunk.path for chunk in landing.chunks}:
            if _sha256(Path(path)) != landing.landing_id:
                raise Retryable(
                    f"{landing.file}: changed while it was read; nothing was landed,"
                    f" land it again when it is written to its end"
                )


def _sha256(path: Path) -> str:
    """The sha256 of a file, "" where it is gone."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
