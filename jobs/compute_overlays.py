"""events, profiles, impressions -> overlays, picture_counts, ticks: what is new at a tick."""

from datetime import UTC, datetime

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from conf.artwork import artwork_settings
from conf.contracts import contract
from conf.days import end_of
from conf.experiments import CELLS
from conf.nearline import nearline_settings
from conf.ticks import Tick
from features.artwork import picture_cells, picture_counts
from features.asof import known_records
from features.changed_profiles import COUNTS, TickSpan, changed_profiles
from features.daily import daily_counts, learned_on
from features.profile import profile_features
from features.title import title_features
from jobs.io.code_version import code_version
from jobs.io.experiments import assigned, register
from jobs.io.experiments.variants import variants
from jobs.io.published import ticks
from jobs.io.published.receipts import PUBLISHED
from jobs.io.published.ticks import TickStart
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.snapshot.page_maker import page_maker_from
from jobs.io.snapshot.snapshot import TitleFacts, TitleTables
from jobs.io.step import tick_job
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import fences
from jobs.io.tables import spark as tables
from jobs.io.tables.partitions import day_key, tick_key
from models.page.overlays import OverlayMaker
from models.page.variants import VariantPages

COUNTED = "picture_counts"
# changed profiles that the driver holds: what Spark has at hand it plans and joins sooner
MOST_ON_DRIVER = 100_000
AT_ONCE = 250  # profiles that are worth a worker of their own


def compute_overlays(spark: SparkSession, tick: Tick) -> str:
    """Write the tick's partition, none where no profile has a new record, and then its receipt.

    State is computed anew from the log as of the tick, so that taking a record in twice changes
    nothing.
    """
    # before anything is read: what is newer the next tick takes in
    started_at = datetime.now(UTC)
    overlays, counted, receipts = (
        fences.taken(name, tick_key(tick)) for name in ("overlays", COUNTED, ticks.RECEIPTS)
    )
    versions = _input_versions()
    start = ticks.start_of_tick(tick)
    base_fence = fences.taken(PUBLISHED, day_key(start.built_on))
    titles = ArrowSnapshot(tick.as_of).title_versions()
    span = TickSpan(start.since, tick.as_of, start.landings)
    profiles, counts = _changed_profiles(spark, titles, span)
    with fences.through(spark, overlays):
        rows = _write_overlays(spark, tick, start, titles, profiles)
    with fences.through(spark, counted):
        _count_artwork(spark, tick)
    receipt = {
        "as_of": tick.as_of,
        "since": start.since,
        "landings_after": start.landings_after,
        "built_on": start.built_on,
        "input_versions": versions | {"landings": start.landings_now},
        "rows_count": rows,
        "profiles_count": rows,
        **counts,
        "started_at": started_at,
        "finished_at": datetime.now(UTC),
        "code_version": code_version(),
    }
    fences.refuse_moved(base_fence)
    ticks.write_receipt(tick, receipt, receipts)
    by_count = ", ".join(f"{count} {name.removesuffix('_count')}" for name, count in counts.items())
    return f"{rows} profiles, built on {start.built_on}; {by_count}"


def _input_versions() -> dict[str, int]:
    """The versions of the tables that the tick reads, of those that exist."""
    names = sorted({*contract("overlays").reads, *contract(COUNTED).reads})
    versions = {name: arrow_tables.newest_version(name) for name in names}
    return {name: version for name, version in versions.items() if version >= 0}


def _changed_profiles(
    spark: SparkSession, titles: TitleTables, span: TickSpan
) -> tuple[DataFrame, dict[str, int]]:
    """The profiles with new records, and the sums of COUNTS."""
    title_ids = spark.createDataFrame(titles["titles"].select(["title_id"]))
    events, profiles = tables.read(spark, "events"), tables.read(spark, "profiles")
    with_records = changed_profiles(events, profiles, title_ids, span).persist()
    is_changed = F.size("changed") > 0
    count_sums = [F.sum(name) for name in COUNTS]
    sums = with_records.agg(*count_sums, F.count(F.when(is_changed, 1))).collect()[0]
    changed = with_records.where(is_changed).drop(*COUNTS)
    if sums[-1] <= MOST_ON_DRIVER:
        changed = spark.createDataFrame(changed.toArrow(), changed.schema)
    counts = {name: count or 0 for name, count in zip(COUNTS, sums, strict=False)}
    return changed, counts


