"""Files as they come -> files that are read line by line, or by row group: unpacked, in UTF-8, with
one mark between fields. What is so already stays where it is.
"""
# Tested by tests/jobs/io/landing/test_mapped.py.

import bz2
import csv
import gzip
import json
import lzma
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from conf.errors import UserMistake
from conf.landing import COMPRESSIONS, FORMATS, RECORD_LENGTH, header_columns
from conf.maps import FLAG, FileMap
from conf.settings import load_settings
from features.sources.layout import Layout

DELIMITERS = (",", "\t", ";", "|", "::")
MOST_ARRAY_BYTES = 500_000_000  # of a file that is one JSON array
OPENERS: dict[str, Callable[[Path], Any]] = {
    "gz": gzip.GzipFile,
    "bz2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
    "zst": lambda path: pa.input_stream(str(path), compression="zstd"),
}


def form(path: Path) -> tuple[str, str] | None:
    """The format and the compression that a file's name tells; None for one of neither.

    >>> form(Path("events.csv.gz")), form(Path("notes.md"))
    (('csv', 'gz'), None)
    """
    suffixes = path.name.lower().split(".")[1:]
    compression = COMPRESSIONS.get(suffixes[-1], "") if suffixes else ""
    if compression:
        suffixes = suffixes[:-1]
    kind = FORMATS.get(suffixes[-1]) if suffixes else None
    return None if kind is None else (kind, compression)


def stem(path: Path) -> str:
    """A file's name without what tells format and compression."""
    known = {*FORMATS, *COMPRESSIONS}
    parts = path.name.split(".")
    while len(parts) > 1 and parts[-1].lower() in known:
        parts.pop()
    return ".".join(parts)


def prepared(
    table: str, file: str, path: Path, layout: Layout, entry: FileMap | None = None
) -> tuple[Path, Layout]:
    """A file that can be cut into chunks, and its layout with the mark between its fields."""
    kind, compression = form(path) or ("csv", "")
    if compression:
        path = _unpacked(file, path, kind, compression)
    if kind == "jsonl" and _first_byte(path) == b"[":
        path = _as_lines(file, path)
    if kind != "csv":
        return path, layout
    if entry and entry.is_rewritten and entry.columns:
        return _rewritten(file, path, entry), replace(
            layout, delimiter="\t", quoted=False, columns=rewritten_columns(entry)
        )
    if entry and entry.encoding != "utf-8":
        path = _reencoded(file, path, entry.encoding)
    if not layout.delimiter:
        layout = _with_delimiter(table, path, layout)
    if len(layout.delimiter) > 1:
        plain = FileMap(file=file, delimiter=layout.delimiter, encoding="utf-8")
        return _rewritten(file, path, plain), replace(layout, delimiter="\t", quoted=False)
    return path, layout


@cache
def _scratch(home: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder beside the tables' own that is removed when the process ends."""
    home.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=home, prefix="unpacked-")


def _new_file(kind: str) -> Path:
    folder = Path(_scratch(load_settings().home_path).name)
    handle, name = tempfile.mkstemp(dir=folder, suffix=f".{kind}")
    os.close(handle)
    return Path(name)


def _unpacked(file: str, path: Path, kind: str, compression: str) -> Path:
    target = _new_file(kind)
    try:
        with OPENERS[compression](path) as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain, 1_000_000)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, pa.ArrowException) as error:
        said = " ".join(str(error).split())[:120]
        raise UserMistake(f"{file}: cannot be unpacked as {compression} ({said})") from None
    return target


def _reencoded(file: str, path: Path, encoding: str) -> Path:
    target = _new_file("csv")
    with (
        path.open(encoding=encoding, newline="") as came,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        try:
            shutil.copyfileobj(came, out, 1_000_000)
        except UnicodeDecodeError:
            raise UserMistake(
                f"{file}: is not {encoding}; a map may tell another encoding"
            ) from None
    return target


def _first_byte(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(1_000).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]


def _as_lines(file: str, path: Path) -> Path:
    """A JSON array of records as JSON lines."""
    if path.stat().st_size > MOST_ARRAY_BYTES:
        raise UserMistake(f"{file}: is one large array; write one JSON record a line")
    try:
        records = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UserMistake(f"{file}: is not a whole JSON array ({error})") from None
    target = _new_file("jsonl")
    with target.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record) + "\n" for record in records)
    return target


def _with_delimiter(table: str, path: Path, layout: Layout) -> Layout:
    """The layout with the mark between fields under which the header has the columns it needs."""
    with path.open("rb") as stream:
        line = stream.readline(RECORD_LENGTH).removeprefix(b"\xef\xbb\xbf")
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    needed = set(header_columns(table)) - set(layout.added)
    for delimiter in DELIMITERS:
        names = {layout.name(name.strip().strip('"')) for name in text.split(delimiter)}
        if needed <= names and (len(names) > 1 or len(needed) == 1):
            separator = "," if delimiter == layout.separator else layout.separator
            return replace(layout, delimiter=delimiter, separator=separator)
    return replace(layout, delimiter=",")


def rewritten_columns(entry: FileMap) -> tuple[str, ...]:
    """The columns of a file that was written anew: flags joined to lists, and the section's."""
    plain = [name for name in entry.columns if FLAG not in name]
    lists = dict.fromkeys(name.partition(FLAG)[0] for name in entry.columns if FLAG in name)
    return (*plain, *lists, *((entry.section,) if entry.section else ()))


def _rewritten(file: str, path: Path, entry: FileMap) -> Path:
    """A file in UTF-8 with tabs between fields; a line that does not fit keeps too few of them."""
    target = _new_file("csv")
    number = 0
    with path.open("rb") as came, target.open("w", encoding="utf-8", newline="") as out:
        try:
            for fields in _fields(came, entry):
                number += 1
                out.write("\t".join(fields) + "\n")
        except UnicodeDecodeError:
            raise UserMistake(
                f"{file}:{number + 1}: is not {entry.encoding}; a map may tell another encoding"
            ) from None
    return target


def _fields(came: BinaryIO, entry: FileMap) -> Iterator[list[str]]:
    section = ""
    most = len(entry.columns) - 1 if entry.rest_in_last else -1
    delimiter = entry.delimiter or ","
    for line in came:
        text = line.decode(entry.encoding).rstrip("\r\n").replace("\t", " ")
        if entry.section and text.endswith(":"):
            section = text[:-1]
            continue
        fields = text.split(delimiter, most)
        if entry.quoted and '"' in text and len(delimiter) == 1:
            fields = next(csv.reader([text], delimiter=delimiter))
        if entry.columns and len(fields) == len(entry.columns):
            fields = [*_with_lists(fields, entry), *([section] if entry.section else [])]
        yield fields


def _with_lists(fields: list[str], entry: FileMap) -> list[str]:
    """The fields with flags of one list joined to it, behind all others."""
    plain, lists = [], dict[str, list[str]]()
    for name, value in zip(entry.columns, fields, strict=True):
        column, is_flag, item = name.partition(FLAG)
        if not is_flag:
            plain.append(value)
            continue
        items = lists.setdefault(column, [])
        if value.strip() in ("1", "true", "True"):
            items.append(item)
    return [*plain, *(entry.separator.join(items) for items in lists.values())]
