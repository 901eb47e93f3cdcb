"""Contents are equal where rows are, and only then."""

from datetime import timedelta
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from benchmarks.trust.contents import contents, differences
from benchmarks.trust.made import FIRST, rows

TABLE = "audits"
DAY = rows(TABLE, FIRST, Random(1), 3)
NEXT = rows(TABLE, FIRST + timedelta(days=1), Random(2), 3)


def changed(table: pa.Table, column: str, value: object) -> pa.Table:
    """The table with another value in the first row."""
    records = table.to_pylist()
    records[0][column] = value
    return pa.Table.from_pylist(records, table.schema)


def found(folder: Path, *tables: pa.Table, name: str = TABLE) -> dict[tuple[str, str], str]:
    for table in tables:
        write_deltalake(folder / name, table, mode="append", partition_by=["ds"])
    return contents(folder)


def test_order_files_and_what_tells_one_run_from_another_do_not_count(tmp_path: Path) -> None:
    once = found(tmp_path / "once", pa.concat_tables([DAY, NEXT]))
    again = found(tmp_path / "again", NEXT, changed(DAY.take([2, 0, 1]), "drafts_version", 77))
    assert differences(once, again) == []
    assert set(once) == {
        (TABLE, str(FIRST)),
        (TABLE, "2026-01-06"),
    }


@pytest.mark.parametrize(
    "other",
    [
        (changed(DAY, "content_hash", "another"), NEXT),
        (DAY, DAY, NEXT),  # doubled
        (DAY.slice(1), NEXT),  # lost
        (NEXT,),
    ],
)
def test_a_row_that_is_another_doubled_or_lost_names_its_table_and_day(
    tmp_path: Path, other: tuple[pa.Table, ...]
) -> None:
    once = found(tmp_path / "once", DAY, NEXT)
    assert differences(once, found(tmp_path / "again", *other)) == [f"{TABLE} {FIRST}"]


def test_of_receipts_it_counts_what_they_say_and_not_how_often(tmp_path: Path) -> None:
    receipts = rows("publications", FIRST, Random(1), 2)
    once = found(tmp_path / "once", receipts, name="publications")
    twice = found(tmp_path / "twice", receipts, receipts.slice(1), name="publications")
    assert differences(once, twice) == []
    lost = found(tmp_path / "lost", receipts.slice(1), name="publications")
    assert differences(once, lost) == [f"publications {FIRST}"]
