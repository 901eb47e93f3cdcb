"""impressions, events -> policies: the policy that chooses artwork, learned day by day.

A batch loop learns in steps: the policy is fixed until the next run, and the plays that its artwork
leads to are known only then.
"""

from datetime import date, timedelta

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.artwork import artwork_settings
from conf.days import end_of
from conf.keys import sha256_text
from features.artwork import first_plays, picture_cells, some_profiles
from features.asof import known_records
from jobs.io.code_version import code_version
from jobs.io.snapshot.spark import SparkSnapshot
from jobs.io.step import day_job
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from models.artwork.learning import LearnedPolicy, learn_policy
from models.artwork.package import packed_policy
from models.artwork.training_log import LogTables, TrainingLog, training_log
from models.catalogue.arrays import Catalogue

IDLE = "no artwork to choose from"
MOST_CELLS = (
    4_000_000  # or first plays, that the driver learns from; beyond it a fixed sample of profiles
)


def update_policies(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`: one policy, learned from the days up to it.

    None where no title has artwork.
    """
    as_of = end_of(ds)
    if known_records(tables.read(spark, "artwork"), as_of).isEmpty():
        tables.forget_day(spark, "policies", ds)
        return IDLE
    catalogue = SparkSnapshot(spark, as_of).catalogue()
    log = _training_log(spark, ds, catalogue)
    pools = catalogue.gallery.pools
    learned_policy = learn_policy(log, catalogue.genre_matrix, pools, artwork_settings())
    version = _write(spark, ds, learned_policy)
    metrics = learned_policy.metrics
    return (
        f"{version}: {metrics['impressions']:.0f} impressions,"
        f" {metrics['quality_plays']:.0f} quality plays;"
        f" exploration costs {metrics['explore_cost']:.1%} of the take"
    )


def idle(ds: date) -> str | None:
    """Why there is nothing to do, decided without Spark: no artwork and no earlier policy."""
    if arrow_tables.has_day("policies", ds) or arrow_tables.any_record_known("artwork", end_of(ds)):
        return None
    return IDLE


def _training_log(spark: SparkSession, ds: date, catalogue: Catalogue) -> TrainingLog:
    """The impressions of the window that ends with `ds`, on the driver."""
    as_of, learning = end_of(ds), artwork_settings().learning
    events, impressions = tables.read(spark, "events"), tables.read(spark, "impressions")
    cells = picture_cells(
        impressions, events, as_of, learning.window_days, learning.quality_share
    ).persist()
    profiles = tables.read_day(spark, "profile_features", ds)
    plays = profiles.agg(F.sum(F.size("history"))).collect()[0][0]
    share = min(1.0, MOST_CELLS / max(cells.count(), plays or 0, 1))
    log_tables = LogTables(
        cells=_sample(cells, share),
        first_plays=_sample(first_plays(events, as_of), share),
        profiles=_sample(profiles.select("profile_id", "country", "kids"), share),
    )
    cells.unpersist()
    return training_log(
        log_tables, catalogue.gallery, catalogue.genre_matrix, learning.history_prior
    )


def _sample(frame: DataFrame, share: float) -> pa.Table:
    """The rows of a share of the profiles, the same profiles for every frame."""
    sample = frame if share >= 1 else some_profiles(frame, share)
    return sample.orderBy("profile_id").toArrow()


def _write(spark: SparkSession, ds: date, learned_policy: LearnedPolicy) -> str:
    """Replace the partition of `ds` by this policy; its version."""
    policy = packed_policy(learned_policy.policy)
    settings = artwork_settings()
    schema = tables.schema_of(spark, "policies")
    inputs = ["impressions", "events", "titles", "artwork"]
    record = {
        "policy": policy.version,
        "model": policy.text,
        "model_sha256": sha256_text(policy.text),
        "parameters": settings.model_dump_json(),
        "trained_from": ds - timedelta(days=settings.learning.window_days - 1),
        "trained_until": ds,
        "input_versions": tables.versions_of(spark, inputs),
        "code_version": code_version(),
        "metrics": learned_policy.metrics,
        "ds": ds,
    }
    row = tuple(record[name] for name in schema.names)
    tables.replace_day(spark, "policies", ds, spark.createDataFrame([row], schema))
    return policy.version


if __name__ == "__main__":
    day_job("update_policies", __doc__, update_policies, idle=idle)
