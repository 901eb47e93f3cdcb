"""A day that workers write: the same content as Spark's writer, and every promise of its commits."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import deltalake
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from pyspark.errors import PySparkException

from conf.errors import Rejected
from jobs.io.faults import CONFLICTS
from jobs.io.tables import delta_log, worker_writes
from jobs.io.tables import spark as tables
from jobs.io.tables.partitions import day_key
from jobs.io.tables.schemas import arrow_schema
from tests import published

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)
NAMES = [f"p{n}" for n in range(8)]


class Maker:
    """Pages of some names, as a page maker makes them; `title` tells one making from another."""

    def __init__(self, title: str = "", profiles: list[str] | None = None) -> None:
        rows = published.page_rows(MONDAY, *(profiles or NAMES), title=title)
        columns = [field for field in arrow_schema("drafts") if field.name != "ds"]
        records = [{field.name: row.get(field.name) for field in columns} for row in rows]
        self.pages = pa.Table.from_pylist(records, pa.schema(columns))

    def __call__(self, batches):
        for batch in batches:
            names = batch["profile_id"]
            yield self.pages.filter(pa.compute.is_in(self.pages["profile_id"], names))


def names_frame(spark, names=NAMES, tasks=2):
    frame = spark.createDataFrame([(name,) for name in names], "profile_id string")
    return frame.repartitionByRange(tasks, "profile_id").sortWithinPartitions("profile_id")


def write(spark, ds, maker, names=NAMES, note="", tasks=2):
    frame = names_frame(spark, names, tasks)
    return worker_writes.replace_day(spark, "drafts", ds, frame, maker, note)


def rows_of(spark, ds, version=None):
    frame = tables.read_day(spark, "drafts", ds, version)
    return frame.orderBy("profile_id", "row_position").collect()


def titles(spark, ds, version=None):
    return {row["row_title"] for row in rows_of(spark, ds, version)}


def test_workers_and_spark_write_the_same_content(spark, lake, monkeypatch):
    maker = Maker()
    assert write(spark, MONDAY, maker, note="by workers") == maker.pages.num_rows
    by_workers, version = rows_of(spark, MONDAY), tables.version_of(spark, "drafts")
    monkeypatch.setenv("FRONTROW_WRITER", "spark")
    assert write(spark, MONDAY, maker) == maker.pages.num_rows
    assert rows_of(spark, MONDAY) == by_workers
    frame = tables.read_day(spark, "drafts", MONDAY)
    noted = delta_log.content_hash(spark, "drafts", MONDAY, version)
    assert delta_log.part_files(spark, "drafts", day_key(MONDAY), version)
    newest = tables.version_of(spark, "drafts")
    assert delta_log.part_files(spark, "drafts", day_key(MONDAY), newest) is None
    assert noted == delta_log.content_hash(spark, "drafts", MONDAY, newest)
    assert noted == tables.content_hash(frame) == tables.content_hash(frame.repartition(3))
    assert [commit.note for commit in tables.commits(spark, "drafts")][1] == "by workers"


def test_a_day_is_replaced_alone_and_earlier_versions_stay_readable(spark, lake):
    for ds, title in ((MONDAY, "first"), (TUESDAY, "other"), (MONDAY, "second")):
        write(spark, ds, Maker(title))
    newest = tables.version_of(spark, "drafts")
    assert (titles(spark, MONDAY), titles(spark, TUESDAY)) == ({"second"}, {"other"})
    assert titles(spark, MONDAY, newest - 1) == {"first"}
    rows = DeltaTable(str(lake / "drafts")).to_pyarrow_table(filters=[("ds", "=", MONDAY)])
    assert set(rows["row_title"].to_pylist()) == {"second"}
    assert sorted(set(rows["profile_id"].to_pylist())) == NAMES


def test_a_reader_of_one_profile_opens_one_file(spark, lake):
    write(spark, MONDAY, Maker(), tasks=4)
    whole = tables.read_day(spark, "drafts", MONDAY)
    assert len(whole.inputFiles()) == 4
    one = whole.where("profile_id = 'p3'")
    assert len(one.inputFiles()) == 1
    assert one.count() == whole.count() / len(NAMES)
    files = pa.table(DeltaTable(str(lake / "drafts")).get_add_actions(flatten=True))
    ranges = zip(
        files["min.profile_id"].to_pylist(), files["max.profile_id"].to_pylist(), strict=True
    )
    assert sum(low <= "p3" <= high for low, high in ranges) == 1


def test_nothing_replaces_no_day_and_what_is_refused_leaves_the_day(spark, lake):
    write(spark, MONDAY, Maker("first"))
    before = tables.version_of(spark, "drafts")
    with pytest.raises(tables.NothingToWrite, match="nothing to write for ds=2026-01-05"):
        write(spark, MONDAY, Maker(), names=["nobody"])
    twice = Maker()
    twice.pages = pa.concat_tables([twice.pages, twice.pages])
    with pytest.raises(Rejected, match="two rows have the same"):
        write(spark, MONDAY, twice)
    assert tables.version_of(spark, "drafts") == before and titles(spark, MONDAY) == {"first"}


def test_a_file_that_is_not_there_as_it_was_written_is_not_committed(spark, lake, monkeypatch):
    def cut(name, key, root, files):
        Path(root, files[0].path).write_bytes(b"PAR1")
        kept(name, key, root, files)

    kept = worker_writes.refuse
    monkeypatch.setattr(worker_writes, "refuse", cut)
    with pytest.raises(Rejected, match="FRONTROW_WRITER=spark"):
        write(spark, MONDAY, Maker())
    assert tables.version_of(spark, "drafts") == 0


@pytest.mark.parametrize(("other", "conflicts"), [(MONDAY, True), (TUESDAY, False)])
@pytest.mark.parametrize("was_there", [True, False])
def test_two_writers_of_one_day_conflict_and_of_two_days_do_not(
    spark, lake, monkeypatch, other, conflicts, was_there
):
    tables.ensure(spark, "drafts")
    if was_there:
        write(spark, MONDAY, Maker("before"))

    def meanwhile(*_):
        monkeypatch.setattr(delta_log, "_widen", widen)
        write(spark, other, Maker("meanwhile"))

    widen = delta_log._widen
    monkeypatch.setattr(delta_log, "_widen", meanwhile)
    if conflicts:
        with pytest.raises((PySparkException, Exception)) as conflict:
            write(spark, MONDAY, Maker("late"))
        assert any(mark in str(conflict.value) for mark in CONFLICTS), conflict.value
        assert titles(spark, MONDAY) == {"meanwhile"}
    else:
        write(spark, MONDAY, Maker("late"))
        assert (titles(spark, MONDAY), titles(spark, other)) == ({"late"}, {"meanwhile"})


def test_a_table_of_an_older_contract_gets_the_columns_that_are_new(spark, lake):
    old = Maker("old").pages.drop_columns(["valid_until"])
    old = old.append_column("ds", pa.repeat(pa.scalar(TUESDAY), old.num_rows))
    deltalake.write_deltalake(str(lake / "drafts"), old, partition_by=["ds"])
    write(spark, MONDAY, Maker("new"))
    assert tables.read(spark, "drafts").columns[-1] == "valid_until"
    assert (titles(spark, MONDAY), titles(spark, TUESDAY)) == ({"new"}, {"old"})
    assert {row["valid_until"] for row in rows_of(spark, TUESDAY)} == {None}
    table = DeltaTable(str(lake / "drafts"))
    assert table.to_pyarrow_table(columns=["valid_until"]).num_rows == 2 * old.num_rows


def test_a_table_with_rules_that_delta_checks_is_written_by_spark(spark, lake):
    tables.ensure(spark, "drafts")
    assert delta_log.takes_files(spark, "drafts")
    spark.sql(f"ALTER TABLE delta.`{lake}/drafts` ADD CONSTRAINT c CHECK (row_position < 1000)")
    assert not delta_log.takes_files(spark, "drafts")
    write(spark, MONDAY, Maker("by spark"))
    newest = tables.version_of(spark, "drafts")
    assert delta_log.part_files(spark, "drafts", day_key(MONDAY), newest) is None
    assert titles(spark, MONDAY) == {"by spark"}


@pytest.mark.parametrize(
    ("root", "folder"),
    [
        ("/x/tables", "/x/tables"),
        ("file:/x/tables", "/x/tables"),
        ("file:///x/tables", "/x/tables"),
        ("s3a://bucket/tables", None),
        ("hdfs://host:9000/tables", None),
    ],
)
def test_workers_write_only_into_folders(root, folder):
    assert worker_writes.local_folder(root) == folder


RETRIED = """
import os, sys
from pyspark import TaskContext
from jobs.io.session import open_session
from tests.jobs.io.tables.test_worker_writes import MONDAY, Maker, write
from jobs.io.tables import part_files

