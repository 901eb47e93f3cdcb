"""What a worker writes: whole groups in order, nothing that breaks the contract, and no leftovers."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conf.errors import Rejected
from jobs.io.tables.parquet_file import ROWS_IN_GROUP
from jobs.io.tables.part_files import PartWriter, refuse_overlaps
from jobs.io.tables.row_hash import ContentHash, content_hash_of
from jobs.io.tables.schemas import arrow_schema
from tests import published

DAY = date(2026, 1, 5)


def pages(*names: str) -> pa.Table:
    """Pages as a page maker hands them over: without ds."""
    rows = published.page_rows(DAY, *names)
    columns = [field for field in arrow_schema("drafts") if field.name != "ds"]
    records = [{field.name: row.get(field.name) for field in columns} for row in rows]
    return pa.Table.from_pylist(records, pa.schema(columns))


def in_day(rows: pa.Table) -> pa.Table:
    return rows.append_column("ds", pa.repeat(pa.scalar(DAY), rows.num_rows))


@pytest.fixture
def writer(tmp_path: Path) -> PartWriter:
    return PartWriter("drafts", str(tmp_path), {"ds": DAY}, rows_in_file=20)


def test_files_hold_whole_pages_in_order_and_say_what_is_in_them(writer, tmp_path, monkeypatch):
    monkeypatch.setattr("jobs.io.tables.part_files.ROWS_IN_GROUP", 8)
    names = [f"p{n}" for n in range(6)]
    made = [pages(name) for name in names]
    files = list(writer.files([made[0].slice(0, 0), *made]))
    assert len(files) > 1
    content, seen = ContentHash(), []
    for file in files:
        place = tmp_path / file.path
        rows = pq.ParquetFile(place).read()
        ids = rows["profile_id"].to_pylist()
        assert sorted(ids) == ids and (ids[0], ids[-1]) == (file.first, file.last)
        stats = json.loads(file.stats)
        assert stats["numRecords"] == rows.num_rows == file.content.rows
        assert stats["minValues"] == {"profile_id": ids[0]}
        assert stats["nullCount"]["anchor_title_id"] == rows["anchor_title_id"].null_count
        assert file.size == place.stat().st_size
        assert file.checksum == hashlib.sha256(place.read_bytes()).hexdigest()
        content, seen = content.plus(file.content), [*seen, *dict.fromkeys(ids)]
    assert seen == names
    assert content == content_hash_of(in_day(pa.concat_tables(made)))
    refuse_overlaps("drafts", files[::-1])


def test_rows_out_of_order_are_sorted(writer):
    rows = pages("ann", "bob")
    (file,) = PartWriter("drafts", writer.root, writer.key, 1000).files(
        [rows.take(pa.array(range(rows.num_rows))[::-1])]
    )
    assert (file.first, file.last) == ("ann", "bob")
    assert file.content == content_hash_of(in_day(rows))


def without(rows: pa.Table, column: str) -> pa.Table:
    return rows.drop_columns([column])


def unnamed(rows: pa.Table) -> pa.Table:
    index = rows.schema.get_field_index("row_title")
    return rows.set_column(index, "row_title", pa.nulls(rows.num_rows, pa.string()))


@pytest.mark.parametrize(
    ("batches", "reason"),
    [
        (lambda: [without(pages("ann"), "reason")], r"columns missing \['reason'\]"),
        (
            lambda: [pages("ann").append_column("mood", pa.repeat("good", pages("ann").num_rows))],
            "mood",
        ),
        (lambda: [unnamed(pages("ann"))], "row_title must be given"),
        (
            lambda: [pa.concat_tables([pages("ann"), pages("ann")])],
            "two rows have the same profile_id",
        ),
        (lambda: [pages("bob"), pages("ann")], "profile_id=ann came after those of bob"),
        (lambda: [pages("ann").slice(0, 2), pages("ann").slice(2)], "profile_id=ann came after"),
    ],
)
def test_what_breaks_the_contract_is_refused_and_leaves_no_file(writer, tmp_path, batches, reason):
    with pytest.raises(Rejected, match=reason):
        list(writer.files(batches()))
    assert not list(tmp_path.rglob("*.parquet"))
    (record,) = next(iter(writer(batches()))).to_pylist()  # a worker says it in a record
    assert record["refusal"] and not record["path"]


def test_a_maker_that_fails_leaves_no_file(writer, tmp_path, monkeypatch):
    def broken():
        yield pages("ann")
        assert list(tmp_path.rglob("*.parquet")) or ROWS_IN_GROUP
        yield pages("bob")
        raise ZeroDivisionError

    monkeypatch.setattr("jobs.io.tables.part_files.ROWS_IN_GROUP", 1)
    with pytest.raises(ZeroDivisionError):
        list(PartWriter("drafts", writer.root, writer.key, 1000).files(broken()))
    assert not list(tmp_path.rglob("*.parquet"))


def test_each_attempt_has_names_of_its_own(writer):
    first, second = (list(writer.files([pages("ann")])) for _ in range(2))
    assert first[0].path != second[0].path and first[0].content == second[0].content
    assert not Path(first[0].path).name.startswith(("_", "."))  # VACUUM would leave it


def test_files_of_one_key_in_two_tasks_are_refused(writer):
    files = [*writer.files([pages("ann", "bob")]), *writer.files([pages("bob", "cid")])]
    with pytest.raises(Rejected, match="from ann to bob and from bob to cid overlap"):
        refuse_overlaps("drafts", files)
