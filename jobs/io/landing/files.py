"""Landed files: found, named, hashed and cut into chunks, all before anything is read into a table.
No Spark here.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlparse

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from conf.contracts import columns
from conf.errors import Retryable, UserMistake
from conf.landing import file_columns, landed_tables
from conf.maps import FileMap, LandingMap, checked_zone, landing_map, map_names
from conf.settings import load_settings
from conf.sources import dataset
from features.sources.layout import Chunk, Layout
from jobs.io.landing import parquet_files, text_files
from jobs.io.landing.prepared import form, prepared, stem
from jobs.io.landing.wheels import fetch_wheel_files
from jobs.io.tables import arrow as arrow_tables

REQUIRED = ("events", "titles")
Layouts = Callable[[str], Layout]
Say = Callable[[str], None]
IGNORED = ("_", ".")  # what Spark and others leave beside their part files begins so
HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
ENDS = "events.csv, events.jsonl or events.parquet"


@dataclass(frozen=True)
class Landing:
    """One file to land: its table, its name as people know it, its sha256, and its chunks."""

    table: str
    file: str
    landing_id: str
    chunks: tuple[Chunk, ...]
    ignored: tuple[str, ...]  # columns that the contract does not know


class Reading(NamedTuple):
    """What is told of the files of a directory: the zone of instants that have none, and a map."""

    zone: str = ""
    map_name: str = ""


def reading(zone: str, map_name: str) -> Reading:
    """The same, as a command line tells it."""
    try:
        return Reading(checked_zone(zone), map_name)
    except ValueError as error:
        raise UserMistake(f"--zone: {error}") from None


class Found(NamedTuple):
    """A file that a map has found, and how it is read."""

    table: str
    file: str
    path: Path
    entry: FileMap


def of_dataset(
    name: str, folder: str | None, layouts: Layouts, say: Say, told: Reading | None = None
) -> list[Landing]:
    """The landings of a data set; `folder` is for the data set `files` and for no other."""
    told = told or Reading()
    wheel = dataset(name).wheel
    if wheel and folder:
        raise UserMistake(
            f"--input {folder}: the data set {name} comes from its wheel; use --dataset files"
        )
    if wheel:
        paths = fetch_wheel_files(wheel, load_settings(), say)
        files_by_table = dataset(name).files or {}
        files = [(table, file, paths[file]) for table, file in files_by_table.items()]
        to_land = list(landings(files, layouts))
    elif folder:
        to_land = _of_folder(Path(folder), layouts, say, told)
    else:
        raise UserMistake(
            "--dataset files needs --input DIR, a directory that holds events and titles"
        )
    _require(to_land, folder or name)
    return to_land


def _of_folder(folder: Path, layouts: Layouts, say: Say, reading: Reading) -> list[Landing]:
    """The landings of a directory: of the contract's own files, or as a map says."""
    if reading.map_name:
        found = mapped(folder, landing_map(reading.map_name))
        if not found:
            raise UserMistake(
                f"input {folder}: has none of the files of --map {reading.map_name};"
                f" it has {_some_names(folder)}"
            )
        return list(_mapped_landings(found, reading))
    files = in_folder(folder)
    if files:
        return list(landings(files, lambda table: replace(layouts(table), zone=reading.zone)))
    for name in map_names():
        found = mapped(folder, landing_map(name))
        if {file.table for file in found} >= set(REQUIRED):
            say(f"the files are read as --map {name}: {landing_map(name).about}")
            return list(_mapped_landings(found, reading))
    raise UserMistake(
        f"input {folder}: holds no table to land; give {ENDS}, and titles alike,"
        f" or say with --map how its files are read; it has {_some_names(folder)}"
    )


def _some_names(folder: Path) -> str:
    names = sorted(path.name for path in _directory(folder).iterdir())
    return ", ".join(names[:5]) + (" ..." if len(names) > 5 else "") or "no file"


def mapped(folder: Path, how: LandingMap) -> list[Found]:
    """The files of a directory by a map: of each table those of the first entry that has any."""
    present = sorted(path for path in _directory(folder).rglob("*") if _is_data(path, folder))
    found = []
    for table in sorted(how.tables, key=landed_tables().index):
        for entry in how.tables[table]:
            paths = [path for path in present if _fits(path.relative_to(folder), entry.file)]
            if paths:
                named = [(path.relative_to(folder).as_posix(), path) for path in paths]
                found += [Found(table, file, path, entry) for file, path in named]
                break
    return found


def _fits(path: Path, pattern: str) -> bool:
    unpacked = path.with_name(path.name.removesuffix(path.suffix))
    is_packed = bool((form(path) or ("", ""))[1])
    return fnmatch(str(path), pattern) or (is_packed and fnmatch(str(unpacked), pattern))


def _mapped_landings(found: list[Found], reading: Reading) -> Iterator[Landing]:
    by_file = {(x.table, x.file): x.entry for x in found}
    files = [(x.table, x.file, x.path) for x in found]
    yield from landings(files, lambda _: Layout(zone=reading.zone), by_file)


def _layout_of(entry: FileMap, zone: str) -> Layout:
    return Layout(
        delimiter=entry.delimiter,
        quoted=entry.quoted,
        columns=entry.columns,
        separator=entry.separator,
        names=entry.names,
        joined=entry.joined,
        constants=entry.constants,
        copies=entry.copies,
        missing=entry.missing,
        zone=entry.zone or zone,
        unit="" if entry.unit == "seconds" else entry.unit,
        decimal=entry.decimal,
        year_in_name=entry.year_in_name,
        article_last=entry.article_last,
    )


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


