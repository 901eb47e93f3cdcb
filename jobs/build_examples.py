"""events, titles, profiles, impressions -> examples: what turned out to be worth showing, at several earlier moments.

Each cut is a moment of its own: features, item models and candidates come from what was known at
the cut, labels from the days after it. The first stage has never seen what it is scored on, so the
ranker learns how far to trust it. Labels say after how many days a title was played, so that whoever
judges a cut can leave out what came later. Where impressions tell what a profile was shown in those days,
that is what it did not choose; elsewhere an even draw.
"""
# Tested by tests/jobs/test_offline_days.py.

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.candidates import CUTS_AT_ONCE, candidate_settings
from conf.days import end_of
from conf.errors import UserMistake
from features.labels import played_between
from jobs.io.snapshot.past_log import PastLog
from jobs.io.step import day_job
from jobs.io.tables import spark as tables
from models.rankers.examples import SCHEMA, example_batches


def build_examples(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`; the newest cuts also judge, so they keep every candidate."""
    settings = candidate_settings()
    step, horizon = timedelta(days=settings.step_days), timedelta(days=settings.horizon_days)
    cuts = [ds - step * k for k in range(1, settings.cuts + 1)]
    log = PastLog(spark, ds)
    began = log.counts.agg(F.min("event_day")).collect()[0][0]
    cuts = [cut for cut in cuts if began and cut >= began] or cuts[:1]
    impressions = log.impressions.persist()
    judged = settings.judged(cuts)
    with ThreadPoolExecutor(
        CUTS_AT_ONCE
    ) as pool:  # one cut is planned on the driver while another one runs
        frames = list(
            pool.map(
                lambda cut: _cut(log, impressions, cut, min(cut + horizon, ds), cut in judged), cuts
            )
        )
    try:
        tables.replace_day(spark, "examples", ds, reduce(DataFrame.unionByName, frames))
    except tables.NothingToWrite:
        raise UserMistake(
            f"--ds {ds}: no profile with a history played anything new in the "
            f"{len(cuts)} cuts before it, so there are no training rows; choose a later day or land a longer log"
        ) from None
    return _summary(tables.read_day(spark, "examples", ds))


def _cut(log: PastLog, impressions: DataFrame, cut: date, until: date, judged: bool) -> DataFrame:
    as_of = end_of(cut)
    snapshot = log.at(as_of)
    labels = _labels(log.events, as_of, end_of(until))
    sample = snapshot.sample(labels, candidate_settings().profiles_per_cut)
    profiles = snapshot.profile_features(sample).join(sample, "profile_id")
    queries = profiles.join(_shown(impressions, as_of, end_of(until)), "profile_id", "left")
    batches = example_batches(snapshot.moment(), candidate_settings(), judged)
    rows = queries.mapInArrow(batches, SCHEMA)
    return rows.withColumn("cut_at", F.lit(as_of)).withColumn(
        "split", F.lit("judged" if judged else "train")
    )


def _labels(events: DataFrame, after: datetime, until: datetime) -> DataFrame:
    played = played_between(events, after, until)
    label = F.struct("title_id", "played_days")
    return played.groupBy("profile_id").agg(F.array_sort(F.collect_list(label)).alias("labels"))


def _shown(impressions: DataFrame, after: datetime, until: datetime) -> DataFrame:
    """The titles each profile was shown and the best position of each.

    Positions count the columns on through the rows.
    """
    at, settings = F.col("shown_at"), candidate_settings()
    row = F.least(F.col("row_position"), F.lit(settings.shown_rows)) - 1
    column = F.least(F.col("column_position"), F.lit(settings.shown_columns))
    cells = impressions.where((at > F.lit(after)) & (at <= F.lit(until)))
    best = cells.groupBy("profile_id", "title_id").agg(
        F.min(row * settings.shown_columns + column).alias("place")
    )
    return best.groupBy("profile_id").agg(
        F.array_sort(F.collect_list(F.struct("title_id", "place"))).alias("shown")
    )


def _summary(examples: DataFrame) -> str:
    queries = F.count_distinct("cut_at", "profile_id")
    row = examples.agg(
        F.count("*").alias("n"), F.sum("label").alias("played"), queries.alias("queries")
    ).collect()[0]
    return f"{row['n']} rows, {row['played']} played, {row['queries']} queries"


if __name__ == "__main__":
    day_job("build_examples", __doc__, build_examples)
