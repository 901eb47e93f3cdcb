"""The files of one table on their way into it: read, judged against what is there, and written."""

# Tested by tests/jobs/test_ingest_events.py and tests/jobs/io/landing/test_sound_files.py.

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.contracts import contract
from conf.landing import FACT_TIMES
from features.sources import files, identity
from features.sources.layout import record_ddl
from features.sources.shape import shaped
from features.sources.versions import HELD, NEW
from jobs.io.landing import log_kept, quarantine, sound_files
from jobs.io.landing.erased import forget_erased, without_erased
from jobs.io.landing.files import Landing
from jobs.io.landing.log_report import LogReport
from jobs.io.landing.options import LandingOptions
from jobs.io.landing.quarantine import Receipt
from jobs.io.landing.records import records
from jobs.io.landing.sound_files import SoundFacts
from jobs.io.landing.summary import Newest, Summary, summary_of
from jobs.io.tables import fences
from jobs.io.tables import spark as tables


@dataclass
class TableLanding:
    """The files of one table that are landed together.

    `rows` are their records, shaped; where all files are sound throughout, `sound` holds their facts,
    and `rows` only the records that were set aside.
    """

    spark: SparkSession
    dataset: str
    landings: Sequence[Landing]
    options: LandingOptions
    rows: DataFrame
    summary: Summary
    sound: SoundFacts | None = None
    verdicts: DataFrame = field(init=False)  # once they are judged

    @property
    def table(self) -> str:
        """The table that they are landed into."""
        return self.landings[0].table

    def take_ratings_as_plays(self, report: LogReport) -> None:
        """Count ratings as plays, in a log that has no others."""
        if self.sound is None:
            self.rows = log_kept.with_ratings_as_plays(self.rows, report)
        else:
            self.sound.ratings_as_plays(log_kept.least_stars(report))

    def judge(self, newest: Newest, stack: ExitStack) -> list[Receipt]:
        """Compare the records with what is there; a receipt for each file."""
        if self.sound is not None:
            self.verdicts = identity.rejected(self.rows)
            return self.sound.judge(self._receipts(self.verdicts))
        self.verdicts = _hold(self._compared(newest), stack)
        receipts = self._receipts(self.verdicts)
        self.rows.unpersist()
        return receipts

    def write(self, receipts: Sequence[Receipt], fence: fences.Fence) -> None:
        """Add what is new to the table, and what was refused to `quarantine`."""
        if self.sound is not None and any(receipt.accepted_count for receipt in receipts):
            tables.ensure(self.spark, self.table)
            self.sound.append(self.dataset, fence)
        elif any(receipt.accepted_count or receipt.held_count for receipt in receipts):
            with fences.through(self.spark, fence):
                _append(self.spark, self.dataset, self.table, self.verdicts)
        if any(receipt.rejected_count for receipt in receipts):
            quarantine.quarantine(self.spark, self.table, self.verdicts)

    def _compared(self, newest: Newest) -> DataFrame:
        if self.table in FACT_TIMES:
            return _judged_facts(self.spark, self.table, self.rows, self.summary.happened_from)
        moment = _moment(self.options, newest, self.landings)
        return _judged_versions(self.spark, self.rows, self.landings, moment)

    def _receipts(self, verdicts: DataFrame) -> list[Receipt]:
        return quarantine.receipts_of(verdicts, self.landings, self.dataset, self.options.now)


def read(
    spark: SparkSession,
    dataset: str,
    adapter: Any,
    landings: Sequence[Landing],
    options: LandingOptions,
    stack: ExitStack,
) -> TableLanding:
    """The records of the files of one table, by the module of features/sources that reads them.

    They stay in memory until the stack closes.
    """
    sound = None
    if adapter is files:
        database = stack.enter_context(sound_files.database())
        sound = sound_files.sound_facts(landings, database, options.latest)
    if sound is None:
        rows = _hold(without_erased(_rows(spark, adapter, landings, options)), stack)
        summary = summary_of(rows, landings[0].table)
    else:
        rows = _hold(without_erased(_odd_rows(spark, sound, options)), stack)
        forget_erased(sound.database)
        summary = sound.summary()
    return TableLanding(spark, dataset, landings, options, rows, summary, sound)


def _hold(frame: DataFrame, stack: ExitStack) -> DataFrame:
    frame.persist()
    stack.callback(frame.unpersist)
    return frame


def _odd_rows(spark: SparkSession, facts: SoundFacts, options: LandingOptions) -> DataFrame:
    """What was set aside of the quick way, shaped as every record is; what is sound of it is added."""
    odd = facts.odd if facts.odd.num_rows else []  # Spark takes no Arrow table without rows
    texts = spark.createDataFrame(odd, record_ddl(facts.table, facts.names))
    rows = identity.with_content_id(shaped(texts, facts.table, options.latest), facts.table)
    if facts.odd.num_rows:
        facts.add(rows.where(F.col("reason").isNull()).toArrow())
    return rows


def _rows(
    spark: SparkSession, adapter: Any, landings: Sequence[Landing], options: LandingOptions
) -> DataFrame:
    table = landings[0].table
    chunks = [chunk for landing in landings for chunk in landing.chunks]
    texts = records(spark, table, chunks)
    translation = adapter.translated(table, texts)
    return shaped(translation, table, options.latest)


def _moment(
    options: LandingOptions, newest: Newest, landings: Sequence[Landing]
) -> datetime | None:
    """When changes without a date were learned; nobody knows it of a file that was landed before
    and of which rows were lost, and what was learned since may not be older than it.
    """
    if any((x.table, x.landing_id) in quarantine.receipts() for x in landings):
        return options.known_at
    return options.moment(newest.moment)


def _judged_facts(
    spark: SparkSession, table: str, rows: DataFrame, happened_from: date | None
) -> DataFrame:
    if happened_from is None or not tables.exists(spark, table):
        return identity.facts(rows, table, None)
    # a fact is learned on the day it happened or later, so no earlier partition can hold it
    landed = tables.read(spark, table).where(F.col("ds") >= F.lit(happened_from))
    return identity.facts(rows, table, landed)


def _judged_versions(
    spark: SparkSession, rows: DataFrame, landings: Sequence[Landing], moment: datetime | None
) -> DataFrame:
    """The verdicts on versions; those that a landing of the same files left, cut short, count as not
    there.
    """
    table = landings[0].table
    others = ~F.col("landing_id").isin([landing.landing_id for landing in landings])
    return identity.versions(rows, table, tables.read(spark, table).where(others), moment)


def _append(spark: SparkSession, dataset: str, table: str, verdicts: DataFrame) -> None:
    rows = verdicts.where(F.col("fate").isin(NEW, HELD)).withColumn("source", F.lit(dataset))
    if table in FACT_TIMES:
        rows = rows.withColumn("ds", F.to_date("known_at")).hint("rebalance", F.col("ds"))
    else:
        there = quarantine.landing_ids(table)
        rows = rows.where(~F.col("landing_id").isin(there)).hint("rebalance")
        if there and rows.isEmpty():
            return
    if table == "events":
        rows = rows.withColumn("event_id", F.col("content_id"))
    names = [name for name in contract(table).columns if name in rows.columns]
    tables.append(spark, table, rows.select(*names), f"landing {dataset}")
