"""impressions, events -> policies: what pictures evoke in whom, learned anew from what was known at the end of the day.

A batch loop learns in steps: the policy is fixed until the next run, and what its pictures earn is known only then.
"""

from datetime import date, timedelta

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from conf.artwork import artwork
from conf.days import end_of
from conf.keys import sha256_text
from features.artwork import first_plays, picture_cells, some_profiles
from features.asof import known_records
from jobs.io.code_version import code_version
from jobs.io.snapshot.spark import SparkSnapshot
from jobs.io.step import day_job
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from models.artwork.learning import Learned, learned
from models.artwork.package import written
from models.artwork.training_log import Lessons, lessons
from models.catalogue.arrays import Catalogue

IDLE = "no pictures to choose from"
MOST_CELLS = 4_000_000  # that the driver learns from; beyond it a fixed sample of profiles


def update_policies(spark: SparkSession, ds: date) -> str:
    """Write the partition of `ds`: one policy, learned from the days up to it; none where no title has pictures."""
    as_of, settings = end_of(ds), artwork()
    if known_records(tables.read(spark, "artwork"), as_of).isEmpty():
        tables.forget_day(spark, "policies", ds)
        return IDLE
    catalogue = SparkSnapshot(spark, as_of).catalogue()
    taught = _lessons(spark, ds, catalogue)
    found = learned(
        taught.shown,
        taught.traits,
        taught.frame,
        catalogue.genre_matrix,
        catalogue.gallery.pictures,
        settings,
    )
    _keep(spark, ds, found)
    told = found.metrics
    return (
        f"{written(found.policy).version}: {told['impressions']:.0f} impressions, {told['quality_plays']:.0f} quality"
        f" plays; exploration costs {told['explore_cost']:.1%} of the take"
    )


def idle(ds: date) -> str | None:
    """Why there is nothing to do, known without Spark: no picture was known and no earlier run left a policy."""
    return (
        None
        if arrow_tables.has_day("policies", ds)
        or arrow_tables.any_record_known("artwork", end_of(ds))
        else IDLE
    )


def _lessons(spark: SparkSession, ds: date, catalogue: Catalogue) -> Lessons:
    as_of, learning = end_of(ds), artwork().learning
    events, impressions = tables.read(spark, "events"), tables.read(spark, "impressions")
    cells = picture_cells(
        impressions, events, as_of, learning.window_days, learning.quality_share
    ).persist()
    share = min(1.0, MOST_CELLS / max(cells.count(), 1))
    profiles = tables.read_day(spark, "profile_features", ds).select(
        "profile_id", "country", "kids"
    )
    seen, played, people = (
        _arrow(frame, share) for frame in (cells, first_plays(events, as_of), profiles)
    )
    cells.unpersist()
    return lessons(
        seen,
        played,
        people,
        catalogue.gallery.pictures,
        catalogue.title_ids,
        catalogue.genres,
        catalogue.genre_matrix,
        learning.history_prior,
    )


def _arrow(frame: DataFrame, share: float) -> pa.Table:
    return (frame if share >= 1 else some_profiles(frame, share)).orderBy("profile_id").toArrow()


def _keep(spark: SparkSession, ds: date, found: Learned) -> None:
    policy = written(found.policy)
    schema = tables.schema_of(spark, "policies")
    record = {
        "policy": policy.version,
        "model": policy.text,
        "model_sha256": sha256_text(policy.text),
        "parameters": artwork().model_dump_json(),
        "trained_from": ds - timedelta(days=artwork().learning.window_days - 1),
        "trained_until": ds,
        "input_versions": tables.versions_of(spark, ["impressions", "events", "titles", "artwork"]),
        "code_version": code_version(),
        "metrics": found.metrics,
        "ds": ds,
    }
    row = tuple(record[name] for name in schema.names)
    tables.replace_day(spark, "policies", ds, spark.createDataFrame([row], schema))


if __name__ == "__main__":
    day_job("update_policies", __doc__, update_policies, idle=idle)
