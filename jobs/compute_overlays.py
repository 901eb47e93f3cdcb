"""events, profiles, impressions -> overlays, picture_counts, ticks: state and rows of whom a tick learned something."""

from datetime import UTC, datetime

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from conf.artwork import artwork_settings
from conf.contracts import contract
from conf.days import end_of
from conf.nearline import nearline_settings
from conf.ticks import Tick
from features.artwork import picture_cells, picture_counts
from features.asof import known_records
from features.changed_profiles import COUNTS, TickSpan, changed_profiles
from features.daily import daily_counts
from features.profile import profile_features
from features.title import title_features
from jobs.io.code_version import code_version
from jobs.io.published import ticks
from jobs.io.published.ticks import TickStart
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.snapshot.page_maker import page_maker_from
from jobs.io.snapshot.snapshot import TitleFacts, TitleTables
from jobs.io.step import tick_job
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from models.page.overlays import OverlayMaker

COUNTED = "picture_counts"
FEW = 100_000  # touched profiles that the driver holds: what Spark has at hand it plans and joins sooner
AT_ONCE = 250  # profiles that are worth a worker of their own


def compute_overlays(spark: SparkSession, tick: Tick) -> str:
    """Write the partition of the tick, none where nobody was touched, and then its receipt.

    State is worked out anew from the log as of the tick, so that taking something in twice changes nothing.
    """
    started, versions = (
        datetime.now(UTC),
        _versions(),
    )  # before anything is read: what is newer the next tick takes in
    begin, titles = ticks.start_of_tick(tick), ArrowSnapshot(tick.as_of).title_versions()
    people, counts = _touched(spark, titles, TickSpan(begin.since, tick.as_of, begin.landings))
    rows = _written(spark, tick, begin, titles, people)
    _count_pictures(spark, tick)
    ticks.write_receipt(
        tick,
        {
            "as_of": tick.as_of,
            "since": begin.since,
            "landings_after": begin.landings_after,
            "built_on": begin.built_on,
            "input_versions": versions | {"landings": begin.landings_now},
            "rows_count": rows,
            "profiles_count": rows,
            **counts,
            "started_at": started,
            "finished_at": datetime.now(UTC),
            "code_version": code_version(),
        },
    )
    odd = ", ".join(f"{count} {name.removesuffix('_count')}" for name, count in counts.items())
    return f"{rows} profiles, built on {begin.built_on}; {odd}"


def _versions() -> dict[str, int]:
    read = sorted({*contract("overlays").reads, *contract(COUNTED).reads})
    found = {name: arrow_tables.newest_version(name) for name in read}
    return {name: version for name, version in found.items() if version >= 0}


def _touched(
    spark: SparkSession, titles: TitleTables, span: TickSpan
) -> tuple[DataFrame, dict[str, int]]:
    """The profiles that something was learned of, and the sums of COUNTS."""
    ids = spark.createDataFrame(titles["titles"].select(["title_id"]))
    found = changed_profiles(
        tables.read(spark, "events"), tables.read(spark, "profiles"), ids, span
    ).persist()
    changed = F.size("changed") > 0
    sums = found.agg(*(F.sum(name) for name in COUNTS), F.count(F.when(changed, 1))).collect()[0]
    people = found.where(changed).drop(*COUNTS)
    if sums[-1] <= FEW:
        people = spark.createDataFrame(people.toArrow(), people.schema)
    return people, {name: count or 0 for name, count in zip(COUNTS, sums, strict=False)}


def _written(
    spark: SparkSession, tick: Tick, begin: TickStart, titles: TitleTables, people: DataFrame
) -> int:
    """Write the overlays of these profiles; how many there are."""
    events, profiles = tables.read(spark, "events"), tables.read(spark, "profiles")
    states = profile_features(events, profiles, tick.as_of, only=people).join(
        F.broadcast(people), "profile_id"
    )
    states = states.persist()
    count = 0 if people.isEmpty() else states.count()
    if not count:
        tables.forget_tick(spark, "overlays", tick)
        return 0
    title_facts = TitleFacts(tick.as_of, titles, _title_features(spark, tick, titles).toArrow())
    pages = page_maker_from(ArrowSnapshot(end_of(begin.built_on)), title_facts)
    maker = OverlayMaker(pages, str(tick), nearline_settings().rhythm.gap_minutes * 60)
    shared = spark.sparkContext.broadcast(maker)
    few = states.coalesce(1 + count // AT_ONCE)
    made = few.mapInArrow(lambda batches: shared.value(batches), _schema(spark, few.columns))
    return tables.replace_tick(spark, "overlays", tick, made, rows=count)


def _count_pictures(spark: SparkSession, tick: Tick) -> None:
    """Write what the pictures that came into view on the tick's day have earned so far, none where none did."""
    found = _pictures_seen(spark, tick) if arrow_tables.has_day("impressions", tick.ds) else None
    if found is None or not found.num_rows:
        tables.forget_tick(spark, COUNTED, tick)
        return
    made = spark.createDataFrame(found).withColumn("as_of", F.lit(tick.as_of))
    tables.replace_tick(spark, COUNTED, tick, made, rows=found.num_rows)


def _pictures_seen(spark: SparkSession, tick: Tick) -> pa.Table:
    seen, events = (
        tables.read(spark, name).where(F.col("ds") == F.lit(tick.ds))
        for name in ("impressions", "events")
    )
    cells = picture_cells(seen, events, tick.as_of, 1, artwork_settings().learning.quality_share)
    return picture_counts(
        cells, ("title_id", "artwork_id")
    ).toArrow()  # at most as many as there are pictures


def _schema(spark: SparkSession, given: list[str]) -> StructType:
    """The contract's columns in the order in which workers make them."""
    fields = {field.name: field for field in tables.schema_of(spark, "overlays").fields}
    return StructType([fields[name] for name in (*given, "due_at", "rows", "as_of")])


def _title_features(spark: SparkSession, tick: Tick, titles: TitleTables) -> DataFrame:
    """The titles' features as of the tick: earlier days as they were counted, its own from the log."""
    stored, good = tables.read(spark, "daily_counts"), arrow_tables.counted_days(before=tick.ds)
    rest = (
        tables.read(spark, "events").where(~F.col("ds").isin(good))
        if good
        else tables.read(spark, "events")
    )
    counts = stored.where(F.col("ds").isin(good)).unionByName(
        daily_counts(known_records(rest, tick.as_of))
    )
    newest = spark.createDataFrame(titles["titles"].select(["title_id", "year", "launched_at"]))
    newest = newest.withColumns({"known_at": F.lit(tick.as_of), "landing_id": F.lit("")})
    return title_features(counts.persist(), newest, tick.as_of)


if __name__ == "__main__":
    tick_job("compute_overlays", __doc__, compute_overlays)
