"""Landed files -> events, titles, profiles, availability, artwork, impressions; broken records -> quarantine."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.days import parse_instant
from conf.errors import UserMistake
from conf.landing import HAPPENED, version_keys
from features.sources import files, identity, ml_100k
from features.sources.shape import shaped
from jobs.io import checks, inputs, tables
from jobs.io.checks import Receipt
from jobs.io.command import one_line_errors
from jobs.io.inputs import Landing
from jobs.io.records import records
from jobs.io.session import open_session

ADAPTERS = {"files": files, "ml-100k": ml_100k}
Say = Callable[[str], None]


def ingest_events(
    spark: SparkSession, dataset: str, landings: Sequence[Landing], known_at: datetime | None = None, say: Say = print
) -> list[Receipt]:
    """Land files and return one receipt for each. Every file is read and judged before the first table changes.

    Killed at any moment and run again it ends the same: records are compared with what is there by content, and the
    receipts, which make a landed file known without reading it, are written last.
    """
    before = checks.receipts_of(spark)
    todo = [x for x in landings if (x.table, x.landing_id) not in before]
    again = [_again(before[x.table, x.landing_id], x.file) for x in landings if x not in todo]
    with ExitStack() as held:
        rows = {table: _rows(spark, dataset, table, todo, known_at, say, held) for table in _tables(todo)}
        moment = known_at or _newest(spark, rows.get("events"))
        judged = {table: _judged(spark, table, frame, moment, held) for table, frame in rows.items()}
        done = [receipt for table, frame in judged.items() for receipt in _counted(table, frame, todo, dataset, say)]
        for table, frame in judged.items():
            say(f"writing {table}")
            _write(spark, dataset, table, frame)
            checks.quarantine(spark, table, frame)
        checks.keep(spark, done)
    return done + again


def _tables(todo: Sequence[Landing]) -> list[str]:
    return list(dict.fromkeys(landing.table for landing in todo))


def _again(receipt: Receipt, file: str) -> Receipt:
    known = receipt.accepted_count + receipt.duplicate_count
    return replace(receipt, file=file, accepted_count=0, duplicate_count=known, again=True)


def _rows(
    spark: SparkSession,
    dataset: str,
    table: str,
    todo: Sequence[Landing],
    known_at: datetime | None,
    say: Say,
    held: ExitStack,
) -> DataFrame:
    say(f"reading {table}")
    chunks = [chunk for landing in todo if landing.table == table for chunk in landing.chunks]
    texts = ADAPTERS[dataset].translated(table, records(spark, table, chunks))
    rows = _hold(shaped(texts, table, known_at), held)
    checks.refuse_whole(rows, table)
    return rows


def _hold(frame: DataFrame, held: ExitStack) -> DataFrame:
    frame.persist()
    held.callback(frame.unpersist)
    return frame


def _newest(spark: SparkSession, rows: DataFrame | None) -> datetime | None:
    """The newest moment at which an event was learned, landed now or before: what "now" means to a log."""
    frames = [tables.read(spark, "events").select("known_at")]
    if rows is not None:
        frames.append(rows.where(F.col("reason").isNull()).select("known_at"))
    found = [frame.agg(F.max("known_at")).first()[0] for frame in frames]
    return max((moment for moment in found if moment is not None), default=None)


def _judged(spark: SparkSession, table: str, rows: DataFrame, moment: datetime | None, held: ExitStack) -> DataFrame:
    landed = tables.read(spark, table)
    if table not in HAPPENED:
        return _hold(identity.versions(rows, table, landed, moment), held)
    oldest = rows.where(F.col("reason").isNull()).agg(F.min(F.to_date(HAPPENED[table]))).first()[0]
    # a fact is learned on the day it happened or later, so no earlier partition can hold it
    return _hold(identity.facts(rows, table, landed.where(F.col("ds") >= F.lit(oldest))), held)


def _counted(table: str, judged: DataFrame, todo: Sequence[Landing], dataset: str, say: Say) -> list[Receipt]:
    say(f"comparing {table}")
    fates = checks.counts(judged)
    new = F.col("fate") == identity.NEW
    if table not in HAPPENED and not judged.where(new & F.col("known_at").isNull()).isEmpty():
        keys = ", ".join(version_keys(table))
        raise UserMistake(f"{table}: changes {keys} landed before, and no event says when; give --known-at")
    ours = [landing for landing in todo if landing.table == table]
    return [checks.receipt(table, x.file, x.landing_id, fates.get(x.landing_id, Counter()), dataset) for x in ours]


def _write(spark: SparkSession, dataset: str, table: str, judged: DataFrame) -> None:
    rows = judged.where(F.col("fate") == identity.NEW).withColumn("source", F.lit(dataset))
    if rows.isEmpty():
        return
    if table in HAPPENED:
        rows = rows.withColumn("ds", F.to_date("known_at")).hint("rebalance", F.col("ds"))
    else:
        rows = rows.hint("rebalance")
    if table == "events":
        rows = rows.withColumn("event_id", F.col("content_id"))
    kept = [name for name in tables.schema_of(spark, table).names if name in rows.columns]
    tables.append(spark, table, rows.select(*kept), f"landing {dataset}")


def main(argv: Sequence[str] | None = None) -> None:
    """The job for spark-submit; never returns."""
    parser = argparse.ArgumentParser(
        prog="ingest_events", description=__doc__, epilog="example: python -m jobs.ingest_events --dataset ml-100k"
    )
    parser.add_argument("--dataset", default="files", help="a data set of conf/sources.yaml")
    parser.add_argument("--input", help="directory of the landing contract, for --dataset files")
    parser.add_argument("--known-at", help="the moment all this was learned, ISO 8601 with zone")
    given = parser.parse_args(argv)
    with one_line_errors():
        known_at = parse_instant(given.known_at, "--known-at") if given.known_at else None
        found = inputs.of_dataset(given.dataset, given.input, ADAPTERS[given.dataset].layout)
        spark = open_session("ingest_events")
        try:
            for done in ingest_events(spark, given.dataset, found, known_at):
                print(done)
        finally:
            spark.stop()
    sys.exit(0)


if __name__ == "__main__":
    main()