def _write_overlays(
    spark: SparkSession, tick: Tick, start: TickStart, titles: TitleTables, changed: DataFrame
) -> int:
    """Write the overlays of the changed profiles; how many there are."""
    events, profiles = tables.read(spark, "events"), tables.read(spark, "profiles")
    features = profile_features(events, profiles, tick.as_of, only=changed)
    states = features.join(F.broadcast(changed), "profile_id").persist()
    count = 0 if changed.isEmpty() else states.count()
    if not count:
        tables.forget_tick(spark, "overlays", tick)
        return 0
    title_facts = TitleFacts(tick.as_of, titles, _title_features(spark, tick, titles).toArrow())
    snapshot = ArrowSnapshot(end_of(start.built_on))
    # who fell back that night has no cell, so that its variant is asked for nothing
    states = assigned.with_cells(spark, start.built_on, states)
    built = variants(snapshot, register.changes(start.built_on))
    pages = VariantPages(page_maker_from(snapshot, title_facts), built)
    gap_seconds = nearline_settings().rhythm.gap_minutes * 60
    shared = spark.sparkContext.broadcast(OverlayMaker(pages, str(tick), gap_seconds))
    few_tasks = states.coalesce(1 + count // AT_ONCE)
    schema = _schema(spark, [name for name in few_tasks.columns if name != CELLS])
    overlays = few_tasks.mapInArrow(lambda batches: shared.value(batches), schema)
    return tables.replace_tick(spark, "overlays", tick, overlays, rows=count)


def _count_artwork(spark: SparkSession, tick: Tick) -> None:
    """Write what the artwork in view on the tick's day has earned so far; nothing without views."""
    counts = None
    if arrow_tables.has_day("impressions", tick.ds):
        counts = _artwork_counts(spark, tick)
    if counts is None or not counts.num_rows:
        tables.forget_tick(spark, COUNTED, tick)
        return
    rows = spark.createDataFrame(counts).withColumn("as_of", F.lit(tick.as_of))
    tables.replace_tick(spark, COUNTED, tick, rows, rows=counts.num_rows)


def _artwork_counts(spark: SparkSession, tick: Tick) -> pa.Table:
    """Impressions and quality plays of the tick's day, at most one row for each artwork."""
    of_day = F.col("ds") == F.lit(tick.ds)
    impressions = tables.read(spark, "impressions").where(of_day)
    events = tables.read(spark, "events").where(of_day)
    quality_share = artwork_settings().learning.quality_share
    cells = picture_cells(impressions, events, tick.as_of, 1, quality_share)
    return picture_counts(cells, ("title_id", "artwork_id")).toArrow()


def _schema(spark: SparkSession, state_columns: list[str]) -> StructType:
    """The contract's columns in the order in which workers write them."""
    fields = {field.name: field for field in tables.schema_of(spark, "overlays").fields}
    return StructType([fields[name] for name in (*state_columns, "due_at", "rows", "as_of")])


def _title_features(spark: SparkSession, tick: Tick, titles: TitleTables) -> DataFrame:
    """The titles' features as of the tick.

    Earlier days are as `daily_counts` has them, where it is complete; the rest comes from the log.
    """
    counted_days = arrow_tables.counted_days(before=tick.ds)
    stored = tables.read(spark, "daily_counts").where(F.col("ds").isin(counted_days))
    log = known_records(tables.read(spark, "events"), tick.as_of)
    days = {row["ds"] for row in log.select(learned_on().alias("ds")).distinct().collect()}
    counts = stored.unionByName(daily_counts(log, days - set(counted_days)))
    newest = spark.createDataFrame(titles["titles"].select(["title_id", "year", "launched_at"]))
    newest = newest.withColumns({"known_at": F.lit(tick.as_of), "landing_id": F.lit("")})
    return title_features(counts.persist(), newest, tick.as_of)


if __name__ == "__main__":
    tick_job("compute_overlays", __doc__, compute_overlays)
