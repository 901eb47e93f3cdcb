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


def content_id(table: str, given: Sequence[str]) -> Column:
    """sha256, in hex, over what a record says: name=value of every column that has one, in contract
    order.

    The marks between them are control characters, which no accepted text holds. Instants count
    microseconds.
    """
    names = [name for name in content_columns(table) if name in given]
    named = [
        F.concat(F.lit(f"{name}="), _canonical(name)) for name in names
    ]  # null, and so left out, without a value
    return F.sha2(F.concat_ws(BETWEEN, *named), 256)


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
    known = rows.withColumn(
        "content_id", F.when(F.col("reason").isNull(), content_id(table, rows.columns))
    )
    twice = _place(["content_id"], ["known_at", *ORDER]) > 1
    if landed is None:
        return known.withColumn("fate", _fate(twice))
    stored = (
        F.col("event_id") if "event_id" in landed.columns else content_id(table, landed.columns)
    )
    before = landed.select(stored.alias("content_id")).distinct().withColumn("landed", F.lit(True))
    known = known.join(before, "content_id", "left")
    return known.withColumn("fate", _fate(F.col("landed").isNotNull() | twice)).drop("landed")


def versions(rows: DataFrame, table: str, landed: DataFrame, moment: datetime | None) -> DataFrame:
    """Shaped versions with their fate and the moment they are known since.

    The first version of a key was always known (ALWAYS); a changed one is known at `moment`, and in
    any case after the version it follows, unless the file says when. One that says what the newest
    landed version says is a duplicate; one that contradicts another of the same key and moment is
    rejected. Where `moment` is None a changed version is undated.
    """
    keys = list(version_keys(table))
    said = rows.withColumn(
        "content_id", F.when(F.col("reason").isNull(), content_id(table, rows.columns))
    )
    said = said.join(_by_key(landed, table, keys), keys, "left")
    first = F.first("content_id").over(_window([*keys, "known_at"], ORDER))
    said = said.withColumns({"first": first, "place": _place([*keys, "known_at"], ORDER)})
    content, at, newest = F.col("content_id"), F.col("known_at"), F.array_max("history")
    then = F.filter(
        "history", lambda v: v["known_at"] == at
    )  # landed for the very moment that the file gives
    other = F.when(at.isNotNull() & (F.size(then) > 0), then[0]["content_id"] != content)
    clash = F.coalesce((F.col("first") != content) | other, F.lit(False))
    same = F.coalesce(
        F.when(at.isNull(), newest["content_id"] == content).otherwise(F.size(then) > 0),
        F.lit(False),
    )
    judged = said.withColumns(
        {
            "clash": F.col("reason").isNull() & clash,
            "seen": same | (F.col("place") > 1),
            "newest": newest["known_at"],
        }
    )
    return _settled(judged, keys, moment)


def _settled(judged: DataFrame, keys: list[str], moment: datetime | None) -> DataFrame:
    after = F.col("newest") + F.expr("INTERVAL 1 MICROSECOND")
    changed = F.greatest(F.lit(moment), after) if moment else F.lit(None).cast("timestamp")
    since = F.coalesce(
        "known_at", F.when(F.col("newest").isNull(), F.lit(ALWAYS)).otherwise(changed)
    )
    return (
        judged.withColumns(
            {
                "reason": F.when(F.col("clash"), Reason.CONFLICTING_VERSION.value).otherwise(
                    F.col("reason")
                ),
                "field": F.when(F.col("clash"), ", ".join(keys)).otherwise(F.col("field")),
                "known_at": since,
            }
        )
        .withColumn("fate", _fate(F.col("seen")))
        .drop("history", "first", "place", "clash", "seen", "newest")
    )


def _by_key(landed: DataFrame, table: str, keys: list[str]) -> DataFrame:
    version = F.struct("known_at", content_id(table, landed.columns).alias("content_id"))
    return landed.groupBy(*keys).agg(F.sort_array(F.collect_set(version)).alias("history"))


def _window(by: Sequence[str], order: Sequence[str]) -> WindowSpec:
    # a rejected row stands alone: its fields mean nothing, and many null keys would pile up in one
    # partition
    alone = F.when(F.col("reason").isNotNull(), F.concat_ws(":", "landing_id", "line"))
    return Window.partitionBy(*by, alone).orderBy(*order)


def _place(by: Sequence[str], order: Sequence[str]) -> Column:
    return F.row_number().over(_window(by, order))


def _fate(seen: Column) -> Column:
    known = F.when(F.col("reason").isNotNull(), REJECTED).when(seen, DUPLICATE)
    return known.when(F.col("known_at").isNull(), UNDATED).otherwise(NEW)
