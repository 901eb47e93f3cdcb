"""Landed files -> events, titles, profiles, availability, artwork, impressions; broken records ->
quarantine.
"""

import argparse
import fcntl
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.contracts import contract
from conf.days import parse_instant
from conf.errors import Retryable
from conf.landing import FACT_TIMES
from conf.settings import load_settings
from conf.sources import dataset as dataset_of
from features.sources import identity
from features.sources.shape import shaped
from jobs.io.landing import files as inputs
from jobs.io.landing import quarantine
from jobs.io.landing.files import Landing
from jobs.io.landing.quarantine import Receipt, Span
from jobs.io.landing.records import records
from jobs.io.session import open_session
from jobs.io.step import one_line_errors
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables

Say = Callable[[str], None]


def adapter_of(dataset: str) -> Any:
    """The module of features/sources that reads a data set: its `layout` and `translated`."""
    name = dataset_of(dataset).adapter or dataset.replace("-", "_")
    return import_module(f"features.sources.{name}")


def files_to_land(dataset: str, folder: str | None, say: Say = print) -> list[Landing]:
    """What there is to land, each file checked as a whole; needs no Spark. An unknown data set
    lists the known ones.
    """
    return inputs.of_dataset(dataset, folder, adapter_of(dataset).layout, say)


def land(
    dataset: str, landings: Sequence[Landing], known_at: datetime | None = None, say: Say = print
) -> list[Receipt]:
    """Land files in a session of its own, one landing at a time; where all were landed before, none
    is opened.
    """
    with _alone():
        before = quarantine.receipts()
        if all((x.table, x.landing_id) in before for x in landings):
            return [quarantine.again(before[x.table, x.landing_id], x.file) for x in landings]
        say("starting Spark")
        spark = open_session("ingest_events")
        try:
            return ingest_events(spark, dataset, landings, known_at, say)
        finally:
            spark.stop()


@contextmanager
def _alone() -> Iterator[None]:
    """Two landings at once could both find the same record new; the lock goes with its process."""
    home = load_settings().home_path
    home.mkdir(parents=True, exist_ok=True)
    with (home / "landing.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Retryable("another landing is running; wait until it is done") from None
        yield


def ingest_events(
    spark: SparkSession,
    dataset: str,
    landings: Sequence[Landing],
    known_at: datetime | None = None,
    say: Say = print,
) -> list[Receipt]:
    """Land files and return one receipt for each. Every file is read and judged before the first
    table changes.

    Killed at any moment and run again it ends the same: records are compared with what is there by
    content, and the receipts, which make a landed file known without reading it, are written last.
    """
    before = quarantine.receipts()
    todo = [x for x in landings if (x.table, x.landing_id) not in before]
    again = [
        quarantine.again(before[x.table, x.landing_id], x.file) for x in landings if x not in todo
    ]
    done: list[Receipt] = []
    with ExitStack() as stack:
        parts = {}
        for table in dict.fromkeys(x.table for x in todo):
            say(f"reading {table}")
            table_landings = [x for x in todo if x.table == table]
            rows = _hold(_rows(spark, dataset, table, table_landings, known_at), stack)
            parts[table] = (table_landings, rows, quarantine.refuse_whole(rows, table))
        moment = known_at or _newest(
            [span.known_until for name, (_, _, span) in parts.items() if name == "events"]
        )
        verdicts = {}
        for table, (table_landings, rows, span) in parts.items():
            say(f"comparing {table}")
            verdicts[table] = _hold(_judged(spark, table, rows, span, moment), stack)
            done += quarantine.receipts_of(verdicts[table], table_landings, dataset)
            rows.unpersist()
        for table, frame in verdicts.items():
            say(f"writing {table}")
            receipts = [receipt for receipt in done if receipt.target_table == table]
            if any(receipt.accepted_count for receipt in receipts):
                _append(spark, dataset, table, frame)
            if any(receipt.rejected_count for receipt in receipts):
                quarantine.quarantine(spark, table, frame)
        quarantine.keep(spark, done)
    return done + again


def _hold(frame: DataFrame, stack: ExitStack) -> DataFrame:
    frame.persist()
    stack.callback(frame.unpersist)
    return frame


def _rows(
    spark: SparkSession,
    dataset: str,
    table: str,
    landings: Sequence[Landing],
    known_at: datetime | None,
) -> DataFrame:
    chunks = [chunk for landing in landings for chunk in landing.chunks]
    texts = records(spark, table, chunks)
    translation = adapter_of(dataset).translated(table, texts)
    return shaped(translation, table, known_at)


def _newest(now: Sequence[datetime | None]) -> datetime | None:
    """The newest moment at which an event was learned, landed now or before: what "now" means to a
    log.
    """
    moments = [moment for moment in now if moment is not None]
    if arrow_tables.was_written("events"):
        stored = arrow_tables.sql("SELECT max(known_at) AS newest FROM events")
        moments += [moment for moment in stored["newest"].to_pylist() if moment is not None]
    in_utc = [moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in moments]
    return max(in_utc, default=None)


def _judged(
    spark: SparkSession, table: str, rows: DataFrame, span: Span, moment: datetime | None
) -> DataFrame:
    landed = tables.read(spark, table)
    if table not in FACT_TIMES:
        return identity.versions(rows, table, landed, moment)
    if span.happened_from is None or not tables.exists(spark, table):
        return identity.facts(rows, table, None)
    # a fact is learned on the day it happened or later, so no earlier partition can hold it
    return identity.facts(rows, table, landed.where(F.col("ds") >= F.lit(span.happened_from)))


def _append(spark: SparkSession, dataset: str, table: str, verdicts: DataFrame) -> None:
    rows = verdicts.where(F.col("fate") == identity.NEW).withColumn("source", F.lit(dataset))
    if table in FACT_TIMES:
        rows = rows.withColumn("ds", F.to_date("known_at")).hint("rebalance", F.col("ds"))
    else:
        rows = rows.hint("rebalance")
    if table == "events":
        rows = rows.withColumn("event_id", F.col("content_id"))
    names = [name for name in contract(table).columns if name in rows.columns]
    tables.append(spark, table, rows.select(*names), f"landing {dataset}")


def main(argv: Sequence[str] | None = None) -> None:
    """The job for spark-submit, and the same work that `frontrow land` does; never returns."""
    parser = argparse.ArgumentParser(
        prog="ingest_events",
        description=__doc__,
        epilog="example: python -m jobs.ingest_events --dataset ml-100k",
    )
    parser.add_argument("--dataset", default="files", help="a data set of conf/sources.yaml")
    parser.add_argument("--input", help="directory of the landing contract, for --dataset files")
    parser.add_argument("--known-at", help="the moment all this was learned, ISO 8601 with zone")
    arguments = parser.parse_args(argv)
    with one_line_errors():
        known_at = parse_instant(arguments.known_at, "--known-at") if arguments.known_at else None
        for receipt in land(
            arguments.dataset, files_to_land(arguments.dataset, arguments.input), known_at
        ):
            print(receipt)
    sys.exit(0)


if __name__ == "__main__":
    main()