class Killed(Maker):
    def __call__(self, batches):
        part_files.ROWS_IN_GROUP = 1  # so that the file is begun when the worker dies
        return self.killed(batches)

    def killed(self, batches):
        yield from super().__call__(batches)
        task = TaskContext.get()
        if task.attemptNumber() == 0 and task.partitionId() == 1:
            os._exit(1)  # as a machine goes away: its file stays, half written

spark = open_session("retried")
print("rows", write(spark, MONDAY, Killed()))
spark.stop()
"""


@pytest.mark.slow
def test_a_worker_that_dies_leaves_a_file_that_no_commit_names_and_vacuum_takes(spark, lake):
    environment = os.environ | {"SPARK_MASTER": "local[2,3]"}
    done = subprocess.run(
        [sys.executable, "-c", RETRIED], env=environment, capture_output=True, text=True
    )
    assert f"rows {Maker().pages.num_rows}" in done.stdout, done.stderr[-3000:]
    assert tables.read_day(spark, "drafts", MONDAY).count() == Maker().pages.num_rows
    named = {Path(file).name for file in tables.read(spark, "drafts").inputFiles()}
    there = {file.name for file in (lake / "drafts").rglob("*.parquet") if "ds=" in str(file)}
    orphans = there - named
    assert len(named) == 2 and len(orphans) == 1
    old = 8 * 24 * 3600
    for file in (lake / "drafts").rglob("*.parquet"):
        os.utime(file, (file.stat().st_atime - old, file.stat().st_mtime - old))
    spark.sql(f"VACUUM delta.`{lake}/drafts`")
    there = {file.name for file in (lake / "drafts").rglob("*.parquet") if "ds=" in str(file)}
    assert there == named
