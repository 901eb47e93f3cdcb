"""CSV and JSON lines files: the header checked, the whole hashed, cut between records. One pass,
bounded memory.
"""
# Tested by tests/jobs/io/landing/test_files.py.

import codecs
import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Literal

from conf.errors import UserMistake
from conf.landing import (
    CHUNK_BYTES,
    FORMATS,
    RECORD_LENGTH,
    RECORD_LINES,
    file_columns,
    header_columns,
)
from features.sources.layout import Chunk, Layout

UTF8_BOM = codecs.BOM_UTF8
OTHER_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MORE_BYTES = 1_000_000
LARGEST = 8  # a chunk that finds no end between records is cut at so many times its size


def cut(
    table: str, file: str, path: Path, layout: Layout
) -> tuple[tuple[Chunk, ...], tuple[str, ...], str]:
    """The chunks of a file, the columns that the contract does not know, and the file's sha256."""
    kind: Literal["csv", "jsonl"] = "jsonl" if _tells_json(path) else "csv"
    with path.open("rb") as stream:
        first = _beginning(file, stream)
        header: tuple[str, ...] = ()
        ignored: tuple[str, ...] = ()
        start, first_line = len(first), 1
        if kind == "csv" and layout.columns:
            header, ignored = checked_header(table, file, list(layout.columns), layout.added)
        elif kind == "csv":
            first_line = 2
            line = stream.readline(RECORD_LENGTH)
            header, ignored = _header(table, file, line, layout)
            start += len(line)
        spans = list(_spans(stream, start, first_line, kind == "csv" and layout.quoted))
        stream.seek(0)
        landing_id = hashlib.file_digest(stream, "sha256").hexdigest()
    return (
        tuple(
            Chunk(table, str(path), file, landing_id, kind, layout, header, *span) for span in spans
        ),
        ignored,
        landing_id,
    )


def _tells_json(path: Path) -> bool:
    return FORMATS.get(path.suffix.lower().removeprefix(".")) == "jsonl"


def _beginning(file: str, stream: BinaryIO) -> bytes:
    """The byte-order mark, which is taken off, or nothing; the stream is left behind it."""
    head = stream.read(3)
    if not head:
        raise UserMistake(f"{file}: is empty")
    if head[:2] in OTHER_BOMS or b"\0" in head:
        raise UserMistake(f"{file}: is UTF-16; write it as UTF-8")
    if head == UTF8_BOM:
        return UTF8_BOM
    stream.seek(0)
    return b""


def _header(
    table: str, file: str, line: bytes, layout: Layout
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    try:
        text = line.decode("utf-8").rstrip("\r\n")
        plain = text.split(layout.delimiter)
        names = (
            next(csv.reader([text], delimiter=layout.delimiter, strict=True), [])
            if layout.quoted
            else plain
        )
    except UnicodeDecodeError:
        raise UserMistake(f"{file}:1: the header is not UTF-8; write the file as UTF-8") from None
    except csv.Error as error:
        raise UserMistake(f"{file}:1: the header cannot be read: {error}") from None
    names = [layout.name(name.strip()) for name in names]
    return checked_header(table, f"{file}:1", names, layout.added)


def checked_header(
    table: str, where: str, names: list[str], added: Sequence[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The contract's names in the file's order with "" for unknown columns, and the unknown ones.

    `added` are columns that records have beside those of the file.
    """
    missing = [name for name in header_columns(table) if name not in (*names, *added)]
    if missing:
        found = ", ".join(repr(n)[1:-1] for n in names)[:200]
        raise UserMistake(
            f"{where}: column {missing[0]} is missing; {table} needs it and the header has: {found}"
            f" ({_alike(missing[0], names)}--map reads files of other names)"
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise UserMistake(f"{where}: column {twice[0]!r} comes twice; each column may come once")
    known = file_columns(table)
    return tuple(n if n in known else "" for n in names), tuple(
        n for n in names if n and n not in known
    )


def _alike(column: str, names: Iterable[str]) -> str:
    """The name in a header that differs from a column by case, blanks or marks alone, for people."""
    same = [
        name for name in names if re.sub(r"[^a-z0-9]", "", name.lower()) == column.replace("_", "")
    ]
    return f"{same[0]!r} looks like it: rename it; " if same else ""


def _spans(stream: BinaryIO, start: int, line: int, quoted: bool) -> Iterator[tuple[int, int, int]]:
    """(offset, bytes, first line) of each chunk, every one ending with the end of a record."""
    while block := stream.read(CHUNK_BYTES):
        if not block.endswith(b"\n"):
            block += stream.readline()
        while (
            quoted
            and not _settled(block)
            and len(block) < LARGEST * CHUNK_BYTES
            and (more := stream.read(MORE_BYTES))
        ):
            block += more + stream.readline()
        yield start, len(block), line
        start += len(block)
        line += block.count(b"\n")


def _settled(block: bytes) -> bool:
    """Whether no record with quoted line breaks can go on behind the block: no quote is open in its
    last lines.
    """
    tail = block[-RECORD_LINES * 10_000 :].split(b"\n")[-RECORD_LINES - 1 : -1]
    return not any(text.count(b'"') % 2 for text in tail)


def bytes_of(chunk: Chunk) -> bytes:
    """The bytes of one chunk."""
    with Path(chunk.path).open("rb") as stream:
        stream.seek(chunk.start)
        return stream.read(chunk.length)
