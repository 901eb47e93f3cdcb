"""What makes a record the same as another one: a fact by its content, a version by its key and
content.

Both functions add `fate` to shaped rows: new, duplicate, rejected or undated.
"""
# Tested by tests/jobs/test_ingest_events.py.

from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.window import WindowSpec

from conf.contracts import columns
from conf.errors import Reason
from conf.landing import ALWAYS, content_columns, version_keys

NEW, DUPLICATE, REJECTED = "new", "duplicate", "rejected"
UNDATED = "undated"  # a changed version, and nothing says when it was learned
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


def _with_content_id(rows: DataFrame, table: str) -> DataFrame:
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
    deliveries = _with_content_id(rows, table)
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


def versions(rows: DataFrame, table: str, landed: DataFrame, moment: datetime | None) -> DataFrame:
    """Shaped versions with their fate and the moment they are known since.

    The first version of a key was always known (ALWAYS); a changed one is known at `moment`, and in
    any case after the version it follows, unless the file says when. One that says what the newest
    landed version says is a duplicate; one that contradicts another of the same key and moment is
    rejected. Where `moment` is None a changed version is undated.
    """
    keys = list(version_keys(table))
    key_and_moment = [*keys, "known_at"]
    records = _with_content_id(rows, table)
    records = records.join(_by_key(landed, table, keys), keys, "left")
    first_content = F.first("content_id").over(_window(key_and_moment, ORDER))
    number = _delivery_number(key_and_moment, ORDER)
    records = records.withColumns({"first_content": first_content, "number": number})
    content = F.col("content_id")
    moment_in_file = F.col("known_at")
    newest = F.array_max("history")
    # landed for the very moment that the file gives
    landed_then = F.filter("history", lambda version: version["known_at"] == moment_in_file)
    has_landed_then = F.size(landed_then) > 0
    contradicts_landed = F.when(
        moment_in_file.isNotNull() & has_landed_then, landed_then[0]["content_id"] != content
    )
    contradicts_file = F.col("first_content") != content
    clash = F.coalesce(contradicts_file | contradicts_landed, F.lit(False))
    repeats_newest = F.when(moment_in_file.isNull(), newest["content_id"] == content)
    is_landed = F.coalesce(repeats_newest.otherwise(has_landed_then), F.lit(False))
    comparisons = {
        "clash": F.col("reason").isNull() & clash,
        "is_repeat": is_landed | (F.col("number") > 1),
        "newest": newest["known_at"],
    }
    return _with_fate(records.withColumns(comparisons), keys, moment)


def _with_fate(records: DataFrame, keys: list[str], moment: datetime | None) -> DataFrame:
    clash = F.col("clash")
    newest = F.col("newest")
    after_newest = newest + F.expr("INTERVAL 1 MICROSECOND")
    if moment:
        change_moment = F.greatest(F.lit(moment), after_newest)
    else:
        change_moment = F.lit(None).cast("timestamp")
    default_moment = F.when(newest.isNull(), F.lit(ALWAYS)).otherwise(change_moment)
    conflict = F.when(clash, Reason.CONFLICTING_VERSION.value)
    records = records.withColumns(
        {
            "reason": conflict.otherwise(F.col("reason")),
            "field": F.when(clash, ", ".join(keys)).otherwise(F.col("field")),
            "known_at": F.coalesce("known_at", default_moment),
        }
    )
    records = records.withColumn("fate", _fate(F.col("is_repeat")))
    return records.drop("history", "first_content", "number", "clash", "is_repeat", "newest")


def _by_key(landed: DataFrame, table: str, keys: list[str]) -> DataFrame:
    content = content_id(table, landed.columns).alias("content_id")
    version = F.struct("known_at", content)
    history = F.sort_array(F.collect_set(version)).alias("history")
    return landed.groupBy(*keys).agg(history)


def _window(by: Sequence[str], order: Sequence[str]) -> WindowSpec:
    # a rejected row stands alone: its fields mean nothing, and many null keys would pile up in one
    # partition
    alone = F.when(F.col("reason").isNotNull(), F.concat_ws(":", "landing_id", "line"))
    return Window.partitionBy(*by, alone).orderBy(*order)


def _delivery_number(by: Sequence[str], order: Sequence[str]) -> Column:
    return F.row_number().over(_window(by, order))


def _fate(is_repeat: Column) -> Column:
    fate = F.when(F.col("reason").isNotNull(), REJECTED).when(is_repeat, DUPLICATE)
    return fate.when(F.col("known_at").isNull(), UNDATED).otherwise(NEW)
