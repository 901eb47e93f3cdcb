"""events, titles, profiles -> examples: what was shown to be worth showing, at several earlier moments.

Each cut is a moment of its own: features, item models and candidates come from what was known at the cut, labels
from the days after it. The first stage has never seen what it is scored on, so the ranker learns how far to trust it.
"""

from datetime import date, timedelta

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.candidates import candidate_settings
from conf.days import end_of
from conf.errors import UserMistake
from features.asof import known
from features.daily import complete_counts
from features.labels import played_between
from features.member import profile_features
from features.title import title_features
from jobs.io import tables
from jobs.io.command import day_job
from jobs.io.moments import catalogue_at, item_models, moment_of
from models.examples import SCHEMA, example_rows


def build_examples(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`: the newest cut validates, the earlier ones train."""
    horizon = timedelta(days=candidate_settings().horizon_days)
    cuts = [ds - horizon * k for k in range(1, candidate_settings().cuts + 1)]
    frames = [_cut(spark, cut, cut + horizon, ds, cut == cuts[0]) for cut in cuts]
    found = [frame for frame in frames if frame is not None]
    if not found:
        raise UserMistake(f"--ds {ds}: no profile with a history played anything new in the {len(cuts)} cuts before it, "
                          "so there are no training rows; choose a later day or land a longer log")
    examples = found[0]
    for frame in found[1:]:
        examples = examples.unionByName(frame)
    tables.replace_day(spark, "examples", ds, examples)
    return _summary(tables.read_day(spark, "examples", ds))


def _cut(spark: SparkSession, cut: date, until: date, ds: date, newest: bool) -> DataFrame | None:
    as_of = end_of(cut)
    learned = known(tables.read(spark, "events"), end_of(ds))
    labels = played_between(learned, as_of, end_of(until)).groupBy("profile_id").agg(
        F.array_sort(F.collect_set("title_id")).alias("labels"))
    profiles = profile_features(learned, tables.read(spark, "profiles"), as_of).persist()
    queries = _sampled(profiles.join(labels, "profile_id"))
    if queries.isEmpty():
        return None
    counts = complete_counts(tables.read(spark, "events"), tables.read(spark, "daily_counts"), as_of)
    catalogue = catalogue_at(spark, title_features(counts, tables.read(spark, "titles"), as_of), as_of)
    moment = moment_of(catalogue, item_models(profiles, catalogue), as_of)
    rows = queries.mapInArrow(example_rows(moment, None if newest else candidate_settings().negatives_per_query), SCHEMA)
    return rows.withColumn("cut_at", F.lit(as_of)).withColumn("split", F.lit("valid" if newest else "train"))


def _sampled(queries: DataFrame) -> DataFrame:
    """A fixed sample of profiles, the same whatever the order of rows."""
    drawn = F.xxhash64("profile_id")
    return queries.where(F.size("history") > 0).orderBy(drawn, "profile_id").limit(candidate_settings().profiles_per_cut)


def _summary(examples: DataFrame) -> str:
    n, positives, queries = examples.agg(
        F.count(F.lit(1)), F.sum("label"), F.count_distinct("cut_at", "profile_id")).first()
    return f"{n} rows, {positives} played, {queries} queries"


if __name__ == "__main__":
    day_job("build_examples", __doc__, build_examples)
