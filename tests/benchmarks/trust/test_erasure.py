"""The scan of the bench finds an id in every kind of file, as a word and not within another one."""

import base64
import gzip
import json
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.trust.erasure import files_with
from jobs.io.serving import codec


def _text(folder: Path) -> None:
    (folder / "task.log").write_text("no page for m1-0\n")


def _name(folder: Path) -> None:
    (folder / "m1-0.html").write_text("")


def _parquet(folder: Path) -> None:
    nested = pa.array([[{"who": "m1-0"}]] * 99)
    pq.write_table(pa.table({"x": nested}), folder / "a.parquet", compression="zstd")


def _gzip(folder: Path) -> None:
    (folder / "a.gz").write_bytes(gzip.compress(b'{"who": "m1-0"}'))


def _store(folder: Path) -> None:
    with sqlite3.connect(folder / "base.sqlite") as store:
        store.execute("CREATE TABLE entries (key BLOB PRIMARY KEY, value BLOB)")
        value = codec.record_value("x", {"padding": "m" * 500, "who": "m1-0"})
        store.execute("INSERT INTO entries VALUES (?, ?)", (b"x", value))


def _seal(folder: Path) -> None:
    (folder / "_seals").mkdir()
    commit = base64.b64encode(zlib.compress(b'{"min": "m1-0"}')).decode()
    (folder / "_seals" / "a.jsonl").write_text("sha256 " + json.dumps({"commit": commit}) + "\n")


@pytest.mark.parametrize("plant", [_text, _name, _parquet, _gzip, _store, _seal])
def test_id_is_found(plant: Callable[[Path], None], tmp_path: Path) -> None:
    plant(tmp_path)
    assert len(files_with(tmp_path, ["m1-0"])) == 1
    assert files_with(tmp_path, ["m1", "m1-1", "1-0"]) == []
