"""overlays, homepage_rows -> homepage_updates, publications: the pages of profiles that are due at a tick."""

from datetime import UTC, date, datetime

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from conf.errors import UserMistake
from conf.ticks import Tick
from features.due import due_pages
from jobs.io import homepage, lake, releases, tables, ticks
from jobs.io.command import tick_job
from jobs.io.receipts import PUBLISHED, UPDATED, next_instant
from jobs.io.shelves import shelf_at
from models.page.due import Due

AT_ONCE = 1000  # profiles that are worth a worker of their own


def publish_updates(spark: SparkSession, tick: Tick) -> str:
    """Publish the pages that are due in one commit with a receipt; nothing is written of profiles that are not."""
    told = ticks.receipt(tick)
    if told is None:
        first = f"python -m jobs.compute_overlays --until {tick}"
        raise UserMistake(f"{tick} has no overlays; run `{first}` first")
    due = _due(spark, tick, told["built_on"]).persist()
    levels = {row["level"]: row["count"] for row in due.groupBy("level").count().collect()}
    count = sum(levels.values())
    if not count:
        tables.forget_tick(spark, UPDATED, tick)
        return "nobody is due"
    shared = spark.sparkContext.broadcast(Due(shelf_at(tick.as_of), tick.as_of))
    made = due.coalesce(1 + count // AT_ONCE).mapInArrow(lambda batches: shared.value(batches), _schema(spark))
    rows = tables.replace_tick(spark, UPDATED, tick, made)
    _keep_receipt(spark, tick)
    said = ", ".join(f"{levels[level]} {level}" for level in sorted(levels))
    return f"{rows} rows of {count} profiles: {said}"


def _due(spark: SparkSession, tick: Tick, base: date) -> DataFrame:
    done = [one.name for one in ticks.done() if one.ds == tick.ds and one <= tick]
    overlays = tables.read(spark, "overlays").where((F.col("ds") == F.lit(tick.ds)) & F.col("tick").isin(done))
    profiles = tables.read_day(spark, "profile_features", base)
    pages = tables.read_day(spark, PUBLISHED, base, homepage.version_of(base))
    return due_pages(overlays, profiles, pages, tick)


def _schema(spark: SparkSession) -> StructType:
    """The contract's columns in the order in which workers make them."""
    return StructType([f for f in tables.schema_of(spark, UPDATED).fields if f.name not in ("ds", "tick")])


def _keep_receipt(spark: SparkSession, tick: Tick) -> None:
    """Append the receipt of a tick's updates, the last step of their publication."""
    version = tables.version_of(spark, UPDATED)
    rows = tables.read(spark, UPDATED, version).where((F.col("ds") == F.lit(tick.ds)) & (F.col("tick") == tick.name))
    releases.append_receipt(spark, releases.counted(rows) | {
        "table_name": UPDATED, "tick": tick.name, "ds": tick.ds, "table_version": version,
        "published_at": next_instant(homepage.published(UPDATED), datetime.now(UTC)),
        "content_hash": tables.content_hash(rows), "drafts_version": lake.version("overlays"),
        "input_versions": {name: lake.version(name) for name in ("overlays", "ticks", "homepage_rows")},
    })  # fmt: skip


if __name__ == "__main__":
    tick_job("publish_updates", __doc__, publish_updates)
