"""overlays, homepage_rows -> homepage_updates, publications: the pages that are due at a tick."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from conf.days import end_of
from conf.errors import UserMistake
from conf.nearline import nearline_settings
from conf.ticks import Tick, tick_named
from features.refresh_due import due_profiles, first_to_come, with_base_rows
from jobs.io.published import homepage, publication, rollbacks, ticks
from jobs.io.published.receipts import PUBLISHED, UPDATED, next_instant
from jobs.io.snapshot.catalogue_view import catalogue_view_at
from jobs.io.step import tick_job
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import fences
from jobs.io.tables import spark as tables
from jobs.io.tables.partitions import day_key, tick_key
from models.page.online.refresh import PageRefresh

AT_ONCE = 1000  # profiles that are worth a worker of their own


def publish_updates(spark: SparkSession, tick: Tick) -> str:
    """Publish the pages that are due in one commit with a receipt; other profiles get no rows."""
    fence, receipt_fence = publication.publication_fences(UPDATED, tick_key(tick))
    receipt = ticks.tick_receipt(tick)
    if receipt is None:
        first = f"python -m jobs.compute_overlays --until {tick}"
        raise UserMistake(f"{tick} has no overlays; run `{first}` first")
    rollbacks.refuse_held(homepage.publication_receipts(UPDATED), (tick.ds, tick.name))
    built_on = receipt["built_on"]
    base_fence = fences.taken(PUBLISHED, day_key(built_on))
    due = _due(spark, tick, built_on).persist()
    levels = _levels(due)
    due_count = sum(levels.values())
    if not due_count:
        with fences.through(spark, fence):
            tables.forget_tick(spark, UPDATED, tick)
        return "nobody is due"
    count = min(due_count, nearline_settings().most_pages)
    if due_count > count:
        due = first_to_come(due, count).persist()
        levels = _levels(due)
    base_version = homepage.trusted_version_of(built_on)
    due = with_base_rows(due, tables.read_day(spark, PUBLISHED, built_on, base_version))
    shared = spark.sparkContext.broadcast(PageRefresh(catalogue_view_at(tick.as_of), tick.as_of))
    few_tasks = due.coalesce(1 + count // AT_ONCE)
    updates = few_tasks.mapInArrow(lambda batches: shared.value(batches), _schema(spark))
    with fences.through(spark, fence):
        rows = tables.replace_tick(spark, UPDATED, tick, updates)
    fences.refuse_moved(base_fence)  # rolled back, say: until the receipt nobody trusts the updates
    with fences.through(spark, receipt_fence):
        _keep_receipt(spark, tick)
    by_level = ", ".join(f"{levels[level]} {level}" for level in sorted(levels))
    waiting = due_count - count
    wait = f"; {waiting} profiles that are likely to come later wait" if waiting else ""
    return f"{rows} rows of {count} profiles: {by_level}{wait}"


def _due(spark: SparkSession, tick: Tick, built_on: date) -> DataFrame:
    """The profiles whose pages are due, of the overlays and updates since the base pages."""
    finished = [each for each in ticks.finished_ticks() if built_on < each.ds and each <= tick]
    receipts = homepage.publication_receipts(UPDATED)
    published = {
        tick_named(receipt.ds, receipt.tick)
        for receipt in receipts
        if receipt.tick and receipt.rows_count and receipt.ds > built_on
    }
    overlays = _of_ticks(tables.read(spark, "overlays"), finished)
    earlier = [each for each in published if each < tick]
    updates = _of_ticks(tables.read(spark, UPDATED), earlier)
    profiles = tables.read_day(spark, "profile_features", built_on)
    return due_profiles(overlays, updates, profiles, tick, end_of(built_on))


def _levels(due: DataFrame) -> dict[str, int]:
    """How many are due of each level."""
    return {row["level"]: row["count"] for row in due.groupBy("level").count().collect()}


def _of_ticks(table: DataFrame, wanted: Iterable[Tick]) -> DataFrame:
    """The partitions of these ticks, by conditions that spare reading the others."""
    names = defaultdict[date, list[str]](list)
    for tick in sorted(wanted):
        names[tick.ds].append(tick.name)
    condition = F.lit(False)
    for ds, names_of_day in names.items():
        condition = condition | ((F.col("ds") == F.lit(ds)) & F.col("tick").isin(names_of_day))
    return table.where(condition)


def _schema(spark: SparkSession) -> StructType:
    """The contract's columns in the order in which workers write them."""
    fields = tables.schema_of(spark, UPDATED).fields
    return StructType([field for field in fields if field.name not in ("ds", "tick")])


def _keep_receipt(spark: SparkSession, tick: Tick) -> None:
    """Append the receipt of a tick's updates, the last step of their publication."""
    version = tables.version_of(spark, UPDATED)
    of_tick = (F.col("ds") == F.lit(tick.ds)) & (F.col("tick") == tick.name)
    rows = tables.read(spark, UPDATED, version).where(of_tick)
    inputs = ("overlays", "ticks", "homepage_rows")
    record = {
        **publication.row_counts(rows),
        "table_name": UPDATED,
        "tick": tick.name,
        "ds": tick.ds,
        "table_version": version,
        "published_at": next_instant(homepage.publication_receipts(UPDATED), datetime.now(UTC)),
        "content_hash": tables.content_hash(rows),
        "drafts_version": arrow_tables.newest_version("overlays"),
        "input_versions": {name: arrow_tables.newest_version(name) for name in inputs},
    }
    publication.append_receipt(spark, record)


if __name__ == "__main__":
    tick_job("publish_updates", __doc__, publish_updates)
