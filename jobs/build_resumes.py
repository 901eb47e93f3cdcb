"""events, impressions, titles, profiles -> resumes: what could be gone on with on earlier days, and what was.

Each cut is the end of a day: histories and titles are as known then, labels are the plays of the
day after. Where the row was on a page, the rows say which titles came into view and where.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.candidates import CUTS_AT_ONCE
from conf.days import end_of
from conf.resumes import resume_settings
from features.asof import known_records
from features.context import context_features
from features.labels import plays
from jobs.io.experiments.added_kinds import reader_rows
from jobs.io.snapshot.past_log import PastLog
from jobs.io.step import day_job
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from models.rankers.continue_watching.examples import SCHEMA, resume_batches

NO_WATCH_TIMES = "no watch times"
PROFILES_AT_ONCE = 2000


def build_resumes(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`, or none where the log has no watch times.

    Without them there is nothing to go on with.
    """
    if (
        known_records(tables.read(spark, "events"), end_of(ds))
        .where(plays() & F.col("watched_seconds").isNotNull())
        .isEmpty()
    ):
        tables.forget_day(spark, "resumes", ds)
        return NO_WATCH_TIMES
    log = PastLog(spark, ds)
    impressions = log.impressions.where(_in_the_row()).persist()
    cuts = [ds - timedelta(days=k) for k in range(1, resume_settings().cuts + 1)]
    with ThreadPoolExecutor(
        CUTS_AT_ONCE
    ) as pool:  # one cut is planned on the driver while another one runs
        made = pa.concat_tables(pool.map(lambda cut: _cut(log, impressions, cut), cuts))
    if not made.num_rows:
        tables.forget_day(spark, "resumes", ds)
        return f"nobody with something to go on with came in the {len(cuts)} days before"
    return f"{tables.replace_day(spark, 'resumes', ds, spark.createDataFrame(made))} rows"


def no_watch_times(ds: date) -> str | None:
    """Why there is nothing to do, known without Spark.

    No play had a watch time, and no earlier run left a partition.
    """
    timed = ("kind = 'play'", "watched_seconds IS NOT NULL")
    return (
        None
        if arrow_tables.has_day("resumes", ds)
        or arrow_tables.any_record_known("events", end_of(ds), *timed)
        else NO_WATCH_TIMES
    )


def _in_the_row() -> "F.Column":
    return F.col("row_id").isin(reader_rows().ordered_by("resume"))


def _cut(log: PastLog, impressions: DataFrame, cut: date) -> pa.Table:
    """The rows of one cut, on the driver: they are a sample, so few.

    Each cut is planned apart, since one plan of all takes minutes.
    """
    as_of, until = end_of(cut), end_of(cut + timedelta(days=1))
    snapshot = log.at(as_of)
    visits = _day_after(log.events, impressions, cut)
    sample = snapshot.sample(visits, resume_settings().profiles_per_cut)
    profiles = snapshot.profile_features(sample).join(sample, "profile_id")
    make_rows = resume_batches(snapshot.catalogue(), context_features(until), PROFILES_AT_ONCE)
    rows = profiles.mapInArrow(make_rows, SCHEMA)
    return rows.withColumn("cut_at", F.lit(as_of)).toArrow()


def _day_after(events: DataFrame, impressions: DataFrame, cut: date) -> DataFrame:
    """For each profile that came: its plays in order, those from the row, and the cells in view."""
    played = _on_the_day_after(events, "event_at", cut).where(plays())
    order = F.struct("event_at", "event_id", "title_id")
    titles = F.transform(F.array_sort(F.collect_list(order)), lambda play: play["title_id"])
    taken = F.collect_set(F.when(_in_the_row(), F.col("title_id")))
    shown = _on_the_day_after(impressions, "shown_at", cut)
    cells = F.collect_list(F.struct("title_id", "row_position", "column_position"))
    return (
        played.groupBy("profile_id")
        .agg(titles.alias("played"), taken.alias("taken"))
        .join(shown.groupBy("profile_id").agg(cells.alias("shown")), "profile_id", "full")
    )


def _on_the_day_after(log: DataFrame, instant: str, cut: date) -> DataFrame:
    until = end_of(cut + timedelta(days=1))
    return log.where((F.col(instant) > F.lit(end_of(cut))) & (F.col(instant) <= F.lit(until)))


if __name__ == "__main__":
    day_job("build_resumes", __doc__, build_resumes, idle=no_watch_times)
