"""Of runs that write the same thing the table's log lets one through, whatever each saw before."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from pyspark.sql import SparkSession

from jobs.io.tables import fences
from jobs.io.tables import spark as tables
from jobs.io.tables.fences import Superseded
from tests import published

DAY = date(1998, 4, 22)
KEY = {"ds": DAY}
ROWS = pa.table({"x": [1]})


def append(path: Path, table: DeltaTable, fence: fences.Fence) -> None:
    with fences.committing(fence):
        properties = fences.properties(table, fence, note="note")
        write_deltalake(table, ROWS, mode="append", commit_properties=properties)


def test_of_two_fences_one_goes_through_by_deltalake(lake: Path) -> None:
    path = lake / "events"
    write_deltalake(str(path), ROWS)
    first, second, other = (fences.taken("events", name=name) for name in ("a", "a", "b"))
    seen_by_second = DeltaTable(str(path))
    append(path, DeltaTable(str(path)), first)
    with pytest.raises(Superseded, match="another run wrote it since this one began"):
        append(path, DeltaTable(str(path)), second)  # it looks again, and sees the other's commit
    with pytest.raises(Superseded):
        append(path, seen_by_second, second)  # it does not look: the commit itself is refused
    append(path, DeltaTable(str(path)), other)
    assert DeltaTable(str(path)).count() == 3
    append(path, DeltaTable(str(path)), fences.taken("events", name="a"))


def test_of_two_fences_one_goes_through_by_spark(
    spark: SparkSession, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = published.page_rows(DAY)
    published.write(lake, "homepage_rows", rows)
    first, second, third = (fences.taken("homepage_rows", KEY) for _ in range(3))
    frame = spark.createDataFrame(rows, tables.schema_of(spark, "homepage_rows"))
    with fences.through(spark, first):
        tables.replace_day(spark, "homepage_rows", DAY, frame, "mine")
    note = tables.commits(spark, "homepage_rows")[0].note
    assert fences.note_without_token(note) == "mine"
    version = DeltaTable(str(lake / "homepage_rows")).version()
    with pytest.raises(Superseded), fences.through(spark, second):
        tables.forget_day(spark, "homepage_rows", DAY)
    # frozen between its look and its commit, which Spark then skips without a word
    with monkeypatch.context() as patch:
        patch.setattr(fences, "number_in", lambda *_: 0)
        fence = fences.through(spark, third)
        fence.__enter__()
        patch.undo()
        tables.replace_day(spark, "homepage_rows", DAY, frame, "theirs")
        with pytest.raises(Superseded):
            fence.__exit__(None, None, None)
    assert DeltaTable(str(lake / "homepage_rows")).version() == version
    with fences.through(spark, fences.taken("homepage_rows", KEY)):
        tables.forget_day(spark, "homepage_rows", DAY)
    assert DeltaTable(str(lake / "homepage_rows")).count() == 0
