"""Landed files -> events, titles, profiles, availability, artwork, impressions; broken records ->
quarantine.
"""

import argparse
import fcntl
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from importlib import import_module
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.contracts import contract
from conf.errors import Retryable
from conf.landing import FACT_TIMES, MOST_REFUSED
from conf.settings import load_settings
from conf.sources import dataset as dataset_of
from features.sources import files, identity
from features.sources.layout import record_ddl
from features.sources.shape import shaped
from features.sources.versions import HELD, NEW
from jobs.io.landing import files as inputs
from jobs.io.landing import log_kept, quarantine, refusal, sound_files
from jobs.io.landing.erased import forget_erased, without_erased
from jobs.io.landing.files import Landing
from jobs.io.landing.log_report import LogReport
from jobs.io.landing.oddities import far_events
from jobs.io.landing.options import LandingOptions, landing_options
from jobs.io.landing.quarantine import Receipt
from jobs.io.landing.records import records
from jobs.io.landing.sound_files import SoundFacts
from jobs.io.landing.summary import Newest, newest_event, summary_of
from jobs.io.serving import releases
from jobs.io.session import open_session
from jobs.io.step import one_line_errors
from jobs.io.tables import fences, rights
from jobs.io.tables import spark as tables
from jobs.io.tables.dimensions import VERSIONED

Say = Callable[[str], None]


def adapter_of(dataset: str) -> Any:
    """The module of features/sources that reads a data set: its `layout` and `translated`."""
    name = dataset_of(dataset).adapter or dataset.replace("-", "_")
    return import_module(f"features.sources.{name}")


def files_to_land(
    dataset: str, folder: str | None, say: Say = print, reading: inputs.Reading | None = None
) -> list[Landing]:
    """What there is to land, each file checked as a whole; needs no Spark. An unknown data set
    lists the known ones.
    """
    return inputs.of_dataset(dataset, folder, adapter_of(dataset).layout, say, reading)


def land(
    dataset: str,
    landings: Sequence[Landing],
    options: LandingOptions | None = None,
    say: Say = print,
    notice: Say = print,
) -> list[Receipt]:
    """Land files in a session of its own, one landing at a time; where all were landed before, none
    is opened.
    """
    options = options or LandingOptions()
    with _alone():
        before = quarantine.whole_receipts(landings)
        if all((x.table, x.landing_id) in before for x in landings):
            return [quarantine.again(before[x.table, x.landing_id], x.file) for x in landings]
        for name in sorted({*(landing.table for landing in landings), "quarantine", "landings"}):
            rights.refuse_unwritable(name)
        say("starting Spark")
        spark = open_session("ingest_events")
        try:
            return ingest_events(spark, dataset, landings, options, say, notice)
        finally:
            spark.stop()


@contextmanager
def _alone() -> Iterator[None]:
    """The second landing of a home is told at once to wait, and not by a fence at its end.

    The lock goes with its process.
    """
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
    options: LandingOptions | None = None,
    say: Say = print,
    notice: Say = print,
) -> list[Receipt]:
    """Land files and return one receipt for each. Every file is read and judged before the first
    table changes. `notice` hears what people have to know.

    Killed at any moment and run again it ends the same: facts are compared with what is there by
    content, versions are made anew without those of the same file and appended where they are not
    there, and the receipts, which make a landed file known without reading it, are written last.
    Every commit goes through a fence taken before anything is read: of two landings, of whatever
    home or machine, that could both find the same record new, the second is refused.
    A file of whose rows the tables have lost some is landed as if it was new, and what is missing
    is added.
    """
    options = options or LandingOptions()
    fence = quarantine.landing_fences(landings)
    before = quarantine.whole_receipts(landings)
    todo = [x for x in landings if (x.table, x.landing_id) not in before]
    again = [
        quarantine.again(before[x.table, x.landing_id], x.file) for x in landings if x not in todo
    ]
    of_table: dict[str, list[Landing]] = {}
    for landing in todo:
        of_table.setdefault(landing.table, []).append(landing)
    done: list[Receipt] = []
    with ExitStack() as stack:
        rows, summaries, quick = {}, {}, {}
        for table, table_landings in of_table.items():
            say(f"reading {table}")
            sound = _sound(dataset, table_landings, options, stack)
            if sound:
                rows[table] = _hold(without_erased(_odd_rows(spark, sound, options)), stack)
                forget_erased(sound.database)
                quick[table], summaries[table] = sound, sound.summary()
                continue
            rows[table] = _hold(
                without_erased(_rows(spark, dataset, table_landings, options)), stack
            )
            summaries[table] = summary_of(rows[table], table)
        report = _report(dataset, todo, options, quick.get("events"))
        if report and report.ratings_are_plays:
            if "events" in quick:
                quick["events"].ratings_as_plays(log_kept.least_stars(report))
            else:
                rows["events"] = log_kept.with_ratings_as_plays(rows["events"], report)
        newest = newest_event(summaries.get("events"))
        verdicts = {}
        for table, table_landings in of_table.items():
            say(f"comparing {table}")
            if table in quick:
                verdicts[table] = identity.rejected(rows[table])
                counts = quarantine.receipts_of(
                    verdicts[table], table_landings, dataset, options.now
                )
                done += quick[table].judge(counts)
                continue
            if table in FACT_TIMES:
                judged = _judged_facts(spark, table, rows[table], summaries[table].happened_from)
            else:
                judged = _judged_versions(
                    spark, rows[table], table_landings, _moment(options, newest, table_landings)
                )
            verdicts[table] = _hold(judged, stack)
            done += quarantine.receipts_of(judged, table_landings, dataset, options.now)
            rows[table].unpersist()
        refusal.stop_at_many(done, verdicts, options.most_refused)
        of_log = report.notices() if report else []
        for line in (*refusal.notices(done), *of_log, *far_events(newest)):
            notice(line)
        inputs.refuse_changed(todo)
        kept = quarantine.with_rows_there(done)
        for table in of_table:
            say(f"writing {table}")
            receipts = [receipt for receipt in done if receipt.target_table == table]
            frame = verdicts[table]
            if table in quick and any(receipt.accepted_count for receipt in receipts):
                tables.ensure(spark, table)
                quick[table].append(dataset, fence[table])
            elif any(receipt.accepted_count or receipt.held_count for receipt in receipts):
                with fences.through(spark, fence[table]):
                    _append(spark, dataset, table, frame)
            if any(receipt.rejected_count for receipt in receipts):
                quarantine.quarantine(spark, table, frame)
        if report:
            log_kept.keep_scale(report)
        quarantine.keep(spark, kept, fence["landings"])
    _let_changes_serve(done, say)
    return done + again


