"""A file is in one range of profiles, and every row is in one range, whatever the files are like."""

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from jobs.io.tables.arrow import deltalake_path
from jobs.io.tables.ranges import (
    FIRST,
    open_files,
    range_begins,
    row_count,
    rows_in_range,
    table_day,
)
from jobs.io.tables.schemas import arrow_schema

DS = date(1998, 4, 22)
LAYOUTS = {  # the profiles of each file -> where ranges begin
    "in order": ([["a", "b"], ["c"], ["d", "e"]], [FIRST, "c", "d"]),
    "two overlap": ([["a", "c"], ["b", "d"], ["e"]], [FIRST, "e"]),
    "one is over all": ([["a", "z"], ["b"], ["c"]], [FIRST]),
    "a page over two files": ([["a", "b"], ["b", "c"]], [FIRST]),
    "rows of nobody": ([["a", None], ["b"]], [FIRST, "b"]),
    "nobody alone": ([["a"], [None]], [FIRST]),
}


@pytest.fixture(autouse=True)
def lake(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTROW_TABLES", str(tmp_path))


def write(files: list[list[str | None]], ds: date = DS) -> None:
    for names in files:
        rows = [{"profile_id": name, "row_id": f"{name} {ds}", "ds": ds} for name in names]
        table = pa.Table.from_pylist(rows, arrow_schema("drafts"))
        write_deltalake(deltalake_path("drafts"), table, mode="append", partition_by=["ds"])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_row_is_in_one_range(layout: str) -> None:
    files, begins = LAYOUTS[layout]
    write(files)
    write([["b", "x"]], date(1998, 4, 23))
    assert range_begins(table_day("drafts", DS)) == begins
    assert row_count(table_day("drafts", DS)) == sum(map(len, files))
    found = []
    for begin, end in zip(begins, [*begins[1:], None], strict=True):
        rows = rows_in_range(table_day("drafts", DS), begin, end, ["profile_id", "row_id"])
        found += rows["row_id"].to_pylist()
    assert sorted(found) == sorted(f"{name} {DS}" for names in files for name in names)


@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("layout", ["in order", "two overlap"])
def test_files_of_a_range_are_opened_in_order_and_none_twice(layout: str, step: int) -> None:
    files, begins = LAYOUTS[layout]
    write(files[::step])
    write([["b", "x"]], date(1998, 4, 23))
    opened = [
        pq.ParquetFile(source).read(columns=["profile_id"])["profile_id"].to_pylist()
        for begin, end in zip(begins, [*begins[1:], None], strict=True)
        for source in open_files(table_day("drafts", DS), begin, end)
    ]
    assert opened == files


def test_a_day_is_read_at_its_version() -> None:
    write([["a"]])
    write([["b"]])
    rows = rows_in_range(table_day("drafts", DS, version=0), FIRST, None)
    assert rows["profile_id"].to_pylist() == ["a"]
