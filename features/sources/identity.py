"""What makes a record the same as another one: a fact by its content, a version by its key and
content.

Both functions add `fate` to shaped rows: new, duplicate, rejected, held or undated.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import TimestampType
from pyspark.sql.window import WindowSpec

from conf.contracts import columns
from conf.landing import ABOUT, content_columns, file_columns
from features.sources.versions import DUPLICATE, NEW, REJECTED, verdicts

Settling = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
BATCH_ROWS = 10_000
ORDER = ("file", "line")
BETWEEN, WITHIN = "\x1f", "\x1e"


def content_id(table: str, present: Sequence[str]) -> Column:
    """sha256, in hex, over what a record says: name=value of every column that has one, in contract
    order.

    The marks between them are control characters, which no accepted text holds. Instants count
    microseconds.
    """
    names = [name for name in content_columns(table) if name in present]
    # null, and so left out, without a value
    pairs = [F.concat(F.lit(f"{name}="), _canonical(name)) for name in names]
    return F.sha2(F.concat_ws(BETWEEN, *pairs), 256)


def with_content_id(rows: DataFrame, table: str) -> DataFrame:
    """The rows with their `content_id`, null where the record is broken."""
    is_sound = F.col("reason").isNull()
    return rows.withColumn("content_id", F.when(is_sound, content_id(table, rows.columns)))


def _canonical(name: str) -> Column:
    kind = columns()[name].type
    if kind.startswith("array"):
        return F.array_join(name, WITHIN)
    if kind == "timestamp":
        return F.unix_micros(name).cast("string")
    if kind == "double":  # -0.0 and 0.0 are one number
        return (F.col(name) + F.lit(0.0)).cast("string")
    return F.col(name).cast("string")


def facts(rows: DataFrame, table: str, landed: DataFrame | None) -> DataFrame:
    """Shaped facts with their `content_id` and fate: one that was landed before, or comes twice, is
    a duplicate.

    Of two deliveries of one fact the one learned first counts. `landed` are the rows of the table
    to compare with, if there are any.
    """
    deliveries = with_content_id(rows, table)
    is_repeat = _delivery_number(["content_id"], ["known_at", *ORDER]) > 1
    if landed is None:
        return deliveries.withColumn("fate", _fate(is_repeat))
    if "event_id" in landed.columns:
        stored_id = F.col("event_id")
    else:
        stored_id = content_id(table, landed.columns)
    stored_ids = landed.select(stored_id.alias("content_id")).distinct()
    before = stored_ids.withColumn("landed", F.lit(True))
    deliveries = deliveries.join(before, "content_id", "left")
    fate = _fate(F.col("landed").isNotNull() | is_repeat)
    return deliveries.withColumn("fate", fate).drop("landed")


def rejected(rows: DataFrame) -> DataFrame:
    """The broken ones of shaped records, with their fate."""
    return rows.where(F.col("reason").isNotNull()).withColumn("fate", F.lit(REJECTED))


def versions(rows: DataFrame, table: str, landed: DataFrame, moment: datetime | None) -> DataFrame:
    """Shaped versions with their fate, each whole and with the moment it is known since; and held
    versions, for those that were refused. `landed` are earlier ones, without those of this landing.

    The first version of a key was always known (ALWAYS); a changed one is known at `moment`, and in
    any case after the version it follows, unless the file says when. One that says what is known
    already is a duplicate; one that contradicts another of the same key and moment is rejected.
    Where `moment` is None a changed version is undated. See features/sources/versions.py.
    """
    subject = ABOUT[table]
    is_named = F.col(subject).isNotNull() & ~F.array_contains("unread", subject)
    names = [name for name in file_columns(table) if name != "known_at"]
    kinds = {name: columns()[name].type for name in (*names, "known_at")}
    for name in kinds.keys() - set(rows.columns):
        rows = rows.withColumn(name, F.lit(None).cast(kinds[name]))
    not_held = F.lit(None).cast("boolean")
    rows = rows.withColumns({"fate": F.lit(REJECTED), "held": not_held})
    if "held" not in landed.columns:  # a table from before there were held versions
        landed = landed.withColumn("held", not_held)
    records = rows.where(is_named).select(*(_as_micros(rows, name) for name in rows.columns))
    known = landed.select(*(_as_micros(landed, name) for name in (*kinds, "held")))
    of_subject = _by_subject(records, subject, "records").join(
        _by_subject(known, subject, "landed"), "subject", "left"
    )
    moment_us = None if moment is None else (moment - EPOCH) // MICROSECOND
    settling = _settling(table, moment_us, to_arrow_schema(records.schema))
    found = of_subject.select("records", "landed").mapInArrow(settling, records.schema)
    instants = {name: F.timestamp_micros(name) for name in kinds if kinds[name] == "timestamp"}
    nobodys = rows.where(~is_named).withColumn(subject, F.lit(None).cast("string"))
    return found.withColumns(instants).unionByName(nobodys).drop("given", "unread")


def _by_subject(frame: DataFrame, subject: str, name: str) -> DataFrame:
    """Everything about each profile or title as one list."""
    rows = F.collect_list(F.struct(*frame.columns)).alias(name)
    return frame.groupBy(F.col(subject).alias("subject")).agg(rows)


def _as_micros(frame: DataFrame, name: str) -> Column:
    """The column, of an instant its microseconds: every instant is one, not every one a datetime."""
    is_instant = frame.schema[name].dataType == TimestampType()
    return F.unix_micros(name).alias(name) if is_instant else F.col(name)


def _settling(table: str, moment: int | None, schema: pa.Schema) -> Settling:
    def settle(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            settled = []
            for row in batch.to_pylist():
                settled += verdicts(table, row["landed"] or (), row["records"], moment)
            for first in range(0, len(settled), BATCH_ROWS):
                rows = settled[first : first + BATCH_ROWS]
                yield pa.RecordBatch.from_pylist(rows, schema=schema)

    return settle


def _window(by: Sequence[str], order: Sequence[str]) -> WindowSpec:
    # a rejected row stands alone: its fields mean nothing, and many null keys would pile up in one
    # partition
    alone = F.when(F.col("reason").isNotNull(), F.concat_ws(":", "landing_id", "line"))
    return Window.partitionBy(*by, alone).orderBy(*order)


def _delivery_number(by: Sequence[str], order: Sequence[str]) -> Column:
    return F.row_number().over(_window(by, order))


def _fate(is_repeat: Column) -> Column:
    fate = F.when(F.col("reason").isNotNull(), REJECTED).when(is_repeat, DUPLICATE)
    return fate.otherwise(NEW)
