"""Landed files -> events, titles, profiles, availability, artwork, impressions; broken records ->
quarantine.
"""

import argparse
import fcntl
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any

from pyspark.sql import SparkSession

from conf.errors import Retryable
from conf.landing import MOST_REFUSED
from conf.settings import load_settings
from conf.sources import dataset as dataset_of
from features.sources import files
from jobs.io.landing import files as inputs
from jobs.io.landing import log_kept, quarantine, refusal, table_landing
from jobs.io.landing.files import Landing
from jobs.io.landing.log_report import LogReport
from jobs.io.landing.oddities import far_events
from jobs.io.landing.options import LandingOptions, landing_options
from jobs.io.landing.quarantine import Receipt
from jobs.io.landing.sound_files import SoundFacts
from jobs.io.landing.summary import newest_event
from jobs.io.landing.table_landing import TableLanding
from jobs.io.serving import releases
from jobs.io.session import open_session
from jobs.io.step import one_line_errors
from jobs.io.tables import rights
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
    with ExitStack() as stack:
        read = _read(spark, dataset, todo, options, stack, say)
        events = read.get("events")
        report = _report(dataset, todo, options, events.sound if events else None)
        if report and report.ratings_are_plays and events:
            events.take_ratings_as_plays(report)
        newest = newest_event(events.summary if events else None)
        done: list[Receipt] = []
        for table, landing in read.items():
            say(f"comparing {table}")
            done += landing.judge(newest, stack)
        verdicts = {table: landing.verdicts for table, landing in read.items()}
        refusal.stop_at_many(done, verdicts, options.most_refused)
        of_log = report.notices() if report else []
        for line in (*refusal.notices(done), *of_log, *far_events(newest)):
            notice(line)
        inputs.refuse_changed(todo)
        kept = quarantine.with_rows_there(done)
        for table, landing in read.items():
            say(f"writing {table}")
            receipts = [receipt for receipt in done if receipt.target_table == table]
            landing.write(receipts, fence[table])
        if report:
            log_kept.keep_scale(report)
        quarantine.keep(spark, kept, fence["landings"])
    _let_changes_serve(done, say)
    return done + again


def _read(
    spark: SparkSession,
    dataset: str,
    todo: Sequence[Landing],
    options: LandingOptions,
    stack: ExitStack,
    say: Say,
) -> dict[str, TableLanding]:
    """The files of each table, in the order in which their tables come first."""
    read = {}
    for table in dict.fromkeys(landing.table for landing in todo):
        say(f"reading {table}")
        own = [landing for landing in todo if landing.table == table]
        read[table] = table_landing.read(spark, dataset, adapter_of(dataset), own, options, stack)
    return read


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


def _report(
    dataset: str, todo: Sequence[Landing], options: LandingOptions, events: SoundFacts | None
) -> LogReport | None:
    """What the log is, where its files are of the contract; a data set of its own knows what it is."""
    if not todo or adapter_of(dataset) is not files:
        return None
    return log_kept.report_of(todo, options, events)


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