def landings(
    files: list[tuple[str, str, Path]],
    layouts: Layouts,
    entries: Mapping[tuple[str, str], FileMap] | None = None,
) -> Iterator[Landing]:
    """The files as landings, each checked as a whole; a file whose bytes another one has is landed
    once.

    `files` holds (table, file name, path), `entries` how those of a map are read. The first file
    that cannot be landed is the user's mistake.
    """
    contents: set[tuple[str, str]] = set()
    for table, file, path in files:
        layout, entry = layouts(table), (entries or {}).get((table, file))
        if entry:
            layout = _layout_of(entry, layout.zone)
        layout = replace(layout, constants={**layout.constants, **_of_path(table, file)})
        path, layout = prepared(table, file, path, layout, entry)
        cut = parquet_files.cut if form(path) == ("parquet", "") else text_files.cut
        chunks, ignored, landing_id = cut(table, file, path, layout)
        landing_id = _identity(landing_id, layout)
        chunks = tuple(replace(chunk, landing_id=landing_id) for chunk in chunks)
        if (table, landing_id) not in contents:
            contents.add((table, landing_id))
            yield Landing(table, file, landing_id, chunks, ignored)


def _of_path(table: str, file: str) -> dict[str, str]:
    """The values that folders of a partitioned table tell: events/country=US/part-0.parquet."""
    pairs = [part.split("=", 1) for part in file.split("/")[:-1] if "=" in part]
    return {
        name: unquote(value)
        for name, value in pairs
        if name in file_columns(table)
        and value != HIVE_NULL
        and columns()[name].type[:5] != "array"
    }


def _identity(sha256: str, layout: Layout) -> str:
    """What a file is known by: of two with the same bytes each may be of a country of its own."""
    if not layout.constants:
        return sha256
    text = "".join(f"\x1f{name}={value}" for name, value in sorted(layout.constants.items()))
    return hashlib.sha256(f"{sha256}{text}".encode()).hexdigest()


def in_folder(folder: Path) -> list[tuple[str, str, Path]]:
    """The files of a directory of the landing contract, as (table, file name, path), in a fixed
    order.
    """
    _directory(folder)
    return [entry for table in landed_tables() for entry in _of_table(folder, table)]


def _directory(folder: Path) -> Path:
    if not folder.exists():
        raise UserMistake(f"input {folder}: there is no such directory")
    if not folder.is_dir():
        raise UserMistake(
            f"input {folder}: is a file; give the directory that holds events and titles"
        )
    return folder


def strangers(folder: Path) -> list[str]:
    """Names in the directory that no table is made of, so that a misspelt one does not go
    unnoticed.
    """
    names = [path for path in folder.iterdir() if not path.name.startswith(IGNORED)]
    return sorted(path.name for path in names if not _is_of_a_table(path))


def _is_of_a_table(path: Path) -> bool:
    return path.name in landed_tables() or (
        form(path) is not None and stem(path) in landed_tables()
    )


def _of_table(folder: Path, table: str) -> list[tuple[str, str, Path]]:
    paths = sorted(p for p in folder.iterdir() if _is_of_a_table(p) and stem(p) == table)
    if len(paths) > 1:
        both = " and ".join(path.name for path in paths)
        raise UserMistake(f"input {folder}: has {both}; keep one file or one directory for {table}")
    if not paths:
        return []
    path = paths[0]
    return _parts(path, table) if path.is_dir() else [(table, path.name, _file(path))]


def _parts(folder: Path, table: str) -> list[tuple[str, str, Path]]:
    """The files of a directory of parts, at any depth; of a Delta table those of its newest version."""
    is_delta = (folder / "_delta_log").is_dir()
    parts = _of_delta(folder) if is_delta else sorted(folder.rglob("*"))
    parts = [part for part in parts if _is_data(part, folder)]
    forms = [form(part) for part in parts]
    if len({found and found[0] for found in forms}) != 1 or None in forms:
        some_names = sorted(part.relative_to(folder).as_posix() for part in parts)[:3]
        raise UserMistake(
            f"{folder.name}/: holds {', '.join(some_names) or 'no file'};"
            " a directory of parts holds files of one format: csv, jsonl or parquet"
        )
    return [(table, f"{folder.name}/{part.relative_to(folder).as_posix()}", part) for part in parts]


def _of_delta(folder: Path) -> list[Path]:
    try:
        uris = DeltaTable(str(folder.absolute())).file_uris()
    except (DeltaError, OSError) as error:
        said = " ".join(str(error).split())[:120]
        raise UserMistake(
            f"{folder.name}/: is a Delta table that cannot be read ({said})"
        ) from None
    paths = [unquote(urlparse(uri).path) if "://" in uri else uri for uri in uris]
    return sorted(folder / Path(path).relative_to(folder.absolute()) for path in paths)


def _is_data(path: Path, folder: Path) -> bool:
    """Whether a path below a directory is a file that holds data, and no mark of who wrote it."""
    parts = path.relative_to(folder).parts
    return path.is_file() and not any(part.startswith(IGNORED) for part in parts)


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
        for path, layout in {chunk.path: chunk.layout for chunk in landing.chunks}.items():
            if _identity(_sha256(Path(path)), layout) != landing.landing_id:
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