def _let_changes_serve(done: Sequence[Receipt], say: Say) -> None:
    """Let readers obey what was landed of profiles and titles at once, where pages are served.

    The landing is done, whatever happens here: the next tick makes the release that this one could
    not.
    """
    # a refused record too has a version: the one that its profile or title is held to
    landed = {
        receipt.target_table for receipt in done if receipt.accepted_count or receipt.rejected_count
    }
    root = releases.folder_of(load_settings().home_path)
    if not landed & {"profiles", *VERSIONED} or releases.serving_id(root) is None:
        return
    say("letting readers know")
    try:
        import_module("jobs.serve_pages").serve_changes()
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        print(
            f"what was landed does not serve yet ({reason}); the next release has it, or run"
            f" `python -m jobs.serve_pages`",
            file=sys.stderr,
        )


def _moment(
    options: LandingOptions, newest: Newest, landings: Sequence[Landing]
) -> datetime | None:
    """When changes without a date were learned; nobody knows it of a file that was landed before
    and of which rows were lost, and what was learned since may not be older than it.
    """
    if any((x.table, x.landing_id) in quarantine.receipts() for x in landings):
        return options.known_at
    return options.moment(newest.moment)


def _hold(frame: DataFrame, stack: ExitStack) -> DataFrame:
    frame.persist()
    stack.callback(frame.unpersist)
    return frame


def _report(
    dataset: str, todo: Sequence[Landing], options: LandingOptions, events: SoundFacts | None
) -> LogReport | None:
    """What the log is, where its files are of the contract; a data set of its own knows what it is."""
    if not todo or adapter_of(dataset) is not files:
        return None
    return log_kept.report_of(todo, options, events)


def _sound(
    dataset: str, landings: Sequence[Landing], options: LandingOptions, stack: ExitStack
) -> SoundFacts | None:
    """The facts of files that are sound throughout; None for all others, which Spark reads."""
    if adapter_of(dataset) is not files:
        return None
    database = stack.enter_context(sound_files.database())
    return sound_files.sound_facts(landings, database, options.latest)


def _odd_rows(spark: SparkSession, facts: SoundFacts, options: LandingOptions) -> DataFrame:
    """What was set aside of the quick way, shaped as every record is; what is sound of it is added."""
    odd = facts.odd if facts.odd.num_rows else []  # Spark takes no Arrow table without rows
    texts = spark.createDataFrame(odd, record_ddl(facts.table, facts.names))
    rows = identity.with_content_id(shaped(texts, facts.table, options.latest), facts.table)
    if facts.odd.num_rows:
        facts.add(rows.where(F.col("reason").isNull()).toArrow())
    return rows


def _rows(
    spark: SparkSession, dataset: str, landings: Sequence[Landing], options: LandingOptions
) -> DataFrame:
    table = landings[0].table
    chunks = [chunk for landing in landings for chunk in landing.chunks]
    texts = records(spark, table, chunks)
    translation = adapter_of(dataset).translated(table, texts)
    return shaped(translation, table, options.latest)


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


def main(argv: Sequence[str] | None = None) -> None:
    """The job for spark-submit, and the same work that `frontrow land` does; never returns."""
    parser = argparse.ArgumentParser(
        prog="ingest_events",
        description=__doc__,
        epilog="example: python -m jobs.ingest_events --dataset ml-100k",
    )
    parser.add_argument("--dataset", default="files", help="a data set of conf/sources.yaml")
    parser.add_argument("--input", help="directory of the landing contract, for --dataset files")
    parser.add_argument("--map", default="", help="how files of other names and columns are read")
    parser.add_argument("--zone", default="", help="time zone of instants that tell none")
    parser.add_argument("--known-at", help="the moment all this was learned, ISO 8601 with zone")
    parser.add_argument("--now", help="what the clock says, ISO 8601 with zone; default: the clock")
    parser.add_argument(
        "--most-refused",
        type=float,
        default=MOST_REFUSED,
        help="share of a file's records; the landing stops when more are refused",
    )
    arguments = parser.parse_args(argv)
    with one_line_errors():
        options = landing_options(arguments.known_at, arguments.now, arguments.most_refused)
        reading = inputs.reading(arguments.zone, arguments.map)
        landings = files_to_land(arguments.dataset, arguments.input, reading=reading)
        for receipt in land(arguments.dataset, landings, options):
            print(receipt)
    sys.exit(0)


if __name__ == "__main__":
    main()
