"""Every byte of a home looked through for ids: also what is compressed in Parquet, stores and seals."""

# Tested by tests/jobs/io/erasure/test_erase.py.

import base64
import gzip
import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.io.serving import codec


class Ids:
    """Ids to look for, in text and in bytes, also as JSON and addresses write them."""

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids = frozenset(ids)
        forms = {form for each in self.ids for form in _forms(each)}
        words = b"|".join(re.escape(form) for form in sorted(forms))
        # m1 is not in m10, m1-0 or um1
        self._pattern = re.compile(
            rb"(?<![A-Za-z0-9_-])(?:" + words + rb")(?![A-Za-z0-9_]|-[A-Za-z0-9])"
        )

    def are_in(self, data: bytes) -> bool:
        """Whether one of them stands in some bytes."""
        return bool(self.ids) and self._pattern.search(data) is not None


def _forms(each: str) -> set[bytes]:
    return {each.encode(), json.dumps(each)[1:-1].encode(), quote(each, safe="").encode()}


def traces(roots: Sequence[Path], ids: Ids) -> Iterator[Path]:
    """The files below some folders in which one of the ids stands, in their names too."""
    seen: set[Path] = set()
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path in seen or not path.is_file() or path.is_symlink():
                continue
            seen.add(path)
            if ids.are_in(str(path.relative_to(root)).encode()) or is_in_file(path, ids):
                yield path


def is_in_file(path: Path, ids: Ids) -> bool:
    """Whether one of the ids stands in a file."""
    return any(ids.are_in(part) for part in contents(path))


def contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file as they are, and those that it keeps compressed."""
    data = path.read_bytes()
    yield data
    if data[:4] == b"PAR1":
        yield from _texts_of_parquet(path)
    elif data[:15] == b"SQLite format 3":
        yield from _values_of_store(path)
    elif data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)
    elif path.parent.name == "_seals" and path.suffix == ".jsonl":
        for line in data.splitlines():
            yield zlib.decompress(base64.b64decode(json.loads(line.partition(b" ")[2])["commit"]))


def _texts_of_parquet(path: Path) -> Iterator[bytes]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=10_000):
            for column in batch.columns:
                yield from _texts(column)


def _texts(array: pa.Array) -> Iterator[bytes]:
    """All texts in an array, however deep, each once."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        yield from _texts(array.dictionary)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind):
        values = [each for each in array.unique().to_pylist() if each is not None]
        yield b"\n".join(each if isinstance(each, bytes) else each.encode() for each in values)
    elif pa.types.is_struct(kind):
        for part in array.flatten():
            yield from _texts(part)
    elif pa.types.is_map(kind):
        yield from _texts(array.keys)
        yield from _texts(array.items)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _texts(array.flatten())


def _values_of_store(path: Path) -> Iterator[bytes]:
    """What a store of a release holds; other SQLite files are looked through as they are."""
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as store:
        names = {row[0] for row in store.execute("SELECT name FROM sqlite_master")}
        rows: Iterable[Any] = ()
        if "entries" in names:
            rows = store.execute("SELECT key, value FROM entries")
        for key, value in rows:
            text = bytes(key) if isinstance(key, bytes) else str(key).encode()
            yield text
            try:
                content = codec.unpacked(text.decode(), bytes(value))
            except codec.Damaged:
                continue
            yield content.to_pybytes()
