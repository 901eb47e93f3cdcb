"""Tables in folders of this machine: Arrow opens their files itself, whatever they are called."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from pyarrow import fs

from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.local_files import ArrowTable

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    folder = str(tmp_path / "90% of ünits")
    ticks = pa.array([NOON, NOON], pa.timestamp("us", "UTC"))
    rows = pa.table({"tick": ticks, "name": ["a b", "ü:%"], "plays": [1, 2]})
    write_deltalake(folder, rows, partition_by=["tick", "name"])
    return folder


def test_rows_are_found_in_folders_with_any_letters(path):
    rows = ArrowTable(path).to_pyarrow_table(columns=["plays"], filters=[("name", "=", "ü:%")])
    assert rows.to_pylist() == [{"plays": 2}]
    assert ArrowTable(path).to_pyarrow_table().num_rows == 2


def test_arrow_never_asks_python_for_a_file(path):
    """A thread of Arrow that lets go of a file system of Python as Python ends aborts the process."""
    files = ArrowTable(path).to_pyarrow_dataset().filesystem
    assert isinstance(files, fs.SubTreeFileSystem)
    assert isinstance(files.base_fs, fs.LocalFileSystem)


def test_tables_are_opened_so(path, monkeypatch):
    monkeypatch.setattr(arrow_tables.seals, "check", lambda name, version: None)
    monkeypatch.setattr(arrow_tables, "deltalake_path", lambda name: path)
    assert isinstance(arrow_tables.open_table("events"), ArrowTable)
