"""Commits of files that others than Spark wrote, by Delta's own transaction in the JVM.

So conflicts with other writers, the log store of the file system and the history are Delta's, as
for what Spark writes.
"""

# Tested by tests/jobs/io/tables/test_worker_writes.py.

import json
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from conf.contracts import contract
from jobs.io.tables import fences, seals
from jobs.io.tables import spark as tables
from jobs.io.tables.part_files import PartFile, content_of
from jobs.io.tables.partitions import Key, day_key, predicate

ROW_HASH, CHECKSUM, FIRST, LAST = "rowHash", "sha256", "first", "last"  # tags of a worker's file
PLAIN_WRITER = 2  # the highest protocol of tables without features that a file alone cannot keep


def takes_files(spark: SparkSession, name: str) -> bool:
    """Whether a file can be added as it is: columns are named in it as in the table, and no rule
    has to be checked by Delta.
    """
    log = _log(spark, name)
    snapshot = log.update(False, _none(spark), _none(spark))
    configuration = _mapping(spark, snapshot.metadata().configuration())
    plain = snapshot.protocol().minWriterVersion() <= PLAIN_WRITER
    return plain and not any(option.startswith("delta.constraints") for option in configuration)


def replace_files(
    spark: SparkSession, name: str, key: Key, files: Sequence[PartFile], note: str
) -> int:
    """Replace a partition by files that are in place; returns the version.

    One commit: what stood there is removed, as `replaceWhere` does it. The table gets the columns
    that its contract has got since it was created.
    """
    jvm: Any = spark._jvm
    delta = jvm.org.apache.spark.sql.delta
    where = predicate(key)
    transaction = _log(spark, name).startTransaction()
    parsed = spark._jsparkSession.sessionState().sqlParser().parseExpression(where)
    replaced = transaction.filterFiles(_sequence(spark, [parsed]), False)
    old = list(jvm.scala.jdk.javaapi.CollectionConverters.asJava(replaced))
    _widen(spark, name, transaction)
    actions = [file.remove() for file in old]
    actions += [delta.actions.Action.fromJson(_added(file, key)) for file in files]
    fence = fences.held()
    if fence is not None:
        if max(int(transaction.txnVersion(fence.app_id)), 0) != fence.number:
            raise fence.superseded
        txn = fences.transaction_json(fence, time.time_ns() // 1_000_000)
        actions.append(delta.actions.Action.fromJson(txn))
    option, none = jvm.scala.Option.apply, _none(spark)
    mode = jvm.org.apache.spark.sql.SaveMode.Overwrite
    by = option(_sequence(spark, list(contract(name).partition)))
    write = getattr(delta, "DeltaOperations$Write")
    about = write(mode, by, option(where), option(fences.noted(note)), none, none, none, none, none)
    version = int(transaction.commit(_sequence(spark, actions), about))
    seals.seal(name)
    return version


def content_hash(spark: SparkSession, name: str, ds: date, version: int) -> str:
    """The content hash of a day at a version.

    Where workers wrote all of its files it is the sum of what they noted, else that of the rows.
    """
    files = part_files(spark, name, day_key(ds), version)
    if files is None:
        rows = tables.read(spark, name, version).where(F.col("ds") == F.lit(ds))
        return tables.content_hash(rows)
    return str(content_of(files))


def part_files(spark: SparkSession, name: str, key: Key, version: int) -> list[PartFile] | None:
    """The files of a partition at a version; None where one of them was not written by a worker."""
    none = _none(spark)
    snapshot = _log(spark, name).getSnapshotAt(version, none, none, False)
    frame = DataFrame(snapshot.allFiles().toDF(), spark)
    for column, value in key.items():
        frame = frame.where(F.col("partitionValues")[column] == str(value))
    columns = ("path", "size", "modificationTime", "stats", "tags")
    files = [_part_file(record) for record in frame.select(*columns).collect()]
    return None if None in files else [file for file in files if file]


def _part_file(record: Row) -> PartFile | None:
    tags, stats = record["tags"] or {}, json.loads(record["stats"] or "{}")
    if not {ROW_HASH, CHECKSUM, FIRST, LAST} <= tags.keys():
        return None
    return PartFile(
        path=record["path"],
        size=record["size"],
        modified_ms=record["modificationTime"],
        stats=json.dumps(stats, ensure_ascii=False),
        first=tags[FIRST],
        last=tags[LAST],
        row_hash=tags[ROW_HASH],
        checksum=tags[CHECKSUM],
    )


def _added(file: PartFile, key: Key) -> str:
    """The `add` of Delta's protocol for a file, as JSON."""
    tags = {ROW_HASH: file.row_hash, CHECKSUM: file.checksum, FIRST: file.first, LAST: file.last}
    add = {
        "path": file.path,
        "partitionValues": {column: str(value) for column, value in key.items()},
        "size": file.size,
        "modificationTime": file.modified_ms,
        "dataChange": True,
        "stats": file.stats,
        "tags": tags,
    }
    return json.dumps({"add": add}, ensure_ascii=False)


def _widen(spark: SparkSession, name: str, transaction: Any) -> None:
    """Add the contract's new columns to the table, at its end."""
    delta = spark._jvm.org.apache.spark.sql.delta  # type: ignore[union-attr]
    metadata = json.loads(transaction.metadata().json())
    schema = json.loads(metadata["metaData"]["schemaString"])
    known = {field["name"] for field in schema["fields"]}
    added = [field for field in tables.schema_of(spark, name).fields if field.name not in known]
    if added:
        schema["fields"] += [{**field.jsonValue(), "nullable": True} for field in added]
        metadata["metaData"]["schemaString"] = json.dumps(schema)
        transaction.updateMetadata(delta.actions.Action.fromJson(json.dumps(metadata)), False)


def _log(spark: SparkSession, name: str) -> Any:
    jvm: Any = spark._jvm
    return jvm.org.apache.spark.sql.delta.DeltaLog.forTable(
        spark._jsparkSession, tables.path_of(name)
    )


def _sequence(spark: SparkSession, items: Sequence[Any]) -> Any:
    jvm: Any = spark._jvm
    array = jvm.java.util.ArrayList()
    for item in items:
        array.add(item)
    return jvm.org.apache.spark.api.python.PythonUtils.toSeq(array)


def _none(spark: SparkSession) -> Any:
    jvm: Any = spark._jvm
    return jvm.scala.Option.empty()


def _mapping(spark: SparkSession, scala_map: Any) -> dict[str, str]:
    jvm: Any = spark._jvm
    return dict(jvm.scala.jdk.javaapi.CollectionConverters.asJava(scala_map))
