"""overlays, homepage_rows -> homepage_updates, publications: the pages of profiles that are due at a tick."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import reduce
from operator import or_

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from conf.days import end_of
from conf.errors import UserMistake
from conf.nearline import nearline_settings
from conf.ticks import Tick, tick_named
from features.refresh_due import due_profiles, first_to_come, with_base_rows
from jobs.io.published import homepage, publication, ticks
from jobs.io.published.receipts import PUBLISHED, UPDATED, next_instant
from jobs.io.snapshot.catalogue_view import shelf_at
from jobs.io.step import tick_job
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from models.page.online.refresh import Due

AT_ONCE = 1000  # profiles that are worth a worker of their own


def publish_updates(spark: SparkSession, tick: Tick) -> str:
    """Publish the pages that are due in one commit with a receipt; nothing is written of profiles that are not."""
    told = ticks.tick_receipt(tick)
    if told is None:
        first = f"python -m jobs.compute_overlays --until {tick}"
        raise UserMistake(f"{tick} has no overlays; run `{first}` first")
    most, base = nearline_settings().most_pages, told["built_on"]
    mine = _due(spark, tick, base).persist()
    levels = _levels(mine)
    found = count = sum(levels.values())
    if not found:
        tables.forget_tick(spark, UPDATED, tick)
        return "nobody is due"
    if found > most:
        mine, count = first_to_come(mine, most).persist(), most
        levels = _levels(mine)
    due = with_base_rows(
        mine, tables.read_day(spark, PUBLISHED, base, homepage.trusted_version_of(base))
    )
    shared = spark.sparkContext.broadcast(Due(shelf_at(tick.as_of), tick.as_of))
    made = due.coalesce(1 + count // AT_ONCE).mapInArrow(
        lambda batches: shared.value(batches), _schema(spark)
    )
    rows = tables.replace_tick(spark, UPDATED, tick, made)
    _keep_receipt(spark, tick)
    said = ", ".join(f"{levels[level]} {level}" for level in sorted(levels))
    wait = f"; {found - count} profiles that are likely to come later wait" if found > count else ""
    return f"{rows} rows of {count} profiles: {said}{wait}"


def _due(spark: SparkSession, tick: Tick, base: date) -> DataFrame:
    done = [one for one in ticks.finished_ticks() if one.ds > base and one <= tick]
    vouched = {
        tick_named(one.ds, one.tick)
        for one in homepage.publication_receipts(UPDATED)
        if one.tick and one.ds > base
    }
    overlays = _of_ticks(tables.read(spark, "overlays"), done)
    published = _of_ticks(tables.read(spark, UPDATED), [one for one in vouched if one < tick])
    return due_profiles(
        overlays, published, tables.read_day(spark, "profile_features", base), tick, end_of(base)
    )


def _levels(due: DataFrame) -> dict[str, int]:
    """How many are due of each level."""
    return {row["level"]: row["count"] for row in due.groupBy("level").count().collect()}


def _of_ticks(table: DataFrame, wanted: Iterable[Tick]) -> DataFrame:
    """The partitions of these ticks, said in a way that spares reading the others."""
    names = defaultdict[date, list[str]](list)
    for one in sorted(wanted):
        names[one.ds].append(one.name)
    days = ((F.col("ds") == F.lit(ds)) & F.col("tick").isin(of_day) for ds, of_day in names.items())
    return table.where(reduce(or_, days, F.lit(False)))


def _schema(spark: SparkSession) -> StructType:
    """The contract's columns in the order in which workers make them."""
    return StructType(
        [f for f in tables.schema_of(spark, UPDATED).fields if f.name not in ("ds", "tick")]
    )


def _keep_receipt(spark: SparkSession, tick: Tick) -> None:
    """Append the receipt of a tick's updates, the last step of their publication."""
    version = tables.version_of(spark, UPDATED)
    rows = tables.read(spark, UPDATED, version).where(
        (F.col("ds") == F.lit(tick.ds)) & (F.col("tick") == tick.name)
    )
    publication.append_receipt(
        spark,
        publication.row_counts(rows)
        | {
            "table_name": UPDATED,
            "tick": tick.name,
            "ds": tick.ds,
            "table_version": version,
            "published_at": next_instant(homepage.publication_receipts(UPDATED), datetime.now(UTC)),
            "content_hash": tables.content_hash(rows),
            "drafts_version": arrow_tables.newest_version("overlays"),
            "input_versions": {
                name: arrow_tables.newest_version(name)
                for name in ("overlays", "ticks", "homepage_rows")
            },
        },
    )


if __name__ == "__main__":
    tick_job("publish_updates", __doc__, publish_updates)
