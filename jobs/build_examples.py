"""events, titles, profiles, impressions -> examples: what turned out to be worth showing, at several earlier moments.

Each cut is a moment of its own: features, item models and candidates come from what was known at the cut, labels
from the days after it. The first stage has never seen what it is scored on, so the ranker learns how far to trust it.
Where impressions tell what a profile was shown in those days, that is what it did not choose; elsewhere an even draw.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.candidates import CUTS_AT_ONCE, candidate_settings
from conf.days import end_of
from conf.errors import UserMistake
from features.asof import known
from features.daily import complete_counts
from features.labels import played_between
from features.pairs import played_titles
from features.profile import profile_features
from features.sample import fixed_sample, with_history
from features.title import title_features
from jobs.io.snapshot.spark import Dimensions, catalogue_at, item_models, moment_of
from jobs.io.step import day_job
from jobs.io.tables import spark as tables
from models.rankers.examples import SCHEMA, example_batches


@dataclass(frozen=True)
class Log:
    """What was known at the end of the run date, held in memory while the cuts are taken from it."""

    events: DataFrame
    counts: DataFrame
    profiles: DataFrame
    impressions: DataFrame
    dimensions: Dimensions


def build_examples(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`: the newest cuts will also judge, so they keep every candidate."""
    horizon = timedelta(days=candidate_settings().horizon_days)
    cuts = [ds - horizon * k for k in range(1, candidate_settings().cuts + 1)]
    log = _log(spark, ds)
    judged = cuts[: candidate_settings().judged_cuts]
    with ThreadPoolExecutor(
        CUTS_AT_ONCE
    ) as pool:  # one cut is planned on the driver while another one runs
        frames = list(pool.map(lambda cut: _cut(log, cut, cut + horizon, cut in judged), cuts))
    try:
        tables.replace_day(spark, "examples", ds, reduce(DataFrame.unionByName, frames))
    except tables.NothingToWrite:
        raise UserMistake(
            f"--ds {ds}: no profile with a history played anything new in the {len(cuts)} cuts before it, "
            "so there are no training rows; choose a later day or land a longer log"
        ) from None
    return _summary(tables.read_day(spark, "examples", ds))


def _log(spark: SparkSession, ds: date) -> Log:
    events = known(tables.read(spark, "events"), end_of(ds)).persist()
    counts = complete_counts(events, tables.read(spark, "daily_counts"), end_of(ds)).persist()
    impressions = known(tables.read(spark, "impressions"), end_of(ds)).persist()
    return Log(
        events, counts, tables.read(spark, "profiles").persist(), impressions, Dimensions(spark)
    )


def _cut(log: Log, cut: date, until: date, judged: bool) -> DataFrame:
    as_of = end_of(cut)
    asked = with_history(_labels(log.events, as_of, end_of(until)), log.events, as_of)
    asked = fixed_sample(asked, candidate_settings().profiles_per_cut).persist()
    profiles = profile_features(log.events, log.profiles, as_of, only=asked).join(
        asked, "profile_id"
    )
    queries = profiles.join(_shown(log.impressions, as_of, end_of(until)), "profile_id", "left")
    counts = log.counts.where(
        F.col("ds") <= F.lit(cut)
    )  # partials are keyed by the day they were learned
    catalogue = catalogue_at(
        log.dimensions, title_features(counts, log.dimensions.titles, as_of), as_of
    )
    moment = moment_of(catalogue, item_models(played_titles(log.events, as_of), catalogue), as_of)
    rows = queries.mapInArrow(
        example_batches(moment, candidate_settings().negatives_per_query, judged), SCHEMA
    )
    return rows.withColumn("cut_at", F.lit(as_of)).withColumn(
        "split", F.lit("judged" if judged else "train")
    )


def _labels(events: DataFrame, after: datetime, until: datetime) -> DataFrame:
    played = played_between(events, after, until)
    return played.groupBy("profile_id").agg(F.array_sort(F.collect_set("title_id")).alias("labels"))


def _shown(impressions: DataFrame, after: datetime, until: datetime) -> DataFrame:
    """The titles each profile was shown and the best place of each: columns counted on through the rows."""
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
